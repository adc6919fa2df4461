"""Options that several leaderboard commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Store"]

Store = Annotated[
    str | None,
    typer.Option(
        help="SQLite file or database URL. Default: $AGENTGYM_STORE, else ./runs/leaderboard.sqlite."
    ),
]
