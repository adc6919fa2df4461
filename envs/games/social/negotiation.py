"""Free-text negotiation: two players divide a few things that they value differently, and may talk."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialGame, SocialState, whole_number
from envs.games.social.speech import Speech

__all__ = ["Negotiation", "NegotiationState"]

_ITEMS: Final = ("book", "hat", "ball")
_WORTH: Final = 10  # what all things together are worth to each player
_LEAST, _MOST = 5, 7  # things on the table

_RULES = """\
Two players divide the things on the table: books, hats and balls. Each thing has a secret worth for each \
player; all things together are worth 10 to each. The players move in turn, at most {turns} moves in all. \
In your turn, write one of
  propose A book, B hat, C ball   you would get these, the other player the rest
  accept                          take the other player's last proposal
  wait                            only talk
  walk                            end it without a deal
You may put a message to the other player before it: <say>your message</say> accept
With a deal, your score is the worth of what you get, divided by 10. Without one, both get 0."""


class Negotiation(SocialGame):
    """Divide 5 to 7 things of three kinds.

    Args:
        turns: Moves of both players together before it ends without a deal.
    """

    def __init__(self, turns: int = 10) -> None:
        self.params = {"turns": whole_number(turns, "turns", 2, 100)}
        self.rules = _RULES.format(turns=turns)
        self.facts = GameFacts(
            name="talk_negotiation",
            title="Negotiation",
            seats=2,
            utility="general_sum",
            least=0.0,
            most=1.0,
            par=0.0,
            longest=turns,
            chance=True,
            hidden=True,
        )

    def draw(self, chance: np.random.Generator) -> Any:
        """Draw how many there are of each thing, and two ways to value them that sum to 10."""
        while True:
            counts = [int(n) for n in chance.integers(1, _MOST, size=len(_ITEMS))]
            if _LEAST <= sum(counts) <= _MOST:
                ways = _valuations(tuple(counts))
                values = [ways[int(k)] for k in chance.integers(len(ways), size=2)]
                return {"counts": counts, "values": [list(v) for v in values]}

    def begin(self, deal: Any, chance: np.random.Generator) -> NegotiationState:
        """Start a play of a deal."""
        counts = [whole_number(n, "a count", 1, _MOST) for n in deal["counts"]]
        values = [[whole_number(v, "a value", 0, _WORTH) for v in own] for own in deal["values"]]
        if len(counts) != len(_ITEMS) or len(values) != 2 or any(_worth(v, counts) != _WORTH for v in values):
            raise ValueError("the things must be of three kinds and worth 10 to each of two players")
        return NegotiationState({"counts": counts, "values": values}, chance, self.params["turns"])

    def expert(self, state: NegotiationState, seat: int, rng: np.random.Generator) -> str:
        """Ask for much at first and for less as time passes; accept what is as good."""
        return state.concession(seat)


class NegotiationState(SocialState):
    """One play: whose turn it is, and the proposal on the table."""

    silence = "wait"

    def __init__(self, deal: Any, chance: np.random.Generator, turns: int) -> None:
        super().__init__(deal, chance)
        self._turns, self._turn, self._over = turns, 0, False
        self._asked: tuple[int, ...] | None = None  # what the other player wants to have
        self._shares: tuple[tuple[int, ...], ...] | None = None

    def actors(self) -> tuple[int, ...]:
        """The players take turns."""
        return () if self._over or self._turn >= self._turns else (self._turn % 2,)

    def moves(self, seat: int) -> tuple[str, ...]:
        """Every division, and what ends the talks."""
        proposals = tuple(_proposal(taken) for taken in _divisions(self.deal["counts"]))
        return (*proposals, *(("accept",) if self._asked is not None else ()), "wait", "walk")

    def talks(self, seat: int) -> bool:
        """Talk is what it is about."""
        return True

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Make a move."""
        ((seat, (move, _)),) = spoken.items()
        self._turn += 1
        if move == "walk":
            self._over = True
        elif move == "accept" and self._asked is not None:
            rest = self._rest(self._asked)
            self._shares = (rest, self._asked) if seat == 0 else (self._asked, rest)
            self._over = True
        elif move != "wait":
            self._asked = tuple(int(part.split()[0]) for part in move.removeprefix("propose ").split(", "))

    def returns(self) -> tuple[float, ...]:
        """The worth of the shares; 0 without a deal."""
        if self._shares is None:
            return (0.0, 0.0)
        return tuple(self._value(seat, share) / _WORTH for seat, share in enumerate(self._shares))

    def secret(self, seat: int) -> Any:
        """The things and what they are worth to this player."""
        return [self.deal["counts"], self.deal["values"][seat]]

    def describe(self, seat: int) -> str:
        """What is on the table, and what it is worth."""
        counts, values = self.deal["counts"], self.deal["values"][seat]
        table = ", ".join(f"{n} {item}" for n, item in zip(counts, _ITEMS, strict=True))
        worth = ", ".join(f"a {item} {v}" for v, item in zip(values, _ITEMS, strict=True))
        return f"On the table: {table}. Worth to you: {worth}. Moves left: {self._turns - self._turn}."

    def agreed(self) -> bool | None:
        """Whether a proposal was accepted."""
        return self._shares is not None

    def outcomes(self) -> list[tuple[float, ...]]:
        """Every division, and no deal."""
        shared = [(taken, self._rest(taken)) for taken in _divisions(self.deal["counts"])]
        return [(0.0, 0.0), *((self._value(0, a) / _WORTH, self._value(1, b) / _WORTH) for a, b in shared)]

    def concession(self, seat: int) -> str:
        """Return the expert's move: its demand falls from 10 to 4 as the moves run out."""
        left = self._turns - self._turn
        demand = 4 + 6 * max(0, left - 2) / max(1, self._turns - 2)
        offered = 0 if self._asked is None else self._value(seat, self._rest(self._asked))
        if offered >= demand or (left == 1 and offered > 0):
            return "accept"
        fair = [t for t in _divisions(self.deal["counts"]) if self._value(seat, t) >= demand]
        return _proposal(min(fair, key=lambda taken: (sum(taken), -self._value(seat, taken))))

    def _value(self, seat: int, share: tuple[int, ...]) -> int:
        return _worth(self.deal["values"][seat], share)

    def _rest(self, taken: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(n - t for n, t in zip(self.deal["counts"], taken, strict=True))


def _proposal(taken: tuple[int, ...]) -> str:
    return "propose " + ", ".join(f"{n} {item}" for n, item in zip(taken, _ITEMS, strict=True))


def _divisions(counts: list[int]) -> list[tuple[int, ...]]:
    return list(itertools.product(*(range(n + 1) for n in counts)))


def _worth(values: Sequence[int], share: Sequence[int]) -> int:
    return sum(v * n for v, n in zip(values, share, strict=True))


@cache  # there are some hundred ways to lay the table
def _valuations(counts: tuple[int, ...]) -> list[tuple[int, ...]]:
    every = itertools.product(range(_WORTH + 1), repeat=len(counts))
    return [values for values in every if _worth(values, counts) == _WORTH]
