"""Public goods: what all put in together pays everybody, and each would rather keep its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialState, UndealtGame, whole_number
from envs.games.social.speech import Speech

__all__ = ["PublicGoods", "PublicGoodsState"]

_COINS: Final = 10
_FACTOR: Final = 1.6

_RULES = """\
{players} players play {rounds} rounds. In each round everybody gets 10 coins and, at the same time as the \
others, puts some of them into the common pot: "give N", N from 0 to 10. The pot is multiplied by 1.6 and \
divided equally among all players, whoever gave; the rest of its coins each player keeps. Your score is the \
number of coins that you have in the end."""


class PublicGoods(UndealtGame):
    """Give to a pot that pays all.

    Args:
        players: Number of players, at least 2.
        rounds: Number of rounds.
    """

    def __init__(self, players: int = 4, rounds: int = 5) -> None:
        self.params = {
            "players": whole_number(players, "players", 2, 10),
            "rounds": whole_number(rounds, "rounds", 1, 100),
        }
        self.rules = _RULES.format(players=players, rounds=rounds)
        pot = _FACTOR * _COINS / players
        self.facts = GameFacts(
            name="public_goods",
            title="Public goods",
            seats=players,
            utility="general_sum",
            least=rounds * pot,
            most=rounds * (_COINS + (players - 1) * pot),
            par=float(rounds * _COINS),
            longest=rounds * players,
            chance=False,
            hidden=True,
            simultaneous=True,
        )

    def start(self, chance: np.random.Generator) -> PublicGoodsState:
        """Start a play."""
        return PublicGoodsState(None, chance, self.params["players"], self.params["rounds"])

    def expert(self, state: PublicGoodsState, seat: int, rng: np.random.Generator) -> str:
        """Give half at first, then as much as the others did on average, and nothing in the last round."""
        return f"give {state.reciprocal(seat)}"


class PublicGoodsState(SocialState):
    """One play: what was given in each round."""

    def __init__(self, deal: Any, chance: np.random.Generator, players: int, rounds: int) -> None:
        super().__init__(deal, chance)
        self._players, self._rounds = players, rounds
        self._given: list[list[int]] = []

    def actors(self) -> tuple[int, ...]:
        """Everybody, in every round."""
        return tuple(range(self._players)) if len(self._given) < self._rounds else ()

    def moves(self, seat: int) -> tuple[str, ...]:
        """Give from 0 to 10."""
        return tuple(f"give {n}" for n in range(_COINS + 1))

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Close a round."""
        self._given.append([int(spoken[seat].move.removeprefix("give ")) for seat in self.actors()])

    def returns(self) -> tuple[float, ...]:
        """The coins of every player."""
        return tuple(
            sum(_COINS - given[seat] + _FACTOR * sum(given) / self._players for given in self._given)
            for seat in range(self._players)
        )

    def secret(self, seat: int) -> Any:
        """There is none but the others' moves of the same round, which nobody has made yet."""
        return None

    def describe(self, seat: int) -> str:
        """The round, and everybody's coins."""
        coins = ", ".join(f"player {k} {own:g}" for k, own in enumerate(self.returns()))
        number = min(len(self._given) + 1, self._rounds)
        return f"Round {number} of {self._rounds}. You are player {seat}. Coins: {coins}."

    def reciprocal(self, seat: int) -> int:
        """What a player gives that does as the others do."""
        if len(self._given) == self._rounds - 1:
            return 0
        if not self._given:
            return _COINS // 2
        others = [n for k, n in enumerate(self._given[-1]) if k != seat]
        return round(sum(others) / len(others))
