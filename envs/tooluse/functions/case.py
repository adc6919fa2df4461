"""A task of function calling: what the user says, what there is to call, and what should be called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.document import Document
from envs.tooluse.functions.services import Filler
from envs.tooluse.functions.session import Session, State

__all__ = ["MORE_FUNCTIONS", "Case", "MultiTurnCase", "SingleTurnCase", "TurnReference"]

MORE_FUNCTIONS: Final = "I have updated some more functions you can choose from. What about now?"


@dataclass(frozen=True)
class TurnReference:
    """What the reference calls of a turn lead to.

    Attributes:
        state: The public state of all services after the turn.
        answers: The answers of the turn's calls, in order.
    """

    state: State
    answers: tuple[str, ...]

    @cached_property
    def responses(self) -> Counter[str]:
        """The answers with multiplicity."""
        return Counter(self.answers)


@dataclass(frozen=True)
class MultiTurnCase:
    """A conversation of several turns over stateful services.

    Attributes:
        id: Its id.
        category: "base", "miss_func", "miss_param", "long_context", or a service of generated tasks.
        words: What the user says at the start of each turn.
        scenario: Initial fields by service.
        services: The services whose functions the agent has, in order.
        documents: The documents of all their functions, by name.
        reference: The calls of each turn that solve it; none where the right thing is to call nothing.
        appears: Functions that are hidden until the turn of this number.
        excluded: Functions that are never there.
        filler: Padding of answers; None for none.
    """

    id: str
    category: str
    words: tuple[str, ...]
    scenario: Mapping[str, Mapping[str, Any]]
    services: tuple[str, ...]
    documents: Mapping[str, Document]
    reference: tuple[tuple[ToolCall, ...], ...]
    appears: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    filler: Filler | None = None

    def visible(self, turn: int) -> tuple[Document, ...]:
        """Return the documents of the functions that the agent has in a turn."""
        hidden = {name for later, names in self.appears.items() if later > turn for name in names}
        hidden |= self.excluded
        return tuple(each for name, each in self.documents.items() if name not in hidden)

    def session(self) -> Session:
        """Make fresh services."""
        return Session(self.services, self.scenario, self.filler)

    @cached_property
    def outcomes(self) -> tuple[TurnReference, ...]:
        """What the reference leads to, turn by turn; computed once."""
        session, found = self.session(), []
        for calls in self.reference:
            answers = tuple(session.run(call) for call in calls)
            found.append(TurnReference(session.state(), answers))
        return tuple(found)


@dataclass(frozen=True)
class SingleTurnCase:
    """One request and functions that nobody has implemented: the calls themselves are judged.

    Attributes:
        id: Its id.
        category: "simple", "multiple", "parallel", "parallel_multiple" or "irrelevance".
        words: What the user says.
        documents: The functions, by name.
        answers: For each call that is expected `{function: {argument: accepted values}}`; "" among the values
            says that the argument may be left out. Empty: the right thing is to call nothing.
    """

    id: str
    category: str
    words: str
    documents: Mapping[str, Document]
    answers: tuple[Mapping[str, Mapping[str, Any]], ...]


Case: TypeAlias = MultiTurnCase | SingleTurnCase
