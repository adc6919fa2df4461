"""What a task comes to: the state that its ground truth leads to, and how far an episode has got."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from envs.tooluse.core import ToolCall, run_call
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.task import TRANSFER, CustomerTask, Domain

__all__ = ["Places", "Truth", "Verdict", "fulfils", "judge", "said_in", "truth_of"]

_READS: Final = ("find_", "get_", "list_", "search_", TRANSFER)

Places = Mapping[tuple[str, str], str]
"""Canonical text of the rows that differ from the base, by table and key."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the ground truth of a task leads to.

    Attributes:
        rows: The rows that it changes.
        outputs: What must be said.
        calls: The calls that must be made, by whichever way the goal is reached.
        by_state: Whether the rows count.
    """

    rows: Places
    outputs: tuple[str, ...]
    calls: tuple[ToolCall, ...]
    by_state: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far an episode has got.

    Attributes:
        state: Whether the rows are those of the ground truth.
        said: Whether all outputs were said.
        called: Whether all calls that are demanded were made.
        progress: Share of rows, outputs and calls that are as they should be, in [0, 1); rows that should
            not have been changed are taken off.
    """

    state: bool
    said: bool
    called: bool
    progress: float

    @property
    def right(self) -> bool:
        """Whether the episode is a success if it ends now."""
        return self.state and self.said and self.called

    @property
    def parts(self) -> dict[str, float]:
        """What the reward is the product of."""
        return {"state": float(self.state), "outputs": float(self.said), "calls": float(self.called)}


def truth_of(domain: Domain, task: CustomerTask, base: Base, *, strict: bool) -> Truth:
    """Replay the ground truth of a task. Calls of it that fail stay in: they change nothing.

    Args:
        domain: Where the tools are.
        task: The task.
        base: The database that it starts from.
        strict: Whether what the ground truth reads, and its transfer, are demanded.
    """
    database = Database(base)
    service = domain.service(database)
    for call in (*task.prologue, *task.actions):
        if call.name != TRANSFER:
            run_call(service.tools, call)
    reads = [call for call in task.actions if call.name.startswith(_READS)] if strict else []
    return Truth(database.changed(), task.outputs, (*task.required, *reads), task.by_state)


def judge(truth: Truth, rows: Places, said: frozenset[int], made: frozenset[int]) -> Verdict:
    """Compare an episode with the ground truth.

    Args:
        truth: What the ground truth leads to.
        rows: The rows that the episode has changed.
        said: Numbers of the outputs that were said.
        made: Numbers of the demanded calls that were made.
    """
    wanted = truth.rows if truth.by_state else {}
    right = sum(rows.get(place) == text for place, text in wanted.items())
    wrong = sum(place not in wanted for place in rows) if truth.by_state else 0
    done = right - wrong + len(said) + len(made)
    units = len(wanted) + len(truth.outputs) + len(truth.calls) + 1  # the one is the good end
    return Verdict(
        state=not truth.by_state or dict(rows) == dict(wanted),
        said=len(said) == len(truth.outputs),
        called=len(made) == len(truth.calls),
        progress=max(0, done) / units,
    )


def fulfils(call: ToolCall, demand: ToolCall) -> bool:
    """Whether a call is the one that is demanded: equal in name and in each argument that is demanded.

    What is said at a transfer is free.
    """
    if call.name != demand.name or call.name == TRANSFER:
        return call.name == demand.name
    return all(call.arguments.get(name) == value for name, value in demand.arguments.items())


def said_in(output: str, reply: str, *, strict: bool) -> bool:
    """Whether a reply says an output: case and commas do not matter.

    tau-bench takes any substring, so that "10" is found in "2010"; `strict` wants whole words and numbers.
    """
    wanted, text = output.lower(), reply.lower().replace(",", "")
    if not strict:
        return wanted in text
    return re.search(rf"(?<![\w.]){re.escape(wanted)}(?!\w|\.\d)", text) is not None
