"""Assemble the command line and run it."""

from __future__ import annotations

import importlib
import sys
import warnings

import typer

import agentgym
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
    app.callback(invoke_without_command=True)(_version)
    for name, entry_point in COMMANDS.items():
        module, attribute = entry_point.split(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _version(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(agentgym.__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; a mistake of the user is one line on standard error and exit status 2."""
    warnings.showwarning = lambda message, *_, **__: typer.echo(f"agentgym: {message}", err=True)
    try:
        build_app()()
    except (AgentGymError, OSError) as error:
        typer.echo(f"agentgym: {error}", err=True)
        sys.exit(2)
