"""One episode of a case: the functions that the agent has now, what it has called, and how it is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Protocol

from agentgym.errors import DataError
from agentgym.hashing import canonical_json
from envs.tooluse.core.call import ToolCall
from envs.tooluse.core.tool import Toolbox, run_call
from envs.tooluse.functions.answers import calls_fault, expected_calls
from envs.tooluse.functions.case import Case, MultiTurnCase, SingleTurnCase
from envs.tooluse.functions.session import state_digest
from envs.tooluse.functions.turns import turn_passes

__all__ = ["TURN_STEPS", "MultiTurnPlay", "Play", "SingleTurnPlay", "play_of", "replayed"]

TURN_STEPS: Final = 20
"""Messages with calls that an agent may send in a turn; one more ends the conversation, as in BFCL."""


class Play(Protocol):
    """One episode of a case."""

    turn: int
    turns: int
    over: bool
    passed: list[bool]

    def words(self) -> str:
        """Return what the user says now."""
        ...

    def toolbox(self) -> Toolbox:
        """Return the functions that the agent has now."""
        ...

    def called(self, calls: Sequence[ToolCall], ran: Sequence[bool]) -> None:
        """Take note of a message with calls; the toolbox has run those marked in `ran`."""
        ...

    def replied(self) -> None:
        """Take note of a reply: it ends the turn."""
        ...

    def next_calls(self) -> tuple[ToolCall, ...]:
        """Return the reference calls of this turn that are still to be made; none: reply."""
        ...

    def reference(self, *, whole: bool) -> list[list[Any]]:
        """Return the reference calls of the turns that are over, or all, `[name, {arguments}]` each."""
        ...

    def progress(self) -> float:
        """Tell how much is done, in [0, 1]."""
        ...

    def key(self) -> bytes:
        """Encode the true state."""
        ...


def play_of(case: Case) -> Play:
    """Start a case."""
    return SingleTurnPlay(case) if isinstance(case, SingleTurnCase) else MultiTurnPlay(case)


def replayed(case: Case, events: Sequence[Any]) -> Play:
    """Play a case again.

    Args:
        case: The case.
        events: The messages so far: a list of calls, `{"name", "arguments"}` each, or None for a reply.

    Raises:
        DataError: An event is neither, or comes after the end.
    """
    play = play_of(case)
    for event in events:
        if play.over:
            raise DataError("an event comes after the end")
        if event is None:
            play.replied()
            continue
        if not all(isinstance(each["name"], str) and isinstance(each["arguments"], dict) for each in event):
            raise DataError("a call has no name or no arguments")
        box = play.toolbox()
        results = [run_call(box, ToolCall(each["name"], each["arguments"])) for each in event]
        play.called([result.call for result in results], [result.ran for result in results])
    return play


class MultiTurnPlay:
    """A conversation over stateful services.

    Args:
        case: The case.
    """

    def __init__(self, case: MultiTurnCase) -> None:
        self._case = case
        self._session = case.session()
        self._responses: Counter[str] = Counter()
        self._messages = 0
        self._called = False
        self.turn = 0
        self.turns = len(case.words)
        self._left = list(range(len(case.reference[0])))  # the turn's reference calls that are not made yet
        self.over = False
        self.passed: list[bool] = []

    def words(self) -> str:
        """Return what the user says now."""
        return "" if self.over else self._case.words[self.turn]

    def toolbox(self) -> Toolbox:
        """Return the functions that the agent has now."""
        documents = self._case.visible(min(self.turn, self.turns - 1))
        return {each.name: each.tool(partial(self._answer, each.name)) for each in documents}

    def _answer(self, name: str, /, **arguments: Any) -> str:
        call = ToolCall(name, arguments)
        answer = self._session.run(call)
        self._responses[answer] += 1
        expected, answers = self._case.reference[self.turn], self._case.outcomes[self.turn].answers
        made = [at for at in self._left if expected[at] == call and answers[at] == answer]
        if made:
            self._left.remove(made[0])
        return answer

    def called(self, calls: Sequence[ToolCall], ran: Sequence[bool]) -> None:
        """Take note of a message with calls. Where nothing was to be called, calls in vain count too."""
        if not any(ran):
            self._called |= not self._case.reference[self.turn]
            return
        self._called = True
        self._messages += 1
        if self._messages > TURN_STEPS:
            self.passed += [False] * (self.turns - len(self.passed))
            self.over = True

    def replied(self) -> None:
        """Judge the turn and go on to the next."""
        outcome = self._case.outcomes[self.turn]
        state = self._session.state()
        self.passed.append(turn_passes(outcome, state, self._responses, called=self._called))
        self.turn += 1
        self._messages = 0
        self._called = False
        self.over = self.turn == self.turns
        self._left = [] if self.over else list(range(len(self._case.reference[self.turn])))

    def next_calls(self) -> tuple[ToolCall, ...]:
        """Return the reference calls of this turn that have not been made, with the reference's answers."""
        return () if self.over else tuple(self._case.reference[self.turn][at] for at in self._left)

    def reference(self, *, whole: bool) -> list[list[Any]]:
        """Return the reference calls of the turns that are over, or all."""
        past = self._case.reference if whole else self._case.reference[: self.turn]
        return [[call.name, dict(call.arguments)] for calls in past for call in calls]

    def progress(self) -> float:
        """Count turns that passed, and of the present one the share of reference calls made."""
        expected = 0 if self.over else len(self._case.reference[self.turn])
        made = (expected - len(self._left)) / expected if expected else 0.0
        return (sum(self.passed) + made) / self.turns

    def key(self) -> bytes:
        """Encode services, answers so far, turn, verdicts, and what was called in this turn."""
        state = state_digest(self._session.state())
        own = [self.turn, self.over, self.passed, self._called, self._left]
        return canonical_json([state, self._session.private_state(), sorted(self._responses.items()), own])


class SingleTurnPlay:
    """One request; the first message with a known function, or the first reply, is the answer.

    Args:
        case: The case.
    """

    turns = 1

    def __init__(self, case: SingleTurnCase) -> None:
        self._case = case
        self.turn = 0
        self.over = False
        self.passed: list[bool] = []

    def words(self) -> str:
        """Return what the user says."""
        return "" if self.over else self._case.words

    def toolbox(self) -> Toolbox:
        """Return the functions. They take any argument: to choose well is the task."""
        return {name: each.unchecked().tool(_noted) for name, each in self._case.documents.items()}

    def called(self, calls: Sequence[ToolCall], ran: Sequence[bool]) -> None:
        """Judge the calls; those of unknown functions alone are no answer."""
        if any(ran):
            right = bool(self._case.answers) and not calls_fault(
                calls, self._case.answers, self._case.documents
            )
            self._end(right)

    def replied(self) -> None:
        """Judge a reply: right where nothing was to be called."""
        self._end(not self._case.answers)

    def _end(self, right: bool) -> None:
        self.passed.append(right)
        self.turn, self.over = 1, True

    def next_calls(self) -> tuple[ToolCall, ...]:
        """Return calls that are accepted."""
        return () if self.over else expected_calls(self._case.answers, self._case.documents)

    def reference(self, *, whole: bool) -> list[list[Any]]:
        """Return calls that are accepted, once the turn is over or if `whole`."""
        known = whole or self.over
        calls = expected_calls(self._case.answers, self._case.documents) if known else ()
        return [[call.name, dict(call.arguments)] for call in calls]

    def progress(self) -> float:
        """Tell whether the request was met."""
        return float(sum(self.passed))

    def key(self) -> bytes:
        """Encode whether it is over, and how."""
        return canonical_json([self.over, self.passed])


def _noted(**_: Any) -> str:
    return "Noted."
