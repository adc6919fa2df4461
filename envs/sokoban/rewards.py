"""The rewards, as data: one number for each outcome of a move and one for the solved level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from agentgym.errors import suggest

__all__ = ["REWARDS", "RewardName", "RewardTable", "reward_table"]

RewardName = Literal["gym-sokoban", "sparse"]


@dataclass(frozen=True)
class RewardTable:
    """Rewards of a step.

    Attributes:
        outcomes: Reward of each outcome of `envs.sokoban.rules.move`, in their order: wall ahead, stuck box,
            moved, pushed, pushed on a target, pushed off a target.
        nonsense: Reward of an action that is no direction.
        solved: Added when the last box comes to its target.
    """

    outcomes: tuple[float, float, float, float, float, float]
    nonsense: float
    solved: float


REWARDS: Final = {
    "gym-sokoban": RewardTable((-0.1, -0.1, -0.1, -0.1, 0.9, -1.1), nonsense=-0.1, solved=10.0),
    "sparse": RewardTable((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), nonsense=0.0, solved=1.0),
}


def reward_table(name: str) -> RewardTable:
    """Find a reward by name.

    Raises:
        UnknownNameError: There is none of this name.
    """
    if name not in REWARDS:
        raise suggest("reward", str(name), REWARDS)
    return REWARDS[name]
