"""The commands, by name. Other layers add theirs with `register_command`."""

from __future__ import annotations

__all__ = ["COMMANDS", "register_command"]

COMMANDS: dict[str, str] = {
    "envs": "agentgym.cli.envs:envs",
    "play": "agentgym.cli.play:play",
    "rollout": "agentgym.cli.rollout:rollout",
    "eval": "agentgym.cli.eval:evaluate",
    "replay": "agentgym.cli.replay:replay",
    "check": "agentgym.cli.check:check",
    "leaderboard": "agentgym.cli.leaderboard:app",
    "data": "agentgym.cli.data:app",
    "doctor": "agentgym.cli.doctor:doctor",
}


def register_command(name: str, entry_point: str) -> None:
    """Add a command to the `agentgym` command line.

    Args:
        name: The word after `agentgym`.
        entry_point: "module:function" or "module:typer_app"; its module must import fast.
    """
    COMMANDS[name] = entry_point
