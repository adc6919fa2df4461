"""Dilemmas with talk: the prisoners speak before each choice, and need not mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts
from envs.games.social.play import SocialState, UndealtGame, whole_number
from envs.games.social.speech import Speech

__all__ = ["Dilemma", "DilemmaState"]

_CHOICES: Final = {"prisoners": ("cooperate", "defect"), "stag": ("stag", "hare")}
_PAYOFFS: Final = {
    "prisoners": ((3, 0), (5, 1)),  # own choice, then the other's
    "stag": ((4, 0), (3, 2)),
}
_TITLES: Final = {"prisoners": "Prisoner's dilemma with talk", "stag": "Stag hunt with talk"}
_NAMES: Final = {"prisoners": "talk_prisoners", "stag": "talk_stag_hunt"}

_RULES = """\
Two players play {rounds} rounds. In each round both first speak at the same time: <say>your message</say>, \
or "wait" to say nothing. Then both choose at the same time, "{a}" or "{b}". A round pays you {aa} if both \
choose {a}, {ab} if you alone choose {a}, {ba} if you alone choose {b}, and {bb} if both choose {b}. What \
was said binds nobody. Your score is the sum of your payoffs, divided by the number of rounds."""


class Dilemma(UndealtGame):
    """Speak, then choose, round after round.

    Args:
        kind: "prisoners" or "stag".
        rounds: Number of rounds.
    """

    def __init__(self, kind: str = "prisoners", rounds: int = 10) -> None:
        self.params = {"rounds": whole_number(rounds, "rounds", 1, 100)}
        self.kind = kind
        (a, b), ((aa, ab), (ba, bb)) = _CHOICES[kind], _PAYOFFS[kind]
        self.rules = _RULES.format(rounds=rounds, a=a, b=b, aa=aa, ab=ab, ba=ba, bb=bb)
        self.facts = GameFacts(
            name=_NAMES[kind],
            title=_TITLES[kind],
            seats=2,
            utility="general_sum",
            least=float(min(aa, ab, ba, bb)),
            most=float(max(aa, ab, ba, bb)),
            par=float(bb),
            longest=4 * rounds,
            chance=False,
            hidden=True,
            simultaneous=True,
        )

    def start(self, chance: np.random.Generator) -> DilemmaState:
        """Start a play."""
        return DilemmaState(None, chance, self.kind, self.params["rounds"])

    def expert(self, state: DilemmaState, seat: int, rng: np.random.Generator) -> str:
        """Say nothing; repay the other's last choice, or hunt stags with those who mostly do."""
        return state.reciprocal(seat)


class DilemmaState(SocialState):
    """One play: the choices of every round, and whether it is time to speak."""

    silence = "wait"

    def __init__(self, deal: Any, chance: np.random.Generator, kind: str, rounds: int) -> None:
        super().__init__(deal, chance)
        self._kind, self._rounds = kind, rounds
        self._speaking = True
        self._chosen: list[tuple[int, int]] = []

    def actors(self) -> tuple[int, ...]:
        """Both, in every round."""
        return (0, 1) if len(self._chosen) < self._rounds else ()

    def moves(self, seat: int) -> tuple[str, ...]:
        """First talk, then the choice."""
        return (self.silence,) if self._speaking else _CHOICES[self._kind]

    def talks(self, seat: int) -> bool:
        """Whether it is time to speak."""
        return self._speaking

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Close one half of a round."""
        if not self._speaking:
            choices = _CHOICES[self._kind]
            self._chosen.append((choices.index(spoken[0].move), choices.index(spoken[1].move)))
        self._speaking = not self._speaking

    def returns(self) -> tuple[float, ...]:
        """The mean payoffs of the rounds, of all rounds that there will be."""
        pay = _PAYOFFS[self._kind]
        first = sum(pay[one][other] for one, other in self._chosen)
        second = sum(pay[other][one] for one, other in self._chosen)
        return (first / self._rounds, second / self._rounds)

    def secret(self, seat: int) -> Any:
        """There is none but the other's words and choice of the same half-round."""
        return None

    def describe(self, seat: int) -> str:
        """The round, and what is to be done."""
        number = min(len(self._chosen) + 1, self._rounds)
        todo = " Speak, or wait." if self._speaking else " Choose."
        return f"Round {number} of {self._rounds}. You are player {seat}.{todo if self.actors() else ''}"

    def outcomes(self) -> list[tuple[float, ...]]:
        """Every number of rounds that may end in each of the four ways."""
        (aa, ab), (ba, bb) = _PAYOFFS[self._kind]
        n = self._rounds
        ways = [
            (i, j, k, n - i - j - k)
            for i in range(n + 1)
            for j in range(n + 1 - i)
            for k in range(n + 1 - i - j)
        ]
        return [
            ((i * aa + j * ab + k * ba + m * bb) / n, (i * aa + j * ba + k * ab + m * bb) / n)
            for i, j, k, m in ways
        ]

    def cooperation(self) -> float:
        """Share of choices that were the first of the two, of both players and all rounds so far."""
        choices = [choice for pair in self._chosen for choice in pair]
        return choices.count(0) / len(choices) if choices else 0.0

    def reciprocal(self, seat: int) -> str:
        """Return the expert's move: tit for tat; stag where the other chose it two times in three or more."""
        if self._speaking:
            return self.silence
        seen = [pair[1 - seat] for pair in self._chosen]
        if self._kind == "prisoners":
            return _CHOICES[self._kind][seen[-1] if seen else 0]
        return _CHOICES[self._kind][int(3 * sum(seen) > len(seen))]
