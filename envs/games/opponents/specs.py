"""Specifications of opponents: a word, perhaps with numbers after colons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentgym.errors import ArgumentError, suggest
from envs.games.openspiel import SpielGame
from envs.games.opponents.floor import Expert, First, Uniform
from envs.games.opponents.ismcts import ISMCTS
from envs.games.opponents.mcts import MCTS
from envs.games.opponents.minimax import Minimax
from envs.games.opponents.nash import Nash
from envs.games.opponents.protocol import Player, Strategist, Strategy
from envs.games.opponents.recorded import Recorded
from envs.games.opponents.speakers import AgentPlayer, Callback, Speaker
from envs.games.protocol import TextGame

__all__ = ["OpponentSpec", "make_player", "make_strategy", "opponent_specs"]

OpponentSpec = str | Mapping[str, Any] | Speaker
"""A text such as "mcts:100", {"replay": [texts]}, or a function from observation and facts to a text."""

_MOST = 1_000_000
_SOLVERS: dict[str, tuple[Callable[..., Strategy], int, int, str]] = {
    # kind: (maker, fewest and most numbers after the kind, form)
    "minimax": (Minimax, 0, 0, "minimax"),
    "mcts": (MCTS, 1, 2, "mcts:<simulations>[:<rollouts>]"),
    "ismcts": (ISMCTS, 1, 1, "ismcts:<simulations>"),
    "nash": (Nash, 0, 1, "nash[:<iterations>]"),
    "cfr": (Nash, 0, 1, "cfr[:<iterations>]"),
}


def opponent_specs() -> tuple[str, ...]:
    """List the forms that a text may take."""
    solvers = tuple(form for *_, form in _SOLVERS.values())
    return ("random", "first", "expert", *solvers, "agent:<agent specification>", "self")


def make_strategy(spec: str, game: TextGame) -> Strategy:
    """Make a strategy for a game.

    Args:
        spec: "random", "first", "expert", "minimax", "mcts:<simulations>[:<rollouts>]",
            "ismcts:<simulations>", "nash[:<iterations>]" or "cfr[:<iterations>]".
        game: The game.

    Raises:
        UnknownNameError: There is no such strategy.
        ArgumentError: Its numbers are wrong, or it cannot play the game.
    """
    kind, *numbers = spec.split(":")
    if kind == "expert" and not numbers:
        return Expert(game)
    if kind in ("random", "first") and not numbers:
        return Uniform() if kind == "random" else First()
    if kind not in _SOLVERS:
        raise suggest("opponent", spec, opponent_specs())
    maker, fewest, most, form = _SOLVERS[kind]
    if not isinstance(game, SpielGame):
        raise ArgumentError(
            f"{kind} plays games of OpenSpiel only, not {game.facts.name}. Pass opponent='expert'."
        )
    if not fewest <= len(numbers) <= most or not all(map(_is_number, numbers)):
        raise ArgumentError(
            f"The opponent {spec!r} is misspelt. Its form is {form!r}, with numbers up to {_MOST:,}."
        )
    return maker(game, *map(int, numbers))


def make_player(spec: OpponentSpec, game: TextGame) -> Player:
    """Make a player for another seat.

    Args:
        spec: What `make_strategy` takes, "agent:<agent specification>", {"replay": [texts]} for somebody who
            says what was recorded, or a function. ("self" is the environment's to resolve.)
        game: The game.

    Raises:
        UnknownNameError: There is no such opponent.
        ArgumentError: The specification is wrong, or does not fit the game.
    """
    if isinstance(spec, str):
        if spec.startswith("agent:"):
            return AgentPlayer(spec.removeprefix("agent:"))
        return Strategist(make_strategy(spec, game))
    if isinstance(spec, Mapping):
        texts = spec.get("replay")
        if set(spec) != {"replay"} or not isinstance(texts, (list, tuple)):
            raise ArgumentError(f"The opponent {spec!r} is misspelt. Its form is {{'replay': [texts]}}.")
        if not all(isinstance(text, str) for text in texts):
            raise ArgumentError("A recorded opponent says something that is no text. Pass a list of texts.")
        return Recorded(tuple(texts))
    if callable(spec):
        return Callback(spec)
    raise ArgumentError(f"{spec!r} is no opponent. Pass one of {', '.join(opponent_specs())}.")


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 7 and 1 <= int(digits) <= _MOST
