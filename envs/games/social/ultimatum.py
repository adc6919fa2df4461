"""The ultimatum game: one divides, the other takes it or leaves both with nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialState, UndealtGame, whole_number
from envs.games.social.speech import Speech

__all__ = ["Ultimatum", "UltimatumState"]

_RULES = """\
Player 0 divides {coins} coins: "offer N" gives N of them to player 1. Player 1 then answers "accept", and \
both keep their part, or "reject", and both get nothing. Your score is your part of the coins, from 0 to 1."""


class Ultimatum(UndealtGame):
    """Offer, and accept or reject.

    Args:
        coins: Number of coins.
    """

    def __init__(self, coins: int = 10) -> None:
        self.params = {"coins": whole_number(coins, "coins", 1, 100)}
        self.rules = _RULES.format(coins=coins)
        self.facts = GameFacts(
            name="ultimatum",
            title="Ultimatum",
            seats=2,
            utility="general_sum",
            least=0.0,
            most=1.0,
            par=0.0,
            longest=2,
            chance=False,
            hidden=False,
        )

    def start(self, chance: np.random.Generator) -> UltimatumState:
        """Start a play."""
        return UltimatumState(None, chance, self.params["coins"])

    def expert(self, state: UltimatumState, seat: int, rng: np.random.Generator) -> str:
        """Offer four coins in ten, which people seldom reject; accept whatever is more than nothing."""
        if seat == 0:
            return f"offer {-(-4 * self.params['coins'] // 10)}"
        return "accept" if state.offer else "reject"


class UltimatumState(SocialState):
    """One play: the offer, and the answer."""

    def __init__(self, deal: Any, chance: np.random.Generator, coins: int) -> None:
        super().__init__(deal, chance)
        self._coins = coins
        self.offer: int | None = None
        self._accepted: bool | None = None

    def actors(self) -> tuple[int, ...]:
        """First the one, then the other."""
        return () if self._accepted is not None else (0,) if self.offer is None else (1,)

    def moves(self, seat: int) -> tuple[str, ...]:
        """Offers, or the two answers."""
        if seat == 1:
            return ("accept", "reject")
        return tuple(f"offer {n}" for n in range(self._coins + 1))

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Offer or answer."""
        ((seat, (move, _)),) = spoken.items()
        if seat == 0:
            self.offer = int(move.removeprefix("offer "))
        else:
            self._accepted = move == "accept"

    def returns(self) -> tuple[float, ...]:
        """The parts of the coins."""
        if not self._accepted or self.offer is None:
            return (0.0, 0.0)
        return ((self._coins - self.offer) / self._coins, self.offer / self._coins)

    def secret(self, seat: int) -> Any:
        """There is none."""
        return None

    def describe(self, seat: int) -> str:
        """Who does what."""
        if seat == 0:
            return f"You divide {self._coins} coins."
        return (
            "You answer." if self.offer is None else f"You are offered {self.offer} of {self._coins} coins."
        )

    def agreed(self) -> bool | None:
        """Whether the offer was accepted."""
        return bool(self._accepted)

    def outcomes(self) -> list[tuple[float, ...]]:
        """Every accepted offer, and nothing."""
        parts = [n / self._coins for n in range(self._coins + 1)]
        return [(0.0, 0.0), *((1 - part, part) for part in parts)]
