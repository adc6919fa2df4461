"""Exact measures of a policy in games small enough to be walked through: value and exploitability.

A policy is a table: for each information state, the probability of each legal action. Kuhn poker has 12
information states, Leduc poker 288 with suits counted as one, liar's dice with three sides 192.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from agentgym.errors import ArgumentError, require

__all__ = [
    "Point",
    "Table",
    "best_response_values",
    "exploitability",
    "information_states",
    "play_value",
    "uniform",
]

Table: TypeAlias = Mapping[str, Sequence[tuple[int, float]]]
"""Information state to the probabilities of its legal actions, each as (action, probability)."""

_MOST_STATES = 200_000


@dataclass(frozen=True, slots=True)
class Point:
    """An information state: all that its player knows when it decides.

    Attributes:
        key: Its name in OpenSpiel.
        player: Who decides.
        legal: The legal actions.
        history: Actions and chance outcomes of one way to it, from the start.
    """

    key: str
    player: int
    legal: tuple[int, ...]
    history: tuple[int, ...]


def information_states(game: Any) -> dict[str, Point]:
    """Find every information state of a game by walking its whole tree.

    Args:
        game: A `pyspiel.Game` whose players move in turn.

    Raises:
        ArgumentError: Players move at the same time, or the tree is too large to be walked.
    """
    _check(game)
    found: dict[str, Point] = {}
    waiting, seen = [game.new_initial_state()], 0
    while waiting:
        state = waiting.pop()
        seen += 1
        if seen > _MOST_STATES:
            raise ArgumentError(
                f"{game} has more than {_MOST_STATES:,} positions: it is too large for exact measures. "
                "Measure it by play."
            )
        if state.is_terminal():
            continue
        if not state.is_chance_node():
            key = state.information_state_string()
            if key not in found:
                legal = tuple(state.legal_actions())
                found[key] = Point(key, state.current_player(), legal, tuple(state.history()))
        waiting += [state.child(action) for action in reversed(state.legal_actions())]
    return found


def uniform(game: Any) -> dict[str, list[tuple[int, float]]]:
    """The policy that takes every legal action with the same probability."""
    return {
        key: [(action, 1 / len(point.legal)) for action in point.legal]
        for key, point in information_states(game).items()
    }


def play_value(game: Any, tables: Sequence[Table]) -> tuple[float, ...]:
    """Expected return of each seat when seat i plays table i, computed over the whole tree.

    Raises:
        ArgumentError: There is not one table for each seat, or one is no policy of this game.
    """
    spiel = _check(game)
    if len(tables) != game.num_players():
        raise ArgumentError(
            f"{len(tables)} tables for {game.num_players()} seats. Pass one for each seat, in order."
        )
    points = information_states(game)
    policies = [_policy(spiel, points, table) for table in tables]
    return tuple(spiel.expected_returns(game.new_initial_state(), policies, -1, True))


def best_response_values(game: Any, table: Table) -> tuple[float, ...]:
    """Expected return of each seat when it plays its best against others who play the table."""
    spiel = _check(game)
    policy = _policy(spiel, information_states(game), table)
    start = game.new_initial_state().history_str()
    seats = range(game.num_players())
    return tuple(spiel.TabularBestResponse(game, seat, policy).value(start) for seat in seats)


def exploitability(game: Any, table: Table) -> float:
    """How much a policy loses on average against an opponent that knows it, both seats in turn.

    (sum over seats of (best response value - value of the policy against itself)) / number of seats; with two
    players and a zero sum it is the mean of the two best response values, and 0 at an equilibrium.
    """
    best, own = best_response_values(game, table), play_value(game, [table] * game.num_players())
    return sum(b - o for b, o in zip(best, own, strict=True)) / len(own)


def _policy(spiel: Any, points: Mapping[str, Point], table: Table) -> Any:
    """Hand a table to OpenSpiel, which believes whatever it is given."""
    for key, point in points.items():
        given = dict(table.get(key, ()))
        if set(given) != set(point.legal) or min(given.values()) < 0 or abs(sum(given.values()) - 1) > 1e-6:
            raise ArgumentError(
                f"The table holds {given} at {key!r}. Expected a probability for each of the actions "
                f"{point.legal}, with sum 1."
            )
    return spiel.TabularPolicy({key: list(table[key]) for key in points})


def _check(game: Any) -> Any:
    spiel = require("pyspiel", extra="games", who="the exact yardsticks")
    if game.get_type().dynamics != spiel.GameType.Dynamics.SEQUENTIAL:
        raise ArgumentError(f"In {game} players move at the same time. Exact measures need turns.")
    return spiel
