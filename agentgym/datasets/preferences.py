"""Which of two is better: episodes of a group, and actions that were tried in one state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from agentgym.hashing import digest
from agentgym.trajectory import Step, Trajectory

__all__ = ["EpisodePair", "Match", "StepPair", "episode_pairs", "step_pairs"]

Match = Literal["state", "history"]


class EpisodePair(NamedTuple):
    """Two episodes of a group, the first better by its reward sum."""

    chosen: Trajectory
    rejected: Trajectory


class StepPair(NamedTuple):
    """Two actions in one state, the first better.

    Attributes:
        chosen: An episode in which the better action was taken.
        turn: When, in that episode.
        rejected: An episode in which the worse one was taken.
        rejected_turn: When, in that episode.
        chosen_return: Mean return of the better action over all times that it was taken here.
        rejected_return: The same of the worse one.
    """

    chosen: Trajectory
    turn: int
    rejected: Trajectory
    rejected_turn: int
    chosen_return: float
    rejected_return: float

    @property
    def better(self) -> Step:
        """The step with the better action."""
        return self.chosen.steps[self.turn]

    @property
    def worse(self) -> Step:
        """The step with the worse action."""
        return self.rejected.steps[self.rejected_turn]


class _Taken(NamedTuple):
    """An action as it was taken once."""

    trajectory: Trajectory
    turn: int
    value: float


def episode_pairs(group: Sequence[Trajectory], *, margin: float = 0.0) -> Iterator[EpisodePair]:
    """Pair the best episode with the worst, the second best with the second worst, and so on.

    Args:
        group: Episodes that started alike. Those that broke off, or took no step, are left out.
        margin: By how much the reward sum of the better must be greater.
    """
    whole = [trajectory for trajectory in group if trajectory.error is None and trajectory.steps]
    ranked = sorted(whole, key=lambda trajectory: (-trajectory.total_reward, trajectory.episode))
    for better, worse in zip(ranked[: len(ranked) // 2], reversed(ranked), strict=False):
        if better.total_reward - worse.total_reward > margin:
            yield EpisodePair(better, worse)


def step_pairs(
    group: Sequence[Trajectory], *, match: Match = "state", gamma: float = 1.0, margin: float = 0.0
) -> Iterator[StepPair]:
    """Pair, in every state where several actions were tried, the best with each worse one.

    An action is worth the mean, over all times that the group took it there, of the discounted reward that
    followed. Pairs come in the order in which their states were first met.

    Args:
        group: Episodes that started alike, e.g. the branches of an `EpisodeTree`. Those that broke off are
            left out: what they would have earned is not known.
        match: "state": steps are compared that began in one true state (`state_key`). "history": those whose
            whole past agrees, state by state and action by action: siblings in a tree.
        gamma: Discount between steps.
        margin: By how much the better must be worth more.

    References:
        Pairs of steps for DPO: Lai et al. 2024, Step-DPO, https://arxiv.org/abs/2406.18629. Deviation from
        the paper: there the first wrong step of an answer is searched for and written anew; here both actions
        were played, and their returns decide.
    """
    tried: dict[str, dict[str, list[_Taken]]] = {}
    for trajectory in group:
        if trajectory.error is None:
            values = _returns(trajectory.steps, gamma)
            for turn, (key, step) in enumerate(zip(_keys(trajectory, match), trajectory.steps, strict=True)):
                taken = _Taken(trajectory, turn, values[turn])
                tried.setdefault(key, {}).setdefault(step.decision.action, []).append(taken)
    for actions in tried.values():
        worth = {action: sum(each.value for each in times) / len(times) for action, times in actions.items()}
        best = max(worth, key=worth.__getitem__)  # of equals the first
        for action in actions:
            if worth[best] - worth[action] > margin:
                better = max(actions[best], key=lambda each: each.value)
                worse = min(actions[action], key=lambda each: each.value)
                yield StepPair(*better[:2], *worse[:2], worth[best], worth[action])


def _returns(steps: Sequence[Step], gamma: float) -> list[float]:
    values, following = [], 0.0
    for step in reversed(steps):
        following = step.reward + gamma * following
        values.append(following)
    return values[::-1]


def _keys(trajectory: Trajectory, match: Match) -> Iterator[str]:
    past = ""
    for step in trajectory.steps:
        if match == "state":
            yield step.state
        else:
            past = digest([past, step.state])
            yield past
            past = digest([past, step.decision.action])
