"""What an agent is: something that answers a batch of turns with a batch of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from agentgym.trajectory import Decision, Turn

__all__ = ["Agent", "decisions_of"]


@runtime_checkable
class Agent(Protocol):
    """Anything with a name and `act`.

    Attributes:
        spec: The specification that makes this agent again, e.g. "random" or "hf:runs/demo/model".
        wants_oracle: Whether `Turn.oracle_action` is to be filled.
    """

    spec: str
    wants_oracle: bool

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision | Exception]:
        """Answer one turn of every live episode, in the same order.

        An exception in the place of a decision breaks that episode alone.
        """
        ...


def decisions_of(agent: Agent, turns: Sequence[Turn]) -> list[Decision]:
    """Ask an agent where every turn must be answered; raise what it has in the place of a decision."""
    answers = agent.act(turns)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if isinstance(answer, Decision)]
