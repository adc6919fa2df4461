"""The commands, and the checkups of `agentgym doctor`, by name. Other layers register theirs."""

from __future__ import annotations

__all__ = ["CHECKUPS", "COMMANDS", "register_checkup", "register_command"]

COMMANDS: dict[str, str] = {
    "envs": "agentgym.cli.envs:envs",
    "play": "agentgym.cli.play:play",
    "rollout": "agentgym.cli.rollout:rollout",
    "eval": "agentgym.cli.eval:evaluate",
    "compare": "agentgym.cli.compare:compare",
    "repeats": "agentgym.cli.repeats:repeats",
    "replay": "agentgym.cli.replay:replay",
    "export": "agentgym.cli.export:export",
    "check": "agentgym.cli.check:check",
    "serve": "agentgym.cli.serve:serve",
    "leaderboard": "agentgym.cli.leaderboard:app",
    "data": "agentgym.cli.data:app",
    "doctor": "agentgym.cli.doctor:doctor",
}

CHECKUPS: dict[str, str] = {}


def register_command(name: str, entry_point: str) -> None:
    """Add a command to the `agentgym` command line.

    Args:
        name: The word after `agentgym`.
        entry_point: "module:function" or "module:typer_app"; its module must import fast.
    """
    COMMANDS[name] = entry_point


def register_checkup(name: str, entry_point: str) -> None:
    """Add a checkup to `agentgym doctor`.

    Args:
        name: What is checked.
        entry_point: "module:function" of a function that takes nothing and says in one line how it went.
    """
    CHECKUPS[name] = entry_point
