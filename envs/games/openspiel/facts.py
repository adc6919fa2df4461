"""What OpenSpiel knows of a game, as `GameFacts`."""

from __future__ import annotations

from typing import Any

from agentgym.errors import ArgumentError
from envs.games.openspiel.wording import Wording
from envs.games.protocol import GameFacts, Utility

__all__ = ["facts_of"]

_UTILITIES: dict[str, Utility] = {"ZERO_SUM": "zero_sum", "CONSTANT_SUM": "zero_sum", "IDENTICAL": "common"}


def facts_of(name: str, spiel: Any, wording: Wording | None) -> GameFacts:
    """Collect the facts.

    Args:
        name: Registered name in this suite.
        spiel: The `pyspiel.Game`.
        wording: The words of a curated game.

    Raises:
        ArgumentError: The game is a mean-field game, which has no seats.
    """
    kind = spiel.get_type()
    if kind.dynamics.name == "MEAN_FIELD":
        raise ArgumentError(f"{name} is a mean-field game: nobody sits at it. Choose another game.")
    return GameFacts(
        name=name,
        title=wording.title if wording else kind.long_name,
        seats=int(spiel.num_players()),
        utility=_UTILITIES.get(kind.utility.name, "general_sum"),
        least=float(spiel.min_utility()),
        most=float(spiel.max_utility()),
        par=wording.par if wording else 0.0,
        longest=int(spiel.max_game_length()),
        chance=kind.chance_mode.name != "DETERMINISTIC",
        hidden=kind.information.name == "IMPERFECT_INFORMATION",
        simultaneous=kind.dynamics.name == "SIMULTANEOUS",
    )
