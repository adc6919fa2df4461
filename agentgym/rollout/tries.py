"""Episodes that are played more than once: those of agents that try again after a failure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

from agentgym.agents.protocol import Agent
from agentgym.rollout.collector import collect
from agentgym.rollout.plan import Episode
from agentgym.trajectory import Trajectory

__all__ = ["Retrying", "play"]


@runtime_checkable
class Retrying(Protocol):
    """What an agent has that may play an episode again."""

    def again(self, ended: Trajectory) -> bool:
        """Say whether an episode that has ended is to be played once more, from its start."""

    def settled(self, ended: Trajectory) -> Trajectory:
        """Take note that it is not; return what counts as the episode."""


def play(episodes: Iterable[Episode], agent: Agent, **how: Any) -> Iterator[Trajectory]:
    """Play episodes as `collect` does, and those again that the agent wants to try again.

    There is no barrier here either: a second try takes the next free slot, before new episodes. Its episode
    comes out once, when it is settled.

    Args:
        episodes: What to play.
        agent: Who acts.
        how: Keywords of `collect`.
    """
    if not isinstance(agent, Retrying):
        yield from collect(episodes, agent, **how)
        return
    waiting = _Waiting(episodes)
    for ended in collect(waiting, agent, **how):
        if agent.again(ended):
            waiting.first(ended.episode)
        else:
            waiting.forget(ended.episode)
            yield agent.settled(ended)


class _Waiting(Iterator[Episode]):
    """Episodes in the order in which they are to be begun; it may have more after it had none."""

    def __init__(self, episodes: Iterable[Episode]) -> None:
        self._queue = deque(episodes)
        self._begun: dict[int, Episode] = {}

    def __next__(self) -> Episode:
        if not self._queue:
            raise StopIteration
        episode = self._queue.popleft()
        self._begun[episode.number] = episode
        return episode

    def first(self, number: int) -> None:
        """Let an episode that was begun be the next again."""
        self._queue.appendleft(self._begun[number])

    def forget(self, number: int) -> None:
        """Let go of an episode that is settled."""
        del self._begun[number]
