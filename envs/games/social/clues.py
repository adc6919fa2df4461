"""A game of words for two who help each other: one gives clues, the other finds the words that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from envs.games.protocol import GameFacts, IllegalMoveError
from envs.games.social.play import SocialGame, SocialState, whole_number
from envs.games.social.speech import Speech
from envs.games.social.words import THEMES, theme_of

__all__ = ["Clues", "CluesState"]

_TARGETS: Final = 5
_OTHERS: Final = 7
_GUIDE: Final = 0
_LONGEST_CLUE: Final = 20

_RULES = """\
Player 0, the guide, and player 1, the finder, win or lose together. Twelve words lie on the table. The \
guide knows which five of them are targets and which one is a trap; the finder does not. The guide writes \
"clue WORD N": one word of the letters a to z that has to do with N of the targets; it may not be, hold or \
be part of a word on the table. The finder answers with "touch WORD", once or several times: a target may be \
followed by another touch, up to N + 1 in all, or by "stop"; any other word ends the turn, and the trap ends \
the game. There are {turns} clues. The score of both is the share of targets found."""


class Clues(SocialGame):
    """Give clues and find words.

    Args:
        turns: Number of clues.
    """

    def __init__(self, turns: int = 4) -> None:
        self.params = {"turns": whole_number(turns, "turns", 1, 20)}
        self.rules = _RULES.format(turns=turns)
        self.facts = GameFacts(
            name="word_clues",
            title="Clues",
            seats=2,
            utility="common",
            least=0.0,
            most=1.0,
            par=0.99,
            longest=turns + _TARGETS + 2 * turns,
            chance=True,
            hidden=True,
        )

    def draw(self, chance: np.random.Generator) -> Any:
        """Draw targets of two or three themes, and other words of none of these."""
        names = [list(THEMES)[int(k)] for k in chance.permutation(len(THEMES))]
        sizes = ((3, 2), (2, 2, 1))[int(chance.integers(2))]
        targets = [w for theme, n in zip(names, sizes, strict=False) for w in _some(theme, n, chance)]
        others = [w for theme in names[len(sizes) : len(sizes) + _OTHERS] for w in _some(theme, 1, chance)]
        words = targets + others
        board = [words[int(k)] for k in chance.permutation(len(words))]
        return {"board": board, "targets": sorted(targets), "trap": others[0]}

    def begin(self, deal: Any, chance: np.random.Generator) -> CluesState:
        """Start a play of a deal."""
        board, targets, trap = list(deal["board"]), list(deal["targets"]), deal["trap"]
        known = all(isinstance(word, str) and theme_of(word) for word in board)
        if not known or len(set(board)) != _TARGETS + _OTHERS or len(set(targets)) != _TARGETS:
            raise ValueError("the board must have 12 different words of the list, 5 of them targets")
        if not set(targets) | {trap} <= set(board) or trap in targets:
            raise ValueError("targets and trap must be different words of the board")
        return CluesState({"board": board, "targets": targets, "trap": trap}, chance, self.params["turns"])

    def expert(self, state: CluesState, seat: int, rng: np.random.Generator) -> str:
        """Name the theme of most targets left; touch the words of the theme that was named."""
        return state.theme_clue() if seat == _GUIDE else state.theme_touch(rng)


class CluesState(SocialState):
    """One play: what was touched, and the clue in force."""

    def __init__(self, deal: Any, chance: np.random.Generator, turns: int) -> None:
        super().__init__(deal, chance)
        self._turns, self._turn = turns, 0
        self._touched: list[str] = []
        self._clue: str | None = None
        self._touches = 0  # that the clue in force still allows
        self._fresh = True  # whether nothing was touched on it yet

    def actors(self) -> tuple[int, ...]:
        """The guide, where no clue is in force."""
        trapped = self.deal["trap"] in self._touched
        if trapped or not self._left() or (self._clue is None and self._turn >= self._turns):
            return ()
        return (_GUIDE,) if self._clue is None else (1 - _GUIDE,)

    def moves(self, seat: int) -> tuple[str, ...]:
        """For the finder, words; for the guide, clues that name a theme, out of many more."""
        if seat == _GUIDE:
            return tuple(f"clue {theme} {n}" for theme in THEMES for n in range(1, _TARGETS + 1))
        touches = tuple(f"touch {word}" for word in self.deal["board"] if word not in self._touched)
        return touches if self._fresh else (*touches, "stop")

    def legal(self, seat: int) -> tuple[str, ...] | None:
        """None for the guide, who may use any word."""
        return None if seat == _GUIDE else self.moves(seat)

    def parse(self, seat: int, text: str) -> str:
        """Read a clue of any word, or a move of the finder."""
        if seat != _GUIDE:
            return super().parse(seat, text)
        *_, verb, word, number = ["", "", "", *text[-200:].removesuffix("</answer>").split()]
        verb, word = verb.lower().removeprefix("<answer>"), word.lower()
        if verb != "clue" or number not in map(str, range(1, _TARGETS + 1)):
            raise IllegalMoveError('A clue is written "clue WORD N", N from 1 to 5.')
        if not (word.isascii() and word.isalpha() and len(word) <= _LONGEST_CLUE):
            raise IllegalMoveError("A clue is one word of the letters a to z.")
        if any(word in other or other in word for other in self.deal["board"]):
            raise IllegalMoveError("A clue may not be, hold or be part of a word on the table.")
        return f"clue {word} {number}"

    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Make a move."""
        ((seat, (move, _)),) = spoken.items()
        if seat == _GUIDE:
            _, self._clue, number = move.split()
            self._touches, self._fresh, self._turn = int(number) + 1, True, self._turn + 1
            return
        word = move.removeprefix("touch ")
        if move != "stop":
            self._touched.append(word)
            self._touches, self._fresh = self._touches - 1, False
        if move == "stop" or word not in self.deal["targets"] or not self._touches:
            self._clue = None

    def returns(self) -> tuple[float, ...]:
        """The share of targets found, for both."""
        share = 1 - len(self._left()) / _TARGETS
        return (share, share)

    def secret(self, seat: int) -> Any:
        """The board; for the guide also what is what."""
        return self.deal if seat == _GUIDE else self.deal["board"]

    def describe(self, seat: int) -> str:
        """The words that are left, and what is known of the others."""
        open_words = ", ".join(word for word in self.deal["board"] if word not in self._touched)
        lines = [f"On the table: {open_words}."]
        if seat == _GUIDE:
            lines.append(f"Targets: {', '.join(self._left()) or 'none left'}. Trap: {self.deal['trap']}.")
        found = [f"{word} ({self._kind(word)})" for word in self._touched]
        lines.append(f"Touched: {', '.join(found) or 'nothing yet'}. Clues left: {self._turns - self._turn}.")
        return "\n".join(lines)

    def theme_clue(self) -> str:
        """Return the expert guide's clue."""
        themes = [str(theme_of(word)) for word in self._left()]
        best = max(sorted(set(themes)), key=themes.count)
        return f"clue {best} {themes.count(best)}"

    def theme_touch(self, rng: np.random.Generator) -> str:
        """Return the expert finder's move."""
        moves = self.moves(1 - _GUIDE)
        meant = [m for m in moves if theme_of(m.removeprefix("touch ")) == self._clue]
        return meant[0] if meant else moves[int(rng.integers(len(moves)))] if self._fresh else "stop"

    def _left(self) -> list[str]:
        return [word for word in self.deal["targets"] if word not in self._touched]

    def _kind(self, word: str) -> str:
        return (
            "target" if word in self.deal["targets"] else "trap" if word == self.deal["trap"] else "no target"
        )


def _some(theme: str, n: int, chance: np.random.Generator) -> list[str]:
    return [THEMES[theme][int(k)] for k in chance.permutation(len(THEMES[theme]))[:n]]
