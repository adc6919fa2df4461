"""What an agent is: something that answers a batch of turns with a batch of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from agentgym.trajectory import Decision, Turn

__all__ = ["Agent", "StreamingAgent", "TurnStream", "decisions_of"]


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


class TurnStream(Protocol):
    """Turns under way to their answers: nobody waits for the longest of a batch."""

    def __len__(self) -> int:
        """Return the number of turns without an answer."""
        ...

    def submit(self, turns: Sequence[Turn]) -> None:
        """Ask for answers to turns of different episodes."""
        ...

    def poll(self) -> Sequence[tuple[Turn, Decision]]:
        """Work for a moment, and return what was answered since."""
        ...

    def leave(self, episode: int) -> None:
        """Be told that an episode is over."""
        ...


@runtime_checkable
class StreamingAgent(Protocol):
    """An agent that may answer turns one by one as well; what it answers is the same."""

    def stream(self) -> TurnStream | None:
        """Begin to answer turns as they come; None: `act` is the better way now."""
        ...


def decisions_of(agent: Agent, turns: Sequence[Turn]) -> list[Decision]:
    """Ask an agent where every turn must be answered; raise what it has in the place of a decision."""
    answers = agent.act(turns)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if isinstance(answer, Decision)]
