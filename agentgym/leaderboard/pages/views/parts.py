"""The parts of a suite: its episodes by environment and kind of task."""

from __future__ import annotations

from functools import lru_cache

from agentgym.errors import AgentGymError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.registry import env_class

__all__ = ["part_of", "parts_of"]


def parts_of(suite: ExpandedSuite) -> tuple[str, ...]:
    """Name the part of each episode of a suite, shape (E,)."""
    return tuple(part_of(episode.env_id, str(episode.task)) for episode in suite.episodes)


@lru_cache(maxsize=65_536)
def part_of(env_id: str, task_id: str) -> str:
    """Name the part that a task belongs to; an environment that is not installed here has one part."""
    name = env_id.rpartition("/")[2]
    try:
        kind = env_class(env_id).kind_of(task_id)
    except (AgentGymError, ImportError):
        kind = ""
    return f"{name} {kind}".strip()
