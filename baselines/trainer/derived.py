"""Columns that follow from what was played, without a model: each function takes the turns, N steps.

progress_changes    process_reward: the change of the environment's own progress
reward_parts        rewards: what the environment gives; else the outcome and the share of valid actions
bundles             bundle: some groups of the update together
answer_clusters     cluster: equal last actions of a group
certainty           confidence: how likely the agent's own tokens were
planning_tokens     planning_token: those that write a subgoal
spread              process_token: every token has its step's process reward
values_by_probes    value_token, cut_token, value_start, accuracy: from continuations of the turns
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray, intern_labels
from baselines.estimators.primitives import (
    broadcast,
    first_rows,
    group_stats,
    last_rows,
    previous_rows,
    token_mean,
)
from baselines.models.companion import Play
from baselines.trainer.environment import environment_columns
from baselines.trainer.segments import SUBGOAL_TEXT

__all__ = [
    "answer_clusters",
    "bundles",
    "certainty",
    "planning_tokens",
    "progress_changes",
    "reward_parts",
    "spread",
    "values_by_probes",
]


def progress_changes(play: Play) -> FloatArray:
    """Change of the environment's own progress in each step, shape (N,).

    The progress before the first step is not recorded and counts as 0, the same for all of a group.
    """
    changes = [
        np.diff([step.progress for step in trajectory.steps], prepend=0.0) for trajectory in play.trajectories
    ]
    return np.concatenate(changes)


def reward_parts(play: Play) -> FloatArray:
    """The parts of each episode's reward on all its steps, shape (N, K).

    They are the sums of `rewards` where the environment gives it; else the episode's outcome and the share of
    its actions that were valid.
    """
    batch = play.batch
    if all("rewards" in step.extra for t in play.trajectories for step in t.steps):
        given = np.asarray(environment_columns(play.trajectories, ["rewards"])["rewards"], np.float64)
        return np.stack([_episode_sum(part, batch) for part in given.T], axis=1)
    share = _episode_sum(batch.valid, batch) / _episode_sum(np.ones(len(batch)), batch)
    return np.stack([batch.outcome, share], axis=1)


def bundles(batch: StepBatch, size: int) -> IntArray:
    """Number each `size` groups alike, in the order of their numbers, shape (N,)."""
    return np.unique(batch.group, return_inverse=True)[1] // size


def answer_clusters(batch: StepBatch) -> IntArray:
    """Number equal answers alike on all steps of their episodes, shape (N,).

    An answer is an episode's last action, spaces and case aside.
    """
    last = np.flatnonzero(last_rows(batch.episode))
    said = [" ".join(str(batch.action[row]).casefold().split()) for row in last]
    answer = dict(zip(batch.episode[last].tolist(), intern_labels(said).tolist(), strict=True))
    return np.array([answer[episode] for episode in batch.episode.tolist()], np.int64)


def certainty(batch: StepBatch) -> FloatArray:
    """Geometric mean of the probabilities of each step's tokens when they were sampled, shape (N,).

    It stands for the confidence that SPAE probes by asking for an answer at once; 1 for a step without
    tokens.
    """
    return np.exp(token_mean(batch.column("old_logprob", "the confidence of a step"), batch))


def planning_tokens(token_role: IntArray) -> BoolArray:
    """Mark the tokens of subgoals, see `segments`, shape (T,)."""
    marked: BoolArray = (token_role & SUBGOAL_TEXT) > 0
    return marked


def spread(process_reward: FloatArray, batch: StepBatch) -> FloatArray:
    """Give every token its step's process reward, shape (T,)."""
    return broadcast(process_reward, batch)


def values_by_probes(play: Play) -> dict[str, NDArray[Any]]:
    """Values of turns by the mean return of continuations, see `Play.probed`.

    A turn with continuations is cut after its last token. Where the start has none, its value is the group's
    mean outcome; `accuracy` of a turn without is that of the turn before.
    """
    batch, probed = play.batch, play.probed
    nothing = np.full((len(batch), 2), np.nan)
    before, after = (nothing if probed is None else probed).T
    mean = group_stats(batch.outcome, batch.group, first_rows(batch.episode)).mean
    known = ~np.isnan(after)
    start = np.where(np.isnan(before), mean, before)
    accuracy, previous = np.where(known, after, 0.0), previous_rows(batch.episode)
    for row in np.flatnonzero(~known):  # rows are in time order: the one before is known by now
        accuracy[row] = accuracy[previous[row]] if previous[row] >= 0 else start[row]
    written = np.diff(batch.token_offsets) > 0
    ends = batch.token_offsets[1:][written] - 1
    cut, value = np.zeros(batch.tokens, np.bool_), np.zeros(batch.tokens)
    cut[ends], value[ends] = known[written], np.where(known, after, 0.0)[written]
    return {"cut_token": cut, "value_token": value, "value_start": start, "accuracy": accuracy}


def _episode_sum(x: NDArray[Any], batch: StepBatch) -> FloatArray:
    label = np.unique(batch.episode, return_inverse=True)[1]
    return np.bincount(label, x)[label].astype(np.float64)
