"""Batches for tests: drawn by hypothesis, permuted and relabelled."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

from agentgym import StepBatch
from agentgym.columns import IntArray

Columns = dict[str, Any]

_SCORES = st.sampled_from([-2.0, -0.7, -0.1, 0.0, 0.1, 0.3, 0.7, 1.0, 1.0, 3.25, 10.0])
_REWARDS = st.one_of(st.just(0.0), _SCORES, st.floats(-5.0, 5.0).map(lambda x: round(x, 3)))


@st.composite
def batches(draw: st.DrawFn, *, least_group: int = 1) -> StepBatch:
    """Draw 1 to 4 groups of `least_group` to 4 episodes of 1 to 5 steps of 1 to 3 tokens, interleaved."""
    sizes = draw(st.lists(st.integers(least_group, 4), min_size=1, max_size=4))
    group_of = [group for group, size in enumerate(sizes) for _ in range(size)]
    lengths = draw(st.lists(st.integers(1, 5), min_size=len(group_of), max_size=len(group_of)))
    episode = np.repeat(np.arange(len(lengths)), lengths)
    episode = episode[draw(st.permutations(range(len(episode))))]
    steps = len(episode)
    tokens = draw(st.lists(st.integers(1, 3), min_size=steps, max_size=steps))
    tokens[0] += 1  # whitening needs two tokens
    states = draw(st.lists(st.sampled_from(["hall", "kitchen", "hall "]), min_size=steps, max_size=steps))
    return StepBatch.from_columns(
        episode=episode,
        group=np.asarray(group_of)[episode],
        reward=draw(st.lists(_REWARDS, min_size=steps, max_size=steps)),
        state=states,
        action=np.zeros(steps, np.int64),
        terminated=np.zeros(steps, np.bool_),
        truncated=np.zeros(steps, np.bool_),
        agent=np.zeros(steps, np.int64),
        valid=np.ones(steps, np.bool_),
        token_offsets=np.cumsum([0, *tokens]),
        outcome=np.asarray(draw(st.lists(_SCORES, min_size=len(lengths), max_size=len(lengths))))[episode],
        **_optional(draw, steps, sum(tokens)),
    )


def _optional(draw: st.DrawFn, steps: int, tokens: int) -> Columns:
    """Every optional column, so that every registered method finds what it needs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns: Columns = {
        name: -rng.exponential(size=tokens) for name in ("logprob", "old_logprob", "ref_logprob")
    }
    for name in ("entropy", "value_token", "process_token", "reward_token"):
        columns[name] = rng.exponential(size=tokens)
    for name in (
        "value",
        "bootstrap",
        "value_high",
        "value_term",
        "value_start",
        "process_reward",
        "accuracy",
    ):
        columns[name] = rng.random(steps)
    for name in ("subgoal",):
        columns[name] = rng.random(steps) < 0.3
    return columns


def take(batch: StepBatch, order: IntArray) -> StepBatch:
    """The rows in another order, tokens and all."""
    lengths = np.diff(batch.token_offsets)[order]
    spans = zip(batch.token_offsets[order], batch.token_offsets[order + 1], strict=True)
    token = np.concatenate([np.arange(start, end) for start, end in spans])
    columns: Columns = {}
    for field in dataclasses.fields(batch):
        array = getattr(batch, field.name)
        if array is not None and field.name != "token_offsets":
            columns[field.name] = array[token if field.name in _ON_TOKENS else order]
    return StepBatch.from_columns(**columns, token_offsets=np.cumsum([0, *lengths]))


_ON_TOKENS = {
    "logprob", "old_logprob", "ref_logprob", "entropy", "value_token", "value_new", "return_token",
    "reward_token", "process_token", "advantage", "clip_scale", "token_id", "token_role", "token_mask",
    "planning_token", "cut_token",
}  # fmt: skip


def make(
    episode: list[int],
    reward: list[float],
    *,
    group: list[int] | None = None,
    tokens: int = 1,
    **columns: Any,
) -> StepBatch:
    """A batch of which only what matters is said; each step has `tokens` tokens."""
    steps = len(episode)
    given: Columns = {
        "group": group or [0] * steps,
        "state": [0] * steps,
        "action": [0] * steps,
        "terminated": [False] * steps,
        "truncated": [False] * steps,
        "agent": [0] * steps,
        "valid": [True] * steps,
        "token_offsets": np.arange(steps + 1) * tokens,
    }
    return StepBatch.from_columns(episode=episode, reward=reward, **{**given, **columns})
