"""The commands, by name. Other layers add theirs with `register_command`."""

from __future__ import annotations

__all__ = ["COMMANDS", "register_command"]

COMMANDS: dict[str, str] = {
    "check": "agentgym.cli.check:check",
    "replay": "agentgym.cli.replay:replay",
    "eval": "agentgym.cli.eval:evaluate",
    "leaderboard": "agentgym.cli.leaderboard:app",
}


def register_command(name: str, entry_point: str) -> None:
    """Add a command to the `agentgym` command line.

    Args:
        name: The word after `agentgym`.
        entry_point: "module:function" or "module:typer_app"; its module must import fast.
    """
    COMMANDS[name] = entry_point
