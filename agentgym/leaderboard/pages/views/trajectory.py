"""One episode, turn by turn, its steps coloured by what a method would credit them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentgym.colourings import RECORDED, StepValues, choices, colour
from agentgym.leaderboard.pages.admissible import Admissible, admissible_actions
from agentgym.leaderboard.pages.views.parts import part_of
from agentgym.leaderboard.pages.views.suites import suite_of
from agentgym.leaderboard.summary import SuiteSummary, Summary
from agentgym.trajectory import Step, Trajectory

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["TrajectoryView", "TurnView", "trajectory_view"]

_MOST_TURNS = 1000
_LARGEST_GROUP = 16


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn.

    Attributes:
        number: Its number, from 0.
        observation: What the agent saw.
        action: What it did.
        response: Its raw answer; "" where that is the action itself.
        reward: What it earned.
        valid: Whether the environment understood it.
        tokens: Number of response tokens.
        progress: Progress after it, in [0, 1].
        score: Score after it, in [0, 1].
        state: Key of the state in which it acted.
        ended: "terminated" or "truncated" where the episode ended with it; "" else.
        entropy: Mean entropy of the response tokens in nats; None where it was not recorded.
        estimate: The agent's own estimate of the return; None where it made none.
        value: What the colouring gives it; None where it gives nothing.
        level: Shade of that number, -4 to 4.
        admissible: The admissible actions, shortened where they are many; None where they were not asked for
            or the set is open.
        admissible_count: Number of admissible actions.
    """

    number: int
    observation: str
    action: str
    response: str
    reward: float
    valid: bool
    tokens: int
    progress: float
    score: float
    state: str
    ended: str
    entropy: float | None
    estimate: float | None
    value: float | None
    level: int
    admissible: tuple[str, ...] | None
    admissible_count: int


@dataclass(frozen=True, slots=True)
class TrajectoryView:
    """One episode of an entry.

    Attributes:
        entry: The entry.
        suite: The suite that it answers.
        number: Number of the episode.
        part: Environment and kind of task.
        env_id: The environment.
        env_kwargs: Its constructor arguments.
        task_id: The task.
        seed: Seed of the reset.
        success: Whether it reached the goal.
        final_score: Its final score, in [0, 1].
        total_reward: Sum of its rewards.
        error: Why it broke off; None where it did not.
        final_observation: The text after the last turn.
        group: Numbers of the episodes that started alike, this one among them.
        colouring: What the steps are coloured by.
        colourings: The names of the colourings that fit, by family.
        admissible: How the admissible actions were found; None where they were not asked for.
        turns: The turns of this page.
        offset: Number of turns before this page.
        length: Number of turns of the episode.
        previous: Number of the episode before; None at the first.
        next: Number of the episode after; None at the last.
    """

    entry: Summary
    suite: SuiteSummary
    number: int
    part: str
    env_id: str
    env_kwargs: Mapping[str, object]
    task_id: str
    seed: int
    success: bool
    final_score: float
    total_reward: float
    error: str | None
    final_observation: str
    group: tuple[int, ...]
    colouring: StepValues
    colourings: Mapping[str, tuple[str, ...]]
    admissible: Admissible | None
    turns: tuple[TurnView, ...]
    offset: int
    length: int
    previous: int | None
    next: int | None

    @property
    def tokens(self) -> int:
        """Number of response tokens of the turns shown."""
        return sum(turn.tokens for turn in self.turns)


def trajectory_view(
    store: Store,
    id: int,
    number: int,
    *,
    colouring: str = "reward",
    admissible: bool = False,
    offset: int = 0,
    limit: int = _MOST_TURNS,
) -> TrajectoryView:
    """Look at one episode of an entry.

    Args:
        store: The store.
        id: Number of the entry.
        number: Number of the episode.
        colouring: What its steps are coloured by, see `agentgym.colourings`. Those that compare episodes see
            the episodes of its group, at most 16 of them.
        admissible: Whether to execute the episode again for the actions that were admissible: no trajectory
            records them.
        offset: Number of turns to skip.
        limit: Greatest number of turns shown.

    Raises:
        ArgumentError: There is no such entry or episode.
        UnknownNameError: There is no such colouring.
    """
    entry = store.summary(id)
    suite = suite_of(store, entry.suite_hash)
    group = _group(store, entry, number)
    alone = colouring in RECORDED.names() or not group
    episodes = [store.trajectory(id, number)] if alone else store.trajectories(id, group)
    which = 0 if alone else group.index(number)
    shown = episodes[which]
    values = colour(colouring, episodes, which)
    found = admissible_actions(shown) if admissible else None
    return TrajectoryView(
        entry=entry,
        suite=suite,
        number=number,
        part=part_of(shown.env_id, shown.task_id),
        env_id=shown.env_id,
        env_kwargs=shown.env_kwargs,
        task_id=shown.task_id,
        seed=shown.seed,
        success=shown.success,
        final_score=shown.score,
        total_reward=shown.total_reward,
        error=shown.error,
        final_observation=shown.final_observation,
        group=tuple(group),
        colouring=values,
        colourings=choices(episodes),
        admissible=found,
        turns=_turns(shown, values, found, offset, limit),
        offset=offset,
        length=len(shown.steps),
        previous=number - 1 if number > 0 else None,
        next=number + 1 if number + 1 < entry.episodes else None,
    )


def _group(store: Store, entry: Summary, number: int) -> list[int]:
    """Return the numbers of the episodes that started as this one did: 16 of them, with this one."""
    episodes = store.suite(entry.suite_hash).episodes
    if not 0 <= number < len(episodes):
        return []
    alike = [e.number for e in episodes if e.group == episodes[number].group]
    first = max(0, alike.index(number) - _LARGEST_GROUP + 1)
    return alike[first : first + _LARGEST_GROUP]


def _turns(
    episode: Trajectory, values: StepValues, found: Admissible | None, offset: int, limit: int
) -> tuple[TurnView, ...]:
    scale = values.scale
    made = []
    for number, step in enumerate(episode.steps[offset : offset + limit], start=offset):
        value = values.values[number] if values.values else None
        actions = found.turns[number] if found is not None and number < len(found.turns) else None
        made.append(_turn(number, step, value, scale.level(value or 0.0), actions))
    return tuple(made)


def _turn(
    number: int, step: Step, value: float | None, level: int, actions: tuple[Sequence[str], int] | None
) -> TurnView:
    decision = step.decision
    entropies = decision.entropies
    return TurnView(
        number=number,
        observation=step.observation,
        action=decision.action,
        response=decision.response if decision.response != decision.action else "",
        reward=step.reward,
        valid=step.valid,
        tokens=decision.tokens,
        progress=step.progress,
        score=step.score,
        state=step.state,
        ended="terminated" if step.terminated else "truncated" if step.truncated else "",
        entropy=float(entropies.mean()) if entropies is not None and len(entropies) else None,
        estimate=decision.value,
        value=value,
        level=level,
        admissible=None if actions is None else tuple(actions[0]),
        admissible_count=0 if actions is None else actions[1],
    )
