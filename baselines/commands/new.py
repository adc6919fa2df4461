"""`agentgym new`: begin an environment, an estimator, a tool or an agent from one that works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["new"]


def new(
    kind: Annotated[str, typer.Argument(help="env, estimator, tool or agent.")],
    name: Annotated[str, typer.Argument(help="Name of the package, e.g. number-maze.")],
    into: Annotated[Path, typer.Option(help="Folder in which the package's folder is made.")] = Path(),
) -> None:
    """Write a package of your own that works, with its test.

    Example: agentgym new env number-maze
    """
    from baselines.scaffold import create

    folder = create(kind, name, into)
    typer.echo(f"{folder} holds a package that works. It is found wherever it is installed:")
    typer.echo(f"    pip install -e {folder} && pytest {folder}")
