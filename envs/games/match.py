"""`Match`: one play of a game by texts, from the first preface to the last forfeit. All views stand on it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from agentgym.errors import ArgumentError, DataError, suggest
from agentgym.hashing import state_key
from envs.games.forfeit import forfeit_returns
from envs.games.protocol import GameState, IllegalMoveError, TextGame
from envs.games.telling import ending, legal_list, preface

__all__ = ["Match", "OnIllegal", "slip_rng"]

OnIllegal = Literal["retry", "lose", "random"]
_ON_ILLEGAL = ("retry", "lose", "random")


class Match:
    """A play in which every seat speaks.

    Where several seats act at once, each action is kept until all have spoken; nothing that anybody sees
    changes in between, and a forfeit counts from the end of that round.

    Args:
        game: The game.
        on_illegal: What an illegal or unreadable text does. "retry": the seat is told why and asked again;
            after `max_retries` retries in one turn it forfeits. "lose": it forfeits at once. "random": a
            legal action, drawn from the state alone, is played for it. All are counted in `illegal`.
        max_retries: Retries in one turn; None: no end.
        show_legal: Whether the legal actions are listed.

    Attributes:
        illegal: Number of illegal texts of each seat.
        spoken: Number of texts of each seat so far, illegal ones included.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
    """

    illegal: list[int]
    spoken: list[int]
    _notes: list[str]
    _tries: list[int]
    _pending: dict[int, str]
    _forfeited: set[int]
    _waiting: tuple[int, ...]

    def __init__(
        self,
        game: TextGame,
        *,
        on_illegal: OnIllegal = "retry",
        max_retries: int | None = 1,
        show_legal: bool = True,
    ) -> None:
        if on_illegal not in _ON_ILLEGAL:
            raise suggest("treatment of illegal moves", str(on_illegal), _ON_ILLEGAL)
        if max_retries is not None and (type(max_retries) is not int or max_retries < 0):
            raise ArgumentError(
                f"`max_retries` is {max_retries!r}. It is a number of retries in a turn, or None for no end."
            )
        self.game = game
        self.on_illegal = on_illegal
        self.max_retries = max_retries
        self.show_legal = show_legal
        seats = range(game.facts.seats)
        self.prefaces = tuple(preface(game, seat, show_legal=show_legal) for seat in seats)
        self._state: GameState | None = None
        self._clear()

    def start(self, chance: np.random.Generator) -> None:
        """Begin a play; all its chance comes from `chance`."""
        self._clear()
        self._state = self.game.new_state(chance)
        self._waiting = self._state.actors()

    @property
    def state(self) -> GameState:
        """The state of the game. Views and opponents read it; only the match plays on it."""
        if self._state is None:
            raise ArgumentError("No play has begun. Call start() first.")
        return self._state

    @property
    def actors(self) -> tuple[int, ...]:
        """The seats that must still speak in this round; none when the play is over."""
        return self._waiting

    @property
    def over(self) -> bool:
        """Whether the play has ended."""
        return not self._waiting

    @property
    def forfeited(self) -> tuple[int, ...]:
        """The seats that have forfeited."""
        return tuple(sorted(self._forfeited))

    def submit(self, seat: int, text: str) -> bool:
        """Let an actor speak.

        Args:
            seat: One of `actors`.
            text: Untrusted text of any length.

        Returns:
            Whether it was a legal action.

        Raises:
            ArgumentError: The seat is not to speak now.
        """
        if seat not in self._waiting:
            raise ArgumentError(f"Seat {seat!r} is not to speak. Ask one of {self._waiting}, the `actors`.")
        self.spoken[seat] += 1
        self._notes[seat] = ""
        try:
            action = self.state.parse(seat, text)
        except IllegalMoveError as error:
            self._refuse(seat, str(error))
            return False
        self._accept(seat, action)
        return True

    def forfeit(self, seat: int) -> None:
        """End the play as lost for a seat, whoever is to move."""
        self._forfeited.add(seat)
        self._waiting = ()

    def returns(self) -> tuple[float, ...]:
        """Return the sum of rewards so far of every seat, forfeits included."""
        returns = self.state.returns()
        if self._forfeited and not self._waiting:
            return forfeit_returns(self.game.facts, returns, self._forfeited)
        return returns

    def observation(self, seat: int) -> str:
        """Write what a seat is told now: why its last text was refused, position, legal actions.

        Before the seat has spoken the rules stand in front.
        """
        parts = [self._notes[seat]] if self._notes[seat] else []
        if self.spoken[seat] == 0:
            parts.append(self.prefaces[seat])
        parts.append(self.state.render(seat))
        if self.over:
            parts.append(ending(self.returns()[seat], self.forfeited, seat))
        elif seat in self._waiting:
            legal = self.state.legal(seat)
            if self.show_legal and legal is not None:
                parts.append(legal_list(legal))
        else:
            parts.append("Another player must act.")
        return "\n".join(parts)

    def legal(self, seat: int) -> tuple[str, ...] | None:
        """Return the legal actions of a seat; none where it need not act, None where the set is open."""
        return self.state.legal(seat) if seat in self._waiting else ()

    def state_key(self) -> str:
        """Hash the true state, and the retries that are left where their number is limited.

        It covers hidden cards: an agent must not learn from it. `infostate_key` is what a seat may know.
        """
        limited = self.on_illegal == "retry" and self.max_retries is not None
        pending = sorted(self._pending.items())
        return state_key(self.state.true_state() + repr((pending, self._tries if limited else 0)).encode())

    def infostate_key(self, seat: int) -> str:
        """Hash a seat and its information state."""
        return state_key(f"{seat} {self.state.infostate(seat)}".encode())

    def twin(self) -> Match:
        """Return a match of the same settings in which no play has begun."""
        return Match(
            self.game,
            on_illegal=self.on_illegal,
            max_retries=self.max_retries,
            show_legal=self.show_legal,
        )

    def save(self) -> dict[str, Any]:
        """Return the play as a JSON object."""
        return {
            "game": self.state.save(),
            "spoken": list(self.spoken),
            "illegal": list(self.illegal),
            "tries": list(self._tries),
            "notes": list(self._notes),
            "pending": sorted(self._pending.items()),
            "forfeited": sorted(self._forfeited),
            "over": self.over,
        }

    def load(self, saved: Any) -> None:
        """Take up a play that `save` wrote; raise before anything is changed.

        Raises:
            DataError: It is no play of this game (`LookupError`, `TypeError` and `ValueError` mean the same).
        """
        state = self.game.load_state(saved["game"])
        counts = [saved[key] for key in ("spoken", "illegal", "tries")]
        notes, forfeited, over = saved["notes"], set(saved["forfeited"]), saved["over"]
        seats = range(self.game.facts.seats)
        if any(len(numbers) != len(seats) or not all(map(_is_count, numbers)) for numbers in counts):
            raise DataError(f"its counts are not those of {len(seats)} seats")
        if len(notes) != len(seats) or not all(isinstance(note, str) for note in notes):
            raise DataError("its notes are no texts")
        pending = _parsed(state, saved["pending"])
        waiting = tuple(seat for seat in state.actors() if seat not in pending and seat not in forfeited)
        if over is not (not waiting) and not (over is True and forfeited):
            raise DataError("it is over and goes on")
        if not forfeited <= set(seats):
            raise DataError(f"seats {forfeited} cannot forfeit")
        self._state, self._pending, self._forfeited = state, pending, forfeited
        self._waiting = () if over else waiting
        self._notes = list(notes)
        self.spoken, self.illegal, self._tries = (list(numbers) for numbers in counts)

    def _clear(self) -> None:
        seats = self.game.facts.seats
        self.spoken, self.illegal, self._tries = [0] * seats, [0] * seats, [0] * seats
        self._notes = [""] * seats
        self._pending, self._forfeited, self._waiting = {}, set(), ()

    def _refuse(self, seat: int, why: str) -> None:
        self.illegal[seat] += 1
        self._tries[seat] += 1
        if self.on_illegal == "random":
            action = self.state.sample(seat, slip_rng(self.state))
            self._notes[seat] = f"{why} The random action {action!r} was played for you."
            self._accept(seat, action)
        elif self.on_illegal == "lose" or (
            self.max_retries is not None and self._tries[seat] > self.max_retries
        ):
            self._notes[seat] = why
            self._forfeited.add(seat)
            self._done(seat)
        else:
            self._notes[seat] = f"{why} Try again."

    def _accept(self, seat: int, action: str) -> None:
        self._pending[seat] = action
        self._done(seat)

    def _done(self, seat: int) -> None:
        if len(self._waiting) > 1:
            self._waiting = tuple(other for other in self._waiting if other != seat)
            return
        self._waiting = ()
        if self._forfeited:
            return
        state = self.state
        state.apply(self._pending)
        self._pending = {}
        self._tries = [0] * len(self._tries)
        self._waiting = state.actors()


def slip_rng(state: GameState) -> np.random.Generator:
    """Make a generator from the true state alone.

    It serves choices that must not move the deal and must be the same when a record is executed again: the
    action played for who gave none, and the expert's.
    """
    return np.random.default_rng(list(state_key(state.true_state()).encode()))


def _parsed(state: GameState, pending: Any) -> dict[int, str]:
    try:
        return {seat: state.parse(seat, action) for seat, action in pending}
    except IllegalMoveError as error:
        raise DataError(f"of its actions, {error}") from error


def _is_count(number: Any) -> bool:
    return type(number) is int and number >= 0
