"""A customer's task, and the domain that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from envs.tooluse.core import ToolCall
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.desk import Desk

__all__ = ["SPLITS", "TRANSFER", "CustomerTask", "Domain", "Script"]

SPLITS: Final = ("train", "validation", "test")

TRANSFER: Final = "transfer_to_human_agents"
"""The tool that ends a conversation."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a customer without a model says.

    Attributes:
        opening: The first words.
        answers: What is answered when asked for a topic: "email", "zip", "name", "user id", "order",
            "payment", "reason".
        sentences: What else there is to say, one after the other.
    """

    opening: str
    answers: Mapping[str, str]
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerTask:
    """What a customer wants, and how it is done.

    Attributes:
        id: The task id.
        user_id: The customer.
        instruction: What the customer wants, told to the customer.
        actions: The calls that do it.
        outputs: What the agent must have told the customer.
        script: What a customer without a model says.
        prologue: Calls that are made before the conversation begins.
        required: Calls of which each must have been made, by whichever way the goal is reached.
        by_state: Whether the final state counts.
        not_scored: Criteria of the task that need a judge and are left out.
    """

    id: str
    user_id: str
    instruction: str
    actions: tuple[ToolCall, ...]
    outputs: tuple[str, ...]
    script: Script
    prologue: tuple[ToolCall, ...] = ()
    required: tuple[ToolCall, ...] = ()
    by_state: bool = True
    not_scored: tuple[str, ...] = field(default=())


class Domain(Protocol):
    """A kind of customer service.

    Attributes:
        name: Its name.
        policy: The rules that the agent keeps.
        finite: Whether there are so few tasks that something may be kept of each.
    """

    name: str
    policy: str
    finite: bool

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        ...

    def task(self, task: str) -> CustomerTask:
        """Return a task."""
        ...

    def base(self, task: str) -> Base:
        """Return the database that a task starts from."""
        ...

    def service(self, database: Database) -> Desk:
        """Set the tools up over a database."""
        ...
