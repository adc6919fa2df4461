"""The command line. One file per command in this folder; each file holds the interface and no logic."""

from __future__ import annotations

import importlib
import sys

import typer

from agentgym.cli.commands import COMMANDS
from agentgym.errors import AgentGymError

__all__ = ["build_app", "main"]


def build_app() -> typer.Typer:
    """Assemble the command line from the registered commands."""
    app = typer.Typer(
        name="agentgym",
        help="Agentic tasks in text: play, train, evaluate, and a leaderboard that verifies.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, entry_point in COMMANDS.items():
        module, attribute = entry_point.split(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Run the command line; a mistake of the user is one line on standard error and exit status 2."""
    try:
        build_app()()
    except AgentGymError as error:
        print(f"agentgym: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
