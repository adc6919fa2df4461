"""What the social games have in common: a deal at the start, public moves since, and nothing else."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from agentgym.hashing import canonical_json
from envs.games.parsing import match_action
from envs.games.protocol import GameFacts, IllegalMoveError
from envs.games.social.speech import Speech, read_speech

__all__ = ["SocialGame", "SocialState", "UndealtGame", "whole_number"]


class SocialState(abc.ABC):
    """One play. A family gives the rules in hooks; moves are public, the deal may hold secrets.

    Args:
        deal: All that chance decided, as a JSON value.
        chance: The generator that it was drawn from. Nothing is drawn later.
    """

    silence: ClassVar[str] = ""
    """The move of a player that only talks; "" where talk alone is no move."""

    def __init__(self, deal: Any, chance: np.random.Generator) -> None:
        self.deal = deal
        self._chance = chance
        self._record: list[tuple[tuple[int, str], ...]] = []

    # ---- hooks of a game -----------------------------------------------------------------------------------

    @abc.abstractmethod
    def actors(self) -> tuple[int, ...]:
        """Return the seats that must act now; none when the play is over."""

    @abc.abstractmethod
    def moves(self, seat: int) -> tuple[str, ...]:
        """Return the moves that an actor may make, messages aside."""

    def talks(self, seat: int) -> bool:
        """Whether an actor may send a message now."""
        return False

    @abc.abstractmethod
    def play(self, spoken: Mapping[int, Speech]) -> None:
        """Make one move of every actor."""

    @abc.abstractmethod
    def returns(self) -> tuple[float, ...]:
        """Return what every seat has so far."""

    @abc.abstractmethod
    def secret(self, seat: int) -> Any:
        """Return what a seat knows of the deal, as a JSON value."""

    @abc.abstractmethod
    def describe(self, seat: int) -> str:
        """Write the position as a seat sees it, the history aside."""

    def agreed(self) -> bool | None:
        """Whether the players agreed; None in games without an agreement."""
        return None

    def outcomes(self) -> Sequence[tuple[float, ...]] | None:
        """Return the returns of all ways in which this play could have ended; None if they are not listed."""
        return None

    # ---- the protocol --------------------------------------------------------------------------------------

    def legal(self, seat: int) -> tuple[str, ...] | None:
        """Return the legal actions; None where a message may go with them."""
        return None if self.talks(seat) else self.moves(seat)

    def sample(self, seat: int, rng: np.random.Generator) -> str:
        """Draw a move; nothing is said."""
        moves = self.moves(seat)
        return moves[int(rng.integers(len(moves)))]

    def parse(self, seat: int, text: str) -> str:
        """Return the canonical action that a text means."""
        talks = self.talks(seat)
        text, message = read_speech(text, silence=self.silence) if talks else (text, "")
        return str(Speech(match_action(text, self.moves(seat)), message))

    def apply(self, actions: Mapping[int, str]) -> None:
        """Play one canonical action of every actor."""
        spoken = {}
        for seat, action in actions.items():
            move, message = read_speech(action, silence=self.silence) if self.talks(seat) else (action, "")
            spoken[seat] = Speech(move, message)
        self.play(spoken)
        self._record.append(tuple(sorted(actions.items())))

    def render(self, seat: int) -> str:
        """Write what a seat sees: the position, then everything that was said and done."""
        history = [_told(player, action) for actions in self._record for player, action in actions]
        return "\n".join([self.describe(seat), "History: " + ("; ".join(history) or "nothing yet")])

    def infostate(self, seat: int) -> str:
        """Name what a seat knows: its own part of the deal and the moves."""
        return canonical_json([seat, self.secret(seat), self._record]).decode("ascii")

    def true_state(self) -> bytes:
        """Encode the deal and the moves."""
        return canonical_json([self.deal, self._record])

    def save(self) -> dict[str, Any]:
        """Return the play as a JSON object."""
        record = [[list(pair) for pair in actions] for actions in self._record]
        return {"deal": self.deal, "moves": record, "chance": self._chance.bit_generator.state}


class SocialGame(abc.ABC):
    """Rules of a social game.

    Attributes:
        facts: What is true of every play.
        params: The parameters that make this game again.
        rules: The rules in words.
    """

    facts: GameFacts
    params: Mapping[str, Any]
    rules: str

    @abc.abstractmethod
    def draw(self, chance: np.random.Generator) -> Any:
        """Draw the deal of a play, a JSON value."""

    @abc.abstractmethod
    def begin(self, deal: Any, chance: np.random.Generator) -> SocialState:
        """Start a play of a deal. The deal may be a stranger's: raise `ValueError` where it is none."""

    @abc.abstractmethod
    def expert(self, state: Any, seat: int, rng: np.random.Generator) -> str:
        """Return a good action of an actor, from what its seat sees."""

    def new_state(self, chance: np.random.Generator) -> SocialState:
        """Start a play."""
        return self.begin(self.draw(chance), chance)

    def load_state(self, saved: Any) -> SocialState:
        """Take up a play that `save` wrote, by playing its moves again."""
        source = np.random.PCG64(0)
        source.state = saved["chance"]
        state = self.begin(saved["deal"], np.random.Generator(source))
        for actions in saved["moves"]:
            played = {int(seat): action for seat, action in actions}
            if tuple(sorted(played)) != state.actors() or len(played) != len(actions):
                raise ValueError(f"the seats {sorted(played)} act where {state.actors()} must")
            for seat, action in played.items():
                if not isinstance(action, str) or _canonical(state, seat, action) != action:
                    raise ValueError(f"{str(action)[:80]!r} is no action of seat {seat}")
            state.apply(played)
        return state


def whole_number(value: Any, name: str, least: int, most: int) -> int:
    """Check a whole number of a deal that may be a stranger's.

    Raises:
        ValueError: It is none, or out of range.
    """
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} is {value!r}, not a whole number from {least} to {most}")
    return value


def _canonical(state: SocialState, seat: int, action: str) -> str:
    try:
        return state.parse(seat, action)
    except IllegalMoveError as error:
        raise ValueError(f"{action[:80]!r} is no action of seat {seat}: {error}") from error


def _told(player: int, action: str) -> str:
    move, message = read_speech(action, silence="")
    said = f' says "{message}"' if message else ""
    return f"Player {player}{said}: {move}"


class UndealtGame(SocialGame):
    """Rules of a social game in which nothing is dealt."""

    @abc.abstractmethod
    def start(self, chance: np.random.Generator) -> SocialState:
        """Start a play."""

    def draw(self, chance: np.random.Generator) -> Any:
        """Draw nothing."""
        return None

    def begin(self, deal: Any, chance: np.random.Generator) -> SocialState:
        """Start a play, of no deal."""
        if deal is not None:
            raise ValueError("nothing is dealt in this game")
        return self.start(chance)
