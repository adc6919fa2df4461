"""Price bargaining: a buyer and a seller with secret limits look for a price, and may talk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialGame, SocialState, whole_number
from envs.games.social.speech import Speech

__all__ = ["PriceBargaining", "PriceState"]

_SELLER: Final = 0
_HIGHEST: Final = 100
_SURPLUS: Final = 10  # least difference of the two limits

_RULES = """\
Player 0 sells a thing to player 1. What it cost the seller and what it is worth to the buyer is each one's \
secret; it is worth more than it cost. The players move in turn, at most {turns} moves in all. In your turn, \
write one of
  offer N   a price from 0 to 100 that does not make you lose money
  accept    take the other player's last offer
  wait      only talk
  walk      end it without a deal
You may put a message to the other player before it: <say>your message</say> offer 40
With a deal, each player's score is the share of the gain that it gets: (price - cost) / (worth - cost) for \
the seller, the rest for the buyer. Without one, both get 0."""


class PriceBargaining(SocialGame):
    """Agree on a price.

    Args:
        turns: Moves of both players together before it ends without a deal.
    """

    def __init__(self, turns: int = 10) -> None:
        self.params = {"turns": whole_number(turns, "turns", 2, 100)}
        self.rules = _RULES.format(turns=turns)
        self.facts = GameFacts(
            name="price_bargaining",
            title="Price bargaining",
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
        """Draw a cost and a worth at least 10 above it."""
        cost = int(chance.integers(0, _HIGHEST - _SURPLUS + 1))
        return {"cost": cost, "worth": int(chance.integers(cost + _SURPLUS, _HIGHEST + 1))}

    def begin(self, deal: Any, chance: np.random.Generator) -> PriceState:
        """Start a play of a deal."""
        cost = whole_number(deal["cost"], "the cost", 0, _HIGHEST - _SURPLUS)
        worth = whole_number(deal["worth"], "the worth", cost + _SURPLUS, _HIGHEST)
        return PriceState({"cost": cost, "worth": worth}, chance, self.params["turns"])

    def expert(self, state: PriceState, seat: int, rng: np.random.Generator) -> str:
        """Begin with half of what could be gained at best, and come down to one's own limit."""
        return state.concession(seat)


class PriceState(SocialState):
    """One play: whose turn it is, and the other's last offer."""

    silence = "wait"

    def __init__(self, deal: Any, chance: np.random.Generator, turns: int) -> None:
        super().__init__(deal, chance)
        self._turns, self._turn, self._over = turns, 0, False
        self._offers: list[int | None] = [None, None]
        self._price: int | None = None

    def actors(self) -> tuple[int, ...]:
        """The players take turns; the seller begins."""
        return () if self._over or self._turn >= self._turns else (self._turn % 2,)

    def moves(self, seat: int) -> tuple[str, ...]:
        """Prices that do not cost the player money, and what ends the talks."""
        offered = self._offers[1 - seat]
        takes = ("accept",) if offered is not None and offered in self._prices(seat) else ()
        return (*(f"offer {price}" for price in self._prices(seat)), *takes, "wait", "walk")

    def talks(self, seat: int) -> bool:
        """Talk is what it is about."""
        return True

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Make a move."""
        ((seat, (move, _)),) = spoken.items()
        self._turn += 1
        if move == "walk":
            self._over = True
        elif move == "accept":
            self._price, self._over = self._offers[1 - seat], True
        elif move != "wait":
            self._offers[seat] = int(move.removeprefix("offer "))

    def returns(self) -> tuple[float, ...]:
        """The shares of the gain; 0 without a deal."""
        if self._price is None:
            return (0.0, 0.0)
        share = (self._price - self.deal["cost"]) / (self.deal["worth"] - self.deal["cost"])
        return (share, 1 - share)

    def secret(self, seat: int) -> Any:
        """The player's own limit."""
        return self.deal["cost" if seat == _SELLER else "worth"]

    def describe(self, seat: int) -> str:
        """Who the player is, and its limit."""
        limit = self.secret(seat)
        who = f"You sell. It cost you {limit}" if seat == _SELLER else f"You buy. It is worth {limit} to you"
        return f"{who}. Moves left: {self._turns - self._turn}."

    def agreed(self) -> bool | None:
        """Whether an offer was accepted."""
        return self._price is not None

    def outcomes(self) -> list[tuple[float, ...]]:
        """No deal, and every price between the limits."""
        gain = self.deal["worth"] - self.deal["cost"]
        return [(0.0, 0.0), *((k / gain, 1 - k / gain) for k in range(gain + 1))]

    def concession(self, seat: int) -> str:
        """Return the expert's move."""
        prices, left, offered = self._prices(seat), self._turns - self._turn, self._offers[1 - seat]
        room = len(prices) - 1
        margin = 1 + max(0, room // 2 - 1) * max(0, left - 2) // max(1, self._turns - 2) if room else 0
        wish = prices[margin] if seat == _SELLER else prices[-1 - margin]
        if offered is not None and offered in prices:
            good = offered >= wish if seat == _SELLER else offered <= wish
            if good or left == 1:
                return "accept"
        return f"offer {wish}"

    def _prices(self, seat: int) -> range:
        return range(self.deal["cost"], _HIGHEST + 1) if seat == _SELLER else range(self.deal["worth"] + 1)
