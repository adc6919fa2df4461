"""What a submitter says on the command line, read into what stands in a submission's header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["words"]


def words(
    name: str | None,
    description: str | None,
    card: Path | None,
    curve: Path | None,
    reproduces: str | None,
) -> dict[str, Any]:
    """Return what was said, files read; what was not said is left out.

    Raises:
        ArgumentError: A file cannot be read.
    """
    from agentgym.errors import ArgumentError
    from agentgym.leaderboard.submit import read_curve

    said: dict[str, Any] = {"name": name, "description": description, "reproduces": reproduces}
    if card is not None:
        try:
            said["card"] = card.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"{card} is no readable model card: {error}.") from error
    if curve is not None:
        said["curve"] = read_curve(curve)
    return {key: value for key, value in said.items() if value is not None}
