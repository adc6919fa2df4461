"""Batches for estimators with critics: empty steps, untrained tokens, episodes that end in every way."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from agentgym import StepBatch
from agentgym.columns import FloatArray, IntArray

STEP_COLUMNS = ("value", "value_high", "value_term", "bootstrap", "process_reward")
ENDS = st.sampled_from(["terminated", "truncated", "both", "neither"])


@st.composite
def critic_batches(draw: st.DrawFn) -> StepBatch:
    """Draw 1 to 4 interleaved episodes of 1 to 6 steps of 0 to 4 tokens; two steps have trained tokens."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    lengths[0] += sum(lengths) == 1
    episode = np.repeat(np.arange(len(lengths)), lengths)
    episode = episode[draw(st.permutations(range(len(episode))))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = len(episode)
    tokens = np.where(rng.random(steps) < draw(st.sampled_from([0.0, 0.3])), 0, rng.integers(1, 5, steps))
    tokens[:2] += 1
    offsets = np.cumsum([0, *tokens])
    mask = rng.random(offsets[-1]) < draw(st.sampled_from([0.6, 1.0]))
    mask[offsets[[0, 1]]] = True
    ended, cut = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
    for number in range(len(lengths)):
        last, how = np.flatnonzero(episode == number)[-1], draw(ENDS)
        ended[last], cut[last] = how in ("terminated", "both"), how in ("truncated", "both")
    return StepBatch.from_columns(
        episode=10 - 3 * episode,
        group=np.zeros(steps, np.int64),
        reward=np.where(rng.random(steps) < 0.4, 0.0, rng.normal(size=steps)),
        state=np.zeros(steps, np.int64),
        action=np.zeros(steps, np.int64),
        terminated=ended,
        truncated=cut,
        agent=np.zeros(steps, np.int64),
        valid=rng.random(steps) < 0.7,
        token_offsets=offsets,
        token_mask=mask,
        subgoal=rng.random(steps) < draw(st.sampled_from([0.0, 0.4, 1.0])),
        option=rng.integers(-1, 2, steps),
        token_role=rng.integers(0, 8, offsets[-1]),
        value_token=rng.normal(size=offsets[-1]),
        **{name: rng.normal(size=steps) for name in STEP_COLUMNS},
    )


def episodes(batch: StepBatch) -> list[list[int]]:
    """The rows of each episode, in time order."""
    return [np.flatnonzero(batch.episode == label).tolist() for label in np.unique(batch.episode)]


def trained_tokens(batch: StepBatch, row: int) -> list[int]:
    """Positions of the step's trained tokens."""
    span = range(batch.token_offsets[row], batch.token_offsets[row + 1])
    return [k for k in span if batch.trained[k]]


def rewards_on_tokens(batch: StepBatch, rows: list[int]) -> dict[int, float]:
    """Rewards of an episode by token: on the last trained token so far."""
    rewards: dict[int, float] = {}
    latest = None
    for row in rows:
        latest = next(reversed(trained_tokens(batch, row)), latest)
        if latest is not None:
            rewards[latest] = rewards.get(latest, 0.0) + float(batch.reward[row])
    return rewards


def whitened(x: FloatArray, mask: Any) -> FloatArray:
    """Standardise what the mask shows; 0 elsewhere."""
    chosen, result = x[mask], np.zeros(len(x))
    if np.ptp(chosen) > 1e-9:
        result[mask] = (chosen - chosen.mean()) / np.sqrt(chosen.var(ddof=1) + 1e-8)
    return result


def step_means(token: FloatArray, batch: StepBatch) -> FloatArray:
    """Mean over each step's trained tokens, 0 if it has none."""
    chosen: list[IntArray] = [np.asarray(trained_tokens(batch, row), np.int64) for row in range(len(batch))]
    return np.array([token[k].mean() if len(k) else 0.0 for k in chosen])
