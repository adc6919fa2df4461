"""One play of an OpenSpiel game, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, DataError
from agentgym.hashing import canonical_json
from envs.games.parsing import match_action
from envs.games.protocol import GameState

if TYPE_CHECKING:
    from envs.games.openspiel.game import SpielGame

__all__ = ["SpielState", "draw", "spiel_state"]


class SpielState:
    """A play of a `SpielGame` (a `GameState`).

    Attributes:
        game: The rules.
        spiel: The `pyspiel.State`. Search clones it; nobody else changes it.
        log: The actions so far as (seat, canonical action), in order; joint actions seat by seat.
    """

    def __init__(self, game: SpielGame, spiel: Any, chance: np.random.Generator) -> None:
        self.game = game
        self.spiel = spiel
        self.log: list[tuple[int, str]] = []
        self._chance = chance
        self._words: dict[int, dict[str, int]] = {}
        self._legal: dict[int, tuple[str, ...]] = {}
        self._position = ""
        self._actors: tuple[int, ...] = ()

    def start(self) -> SpielState:
        """Resolve the chance before the first decision."""
        self._settle()
        return self

    def actors(self) -> tuple[int, ...]:
        """Return the seats that must act now."""
        return self._actors

    def words(self, seat: int) -> dict[str, int]:
        """Return the legal actions of a seat as {canonical text: number}; empty where it must not act."""
        if seat not in self._words:
            self._words[seat] = self.game.words(self.spiel, seat) if seat in self._actors else {}
        return self._words[seat]

    def legal(self, seat: int) -> tuple[str, ...]:
        """Return the legal actions of an actor."""
        if seat not in self._legal:
            self._legal[seat] = tuple(self.words(seat))
        return self._legal[seat]

    def position(self) -> str:
        """Return OpenSpiel's text of the whole position: for players only where nothing is hidden."""
        if not self._position:
            self._position = str(self.spiel)
        return self._position

    def sample(self, seat: int, rng: np.random.Generator) -> str:
        """Draw a legal action, all being equally likely."""
        legal = self.legal(seat)
        return legal[int(rng.integers(len(legal)))]

    def parse(self, seat: int, text: str) -> str:
        """Return the legal action that a text means.

        Raises:
            IllegalMoveError: It means none, or several.
        """
        return match_action(text, self.words(seat))

    def apply(self, actions: Mapping[int, str]) -> None:
        """Play one action of every actor, then resolve chance."""
        numbers = []
        for seat in self._actors:
            numbers.append(self.words(seat)[actions[seat]])
            self.log.append((seat, actions[seat]))
        self._move(numbers)
        self._settle()

    def returns(self) -> tuple[float, ...]:
        """Return the sum of rewards so far of every seat.

        Not the sum of `rewards()` over all nodes: several games repeat a reward at the chance nodes after it.
        """
        return tuple(self.spiel.returns())

    def render(self, seat: int) -> str:
        """Write what a seat sees."""
        return self.game.render(self, seat)

    def infostate(self, seat: int) -> str:
        """Name a seat's information state."""
        facts = self.game.facts
        if not facts.hidden:
            return self.position()
        if self.game.has_infostates:
            return str(self.spiel.information_state_string(seat))
        known = self.spiel.observation_string(seat)
        return f"{known}{self.log}" if self.game.wording.open_actions else str(known)

    def true_state(self) -> bytes:
        """Encode the position, or the whole history where it decides the future, and the chance to come."""
        position = self.position() if self.game.position_decides else str(self.spiel.history())
        return f"{position}|{self._actors}|{self._stream()}".encode()

    def tensor(self, seat: int) -> NDArray[np.float32]:
        """Return what a seat knows as numbers, in the shape of `SpielGame.tensor_shape`."""
        if self.game.has_infostate_tensors:
            flat = self.spiel.information_state_tensor(seat)
        else:
            flat = self.spiel.observation_tensor(seat)
        return np.asarray(flat, dtype=np.float32).reshape(self.game.tensor_shape)

    def save(self) -> dict[str, Any]:
        """Return the play as a JSON object: the actions so far, chance included, and the generator."""
        return {
            "history": list(self.spiel.history()),
            "rng_seed": self.game.rng_seed_of(self.spiel),
            "chance": self._chance.bit_generator.state if self.game.facts.chance else None,
        }

    def replay(self, history: Any) -> SpielState:
        """Play a recorded history from the start; it is untrusted, so that every action is checked first.

        Raises:
            DataError: It holds an action that is not legal there, or stops at a chance node.
        """
        if not isinstance(history, list) or not all(type(number) is int for number in history):
            raise DataError("its history is no list of integers")
        at = 0
        while at < len(history):
            if self.spiel.is_terminal():
                raise DataError("its history goes on after the end")
            if self.spiel.is_chance_node():
                self._check(history[at], self.spiel.legal_actions())
                self.spiel.apply_action(history[at])
                at += 1
                continue
            self._actors = self._who()
            width = self.game.facts.seats if self.spiel.is_simultaneous_node() else 1
            self._take_up(history[at : at + width], width)
            at += width
        if not self.spiel.is_terminal() and self.spiel.is_chance_node():
            raise DataError("its history stops before a card was dealt")
        self._actors = self._who()
        return self

    def _take_up(self, numbers: list[int], width: int) -> None:
        """Play a recorded action, or a joint one with a number for every seat."""
        if len(numbers) < width:
            raise DataError("its history stops within a joint action")
        chosen = [numbers[seat] for seat in self._actors] if width > 1 else numbers
        for seat, number in zip(self._actors, chosen, strict=True):
            self._check(number, self.spiel.legal_actions(seat))
            self.log.append((seat, self.game.word(self.spiel, seat, number)))
        self._move(chosen)

    @staticmethod
    def _check(number: int, legal: Any) -> None:
        if number not in legal:
            raise DataError(f"action {number} of its history is not legal there")

    def _stream(self) -> str:
        if not self.game.facts.chance:
            return ""
        return canonical_json(self._chance.bit_generator.state["state"]).decode()

    def _who(self) -> tuple[int, ...]:
        if self.spiel.is_terminal():
            return ()
        if self.spiel.is_simultaneous_node():
            seats = range(self.game.facts.seats)
            return tuple(seat for seat in seats if self.spiel.legal_actions(seat))
        return (int(self.spiel.current_player()),)

    def _move(self, numbers: list[int]) -> None:
        if self.spiel.is_simultaneous_node():
            joint = [0] * self.game.facts.seats
            for seat, number in zip(self._actors, numbers, strict=True):
                joint[seat] = number
            self.spiel.apply_actions(joint)
        else:
            self.spiel.apply_action(numbers[0])
        self._words.clear()
        self._legal.clear()
        self._position = ""

    def _settle(self) -> None:
        spiel = self.spiel
        while not spiel.is_terminal() and spiel.is_chance_node():
            spiel.apply_action(draw(spiel.chance_outcomes(), self._chance))
        self._actors = self._who()

    def __reduce__(self) -> tuple[Any, ...]:
        return _thaw, (self.game, self.save())


def spiel_state(state: GameState) -> SpielState:
    """Return the state if it is one of OpenSpiel.

    Raises:
        ArgumentError: It belongs to another engine.
    """
    if not isinstance(state, SpielState):
        raise ArgumentError(f"A {type(state).__name__} is no state of an OpenSpiel game.")
    return state


def draw(outcomes: list[tuple[int, float]], chance: np.random.Generator) -> int:
    """Draw one of the outcomes (action, probability); their probabilities add up to 1 but for rounding."""
    left = chance.random()
    for action, probability in outcomes:
        left -= probability
        if left < 0.0:
            return action
    return outcomes[-1][0]


def _thaw(game: SpielGame, saved: dict[str, Any]) -> SpielState:
    return game.load_state(saved)
