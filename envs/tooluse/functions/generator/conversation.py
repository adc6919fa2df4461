"""The writing of a generated case: services, requests turn by turn, and their reference calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.case import MORE_FUNCTIONS, MultiTurnCase
from envs.tooluse.functions.document import Document, own_documents
from envs.tooluse.functions.generator.difficulty import Difficulty
from envs.tooluse.functions.generator.request import Request
from envs.tooluse.functions.generator.requests import REQUESTS
from envs.tooluse.functions.generator.words import Draw
from envs.tooluse.functions.generator.worlds import SCENARIOS, SLOTS
from envs.tooluse.functions.services import SERVICES
from envs.tooluse.functions.session import Session

__all__ = ["write_case"]

_TRIES: Final = 20  # then requests of all kinds are drawn: every service has some that it can always meet
_FAILURES: Final = ('"error"', "Error", "not found", ": false", "Unknown", "00000")


@dataclass(frozen=True)
class _Turn:
    words: str
    calls: tuple[ToolCall, ...]


def write_case(id: str, service: str, difficulty: Difficulty, draw: Draw) -> MultiTurnCase:
    """Write a case.

    Args:
        id: Id of the task.
        service: The service that the first turn is for.
        difficulty: How hard it is to be.
        draw: The chance.
    """
    others = draw.some_of([name for name in SERVICES if name != service], difficulty.services - 1)
    services = (service, *others)
    writer = _Writer(services, difficulty, draw)
    length = draw.between(difficulty.fewest_turns, difficulty.most_turns)
    turns = [writer.turn(service if number == 0 else draw.one_of(services)) for number in range(length)]
    turns, appears = _hide(turns, difficulty, draw)
    return MultiTurnCase(
        id=id,
        category=service,
        words=tuple(turn.words for turn in turns),
        scenario=writer.scenario,
        services=services,
        documents=_shown(services, turns, difficulty, draw),
        reference=tuple(turn.calls for turn in turns),
        appears=appears,
    )


class _Writer:
    """Writes turns. Every request is tried on the services before it is taken: its calls succeed.

    Args:
        services: The services.
        difficulty: How hard the case is to be.
        draw: The chance.
    """

    def __init__(self, services: Sequence[str], difficulty: Difficulty, draw: Draw) -> None:
        self.scenario = {name: SCENARIOS[name](draw) for name in services}
        self._services, self._difficulty, self._draw = services, difficulty, draw
        self._made: list[ToolCall] = []
        self._session = self._replayed()

    def turn(self, service: str) -> _Turn:
        """Write a turn for a service: one request or several, all different in kind."""
        words: list[str] = []
        calls: list[ToolCall] = []
        left = list(REQUESTS[service])
        for _ in range(self._draw.between(1, self._difficulty.requests)):
            kind, said, made = self._request(service, left)
            left.remove(kind)
            words.append(said)
            calls += made
        return _Turn(" ".join(words), tuple(calls))

    def _request(self, service: str, kinds: Sequence[Request]) -> tuple[Request, str, tuple[ToolCall, ...]]:
        chained = self._draw.chance(self._difficulty.chained)
        wanted = [kind for kind in kinds if kind.chained is chained]
        for attempt in count():
            kind = self._draw.one_of(wanted if wanted and attempt < _TRIES else kinds)
            slots = SLOTS[service](self._session.services[service], self._draw)
            calls = kind.fill(slots)
            if all(_succeeded(self._session.run(call)) for call in calls):
                self._made += calls
                wordings = kind.wordings[:1] if self._difficulty.one_wording else kind.wordings
                return kind, self._draw.one_of(wordings).format_map(slots), calls
            self._session = self._replayed()
        raise AssertionError("count() does not end")

    def _replayed(self) -> Session:
        session = Session(self._services, self.scenario)
        for call in self._made:
            session.run(call)
        return session


def _succeeded(answer: str) -> bool:
    """Tell whether a service did what it was asked: it says otherwise in one of these ways."""
    return not any(sign in answer for sign in _FAILURES)


def _hide(
    turns: Sequence[_Turn], difficulty: Difficulty, draw: Draw
) -> tuple[list[_Turn], dict[int, tuple[str, ...]]]:
    """Let some turns come twice: first without a function that they need, then with it."""
    made: list[_Turn] = []
    appears: dict[int, tuple[str, ...]] = {}
    used: set[str] = set()
    for turn in turns:
        new = [call.name for call in turn.calls if call.name not in used]
        if new and not appears and draw.chance(difficulty.missing):
            made += [_Turn(turn.words, ()), _Turn(MORE_FUNCTIONS, turn.calls)]
            appears[len(made) - 1] = (draw.one_of(new),)
        else:
            made.append(turn)
        used.update(call.name for call in turn.calls)
    return made, appears


def _shown(
    services: Sequence[str], turns: Sequence[_Turn], difficulty: Difficulty, draw: Draw
) -> Mapping[str, Document]:
    """Choose the functions that the agent is shown: those it needs, and others up to the number wanted."""
    documents = {name: each for service in services for name, each in own_documents(service).items()}
    if not difficulty.functions:
        return documents
    needed = {call.name for turn in turns for call in turn.calls}
    others = [name for name in documents if name not in needed]
    shown = needed.union(draw.some_of(others, max(0, difficulty.functions - len(needed))))
    return {name: each for name, each in documents.items() if name in shown}
