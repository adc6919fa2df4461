"""Two thirds of the average: who guesses best how the others guess?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialState, UndealtGame, whole_number
from envs.games.social.speech import Speech

__all__ = ["TwoThirds", "TwoThirdsState"]

_HIGHEST: Final = 100

_RULES = """\
{players} players play {rounds} rounds. In each round all name a whole number from 0 to 100 at the same \
time, as "name N". Whoever is closest to two thirds of the average of all numbers wins a point; those \
who are equally close share it. Your score is the number of your points, divided by the number of rounds."""


class TwoThirds(UndealtGame):
    """Name a number.

    Args:
        players: Number of players, at least 2.
        rounds: Number of rounds.
    """

    def __init__(self, players: int = 3, rounds: int = 3) -> None:
        self.params = {
            "players": whole_number(players, "players", 2, 10),
            "rounds": whole_number(rounds, "rounds", 1, 100),
        }
        self.rules = _RULES.format(players=players, rounds=rounds)
        self.facts = GameFacts(
            name="two_thirds",
            title="Two thirds of the average",
            seats=players,
            utility="zero_sum",
            least=0.0,
            most=1.0,
            par=1 / players - 1e-9,  # an equal share is enough
            longest=rounds * players,
            chance=False,
            hidden=True,
            simultaneous=True,
        )

    def start(self, chance: np.random.Generator) -> TwoThirdsState:
        """Start a play."""
        return TwoThirdsState(None, chance, self.params["players"], self.params["rounds"])

    def expert(self, state: TwoThirdsState, seat: int, rng: np.random.Generator) -> str:
        """Aim at two thirds of what the others said last, or of 50, as if they said it again."""
        return f"name {state.answer(seat)}"


class TwoThirdsState(SocialState):
    """One play: the numbers of every round, and the points."""

    def __init__(self, deal: Any, chance: np.random.Generator, players: int, rounds: int) -> None:
        super().__init__(deal, chance)
        self._players, self._rounds = players, rounds
        self._named: list[list[int]] = []
        self._points = [0.0] * players

    def actors(self) -> tuple[int, ...]:
        """Everybody, in every round."""
        return tuple(range(self._players)) if len(self._named) < self._rounds else ()

    def moves(self, seat: int) -> tuple[str, ...]:
        """Name a number from 0 to 100."""
        return tuple(f"name {n}" for n in range(_HIGHEST + 1))

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Close a round."""
        named = [int(spoken[seat].move.removeprefix("name ")) for seat in self.actors()]
        distance = [
            abs(3 * self._players * n - 2 * sum(named)) for n in named
        ]  # whole numbers: ties are exact
        winners = [seat for seat, d in enumerate(distance) if d == min(distance)]
        for seat in winners:
            self._points[seat] += 1 / len(winners)
        self._named.append(named)

    def returns(self) -> tuple[float, ...]:
        """The share of the points."""
        return tuple(points / self._rounds for points in self._points)

    def secret(self, seat: int) -> Any:
        """There is none but the others' numbers of the same round, which nobody has named yet."""
        return None

    def describe(self, seat: int) -> str:
        """The round, and the points."""
        points = ", ".join(f"player {k} {own:.4g}" for k, own in enumerate(self._points))
        number = min(len(self._named) + 1, self._rounds)
        return f"Round {number} of {self._rounds}. You are player {seat}. Points: {points}."

    def answer(self, seat: int) -> int:
        """The number x that is two thirds of the average of x and what the others named last."""
        others = [n for k, n in enumerate(self._named[-1]) if k != seat] if self._named else None
        total = sum(others) if others else 50 * (self._players - 1)
        return round(2 * total / (3 * self._players - 2))
