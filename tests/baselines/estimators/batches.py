"""Batches for tests: drawn by hypothesis with the columns that a method needs, permuted and relabelled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentgym import StepBatch
from agentgym.columns import IntArray
from baselines.estimators import method
from baselines.estimators.primitives import last_rows, previous_rows

Columns = dict[str, Any]
Drawn = Callable[[np.random.Generator, int], NDArray[Any]]

STATES = np.array(["hall", "kitchen", "hall "], object)
SCORES = np.array([-2.0, -0.7, -0.1, 0.0, 0.0, 0.1, 0.3, 0.7, 1.0, 1.0, 3.25, 10.0])

LEAST_GROUP = {"grpo_passk": 2, "pure": 2}
"""Episodes that a group must have, where a method refuses smaller groups."""

ALSO = {
    "archer": ("process_reward",),
    "canon": ("entropy",),
    "spa_rl": ("value",),
    "spo_chain": ("value_start",),
    "tempo": ("token_id",),
}
"""Columns that a method needs with some of its keywords, or of which it needs one or another."""

RATES = ("bnpo", "a_grae", "spo_single_stream")
"""Methods that take outcomes in [0, 1] alone."""

DRAWN: dict[str, Drawn] = {
    "value": lambda rng, n: rng.normal(size=n),
    "bootstrap": lambda rng, n: rng.normal(size=n),
    "value_high": lambda rng, n: rng.normal(size=n),
    "value_term": lambda rng, n: rng.normal(size=n),
    "value_start": lambda rng, n: rng.random(n),
    "process_reward": lambda rng, n: rng.choice([-0.5, 0.0, 0.25, 0.25, 1.0], n),
    "rewards": lambda rng, n: rng.choice(SCORES, (n, 2)),
    "accuracy": lambda rng, n: rng.random(n),
    "confidence": lambda rng, n: rng.random(n),
    "logprob_truth": lambda rng, n: -rng.exponential(size=n),
    "truth_start": lambda rng, n: -rng.exponential(size=n),
    "subgoal": lambda rng, n: rng.random(n) < 0.4,
    "option": lambda rng, n: rng.integers(-1, 3, n),
    "tool_calls": lambda rng, n: rng.integers(0, 3, n),
    "logprob": lambda rng, n: -rng.exponential(size=n),
    "old_logprob": lambda rng, n: -rng.exponential(size=n),
    "ref_logprob": lambda rng, n: -rng.exponential(size=n),
    "entropy": lambda rng, n: rng.exponential(size=n),
    "value_token": lambda rng, n: rng.normal(size=n),
    "reward_token": lambda rng, n: rng.choice([0.0, 0.0, 0.0, -0.5, 1.0], n),
    "process_token": lambda rng, n: rng.random(n),
    "advantage": lambda rng, n: rng.normal(size=n),
    "token_id": lambda rng, n: rng.integers(0, 4, n),
    "token_role": lambda rng, n: rng.integers(0, 8, n),
    "planning_token": lambda rng, n: rng.random(n) < 0.5,
    "cut_token": lambda rng, n: rng.random(n) < 0.3,
}
"""Optional columns whose rows do not depend on each other. Those of an episode are in `_of_episodes`."""

ON_TOKENS = frozenset(
    {
        "logprob", "old_logprob", "ref_logprob", "entropy", "value_token", "value_new", "return_token",
        "reward_token", "process_token", "advantage", "clip_scale", "token_id", "token_role", "token_mask",
        "planning_token", "cut_token",
    }
)  # fmt: skip


@st.composite
def batches(
    draw: st.DrawFn,
    *,
    needs: Collection[str] = (),
    least_group: int = 1,
    without: Collection[str] = (),
) -> StepBatch:
    """Draw 1 to 4 groups of `least_group` to 4 episodes of 1 to 5 steps of 0 to 3 tokens, interleaved.

    There are two steps at least, and the first two have a trained token each: whitening needs two values.
    The batch has the columns in `needs`, none of those in `without`, and each other optional one in one of
    two cases, so that methods are also tried without what they merely can use.
    """
    sizes = draw(st.lists(st.integers(least_group, 4), min_size=1, max_size=4))
    lengths = draw(st.lists(st.integers(1, 5), min_size=sum(sizes), max_size=sum(sizes)))
    lengths[0] += len(lengths) == 1 == lengths[0]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    episode = rng.permutation(np.repeat(np.arange(len(lengths)), lengths))
    group = np.repeat(np.arange(len(sizes)), sizes)[episode]
    steps = len(episode)
    tokens = rng.integers(0, 4, steps)
    tokens[:2] = np.maximum(tokens[:2], 1)  # whitening needs two trained tokens, and two steps with any
    end, last = rng.integers(0, 3, len(lengths))[episode], last_rows(episode)
    columns: Columns = {
        "episode": episode,
        "group": group,
        "reward": np.where(rng.random(steps) < 0.5, 0.0, rng.choice(SCORES, steps)),
        "state": rng.choice(STATES, steps),
        "action": rng.integers(0, 2, steps),
        "terminated": last & (end == 0),
        "truncated": last & (end == 1),
        "agent": (episode + rng.integers(0, 2)) % 2,
        "valid": rng.random(steps) < 0.9,
        "token_offsets": np.cumsum([0, *tokens]),
    }
    optional = _optional(rng, columns, needs)
    return StepBatch.from_columns(
        **columns, **{name: array for name, array in optional.items() if name not in without}
    )


def for_method(name: str, **options: Any) -> st.SearchStrategy[StepBatch]:
    """Draw batches that have what a method needs."""
    needs = (*method(name).needs, *ALSO.get(name, ()))
    drawn = batches(needs=needs, least_group=LEAST_GROUP.get(name, 1), **options)
    return drawn.map(_as_rates) if name in RATES else drawn


def _as_rates(batch: StepBatch) -> StepBatch:
    return batch.with_columns(outcome=np.clip(batch.outcome, 0.0, 1.0))


def _optional(rng: np.random.Generator, columns: Columns, needs: Collection[str]) -> Columns:
    steps, tokens = len(columns["episode"]), int(columns["token_offsets"][-1])
    wanted = [name for name in DRAWN if name in needs or rng.random() < 0.5]
    made: Columns = {name: DRAWN[name](rng, tokens if name in ON_TOKENS else steps) for name in wanted}
    if rng.random() < 0.5:
        made["token_mask"] = rng.random(tokens) < 0.7
        made["token_mask"][columns["token_offsets"][:2]] = True
    made.update(_of_episodes(rng, columns["episode"], columns["group"]))
    if "parent" in needs:
        made["parent"] = _parents(rng, columns["episode"], columns["group"])
    return made


def _of_episodes(rng: np.random.Generator, episode: IntArray, group: IntArray) -> Columns:
    """Columns that hold one value for an episode; outcomes of a group are all equal in one of four cases."""
    episodes = int(episode.max()) + 1
    outcome = np.where(
        (rng.random(episodes) < 0.25)[group],
        rng.choice(SCORES, episodes)[group],
        rng.choice(SCORES, episodes)[episode],
    )
    if rng.random() < 0.3:  # a penalty on some steps, taken from their scores alone
        outcome = outcome - 0.1 * (rng.random(len(episode)) < 0.2)
    return {
        "outcome": outcome,
        "stratum": rng.integers(0, 2, episodes)[episode],
        "bundle": group // 2,
        "cluster": rng.integers(0, 2, episodes)[episode],
    }


def _parents(rng: np.random.Generator, episode: IntArray, group: IntArray) -> IntArray:
    """A tree over the steps: an episode starts at the root or at a step of an earlier one of its group."""
    parent = previous_rows(episode)
    for row in np.flatnonzero(parent < 0):
        earlier = np.flatnonzero((group == group[row]) & (episode < episode[row]))
        if len(earlier) and rng.random() < 0.6:
            parent[row] = rng.choice(earlier)
    return parent


def token_order(batch: StepBatch, order: IntArray) -> IntArray:
    """Positions of the tokens when the rows are taken in another order."""
    spans = zip(batch.token_offsets[order], batch.token_offsets[order + 1], strict=True)
    return np.concatenate([np.arange(start, end) for start, end in spans])


def take(batch: StepBatch, order: IntArray) -> StepBatch:
    """All rows in another order, tokens and all."""
    token = token_order(batch, order)
    columns: Columns = {}
    for field in dataclasses.fields(batch):
        array = getattr(batch, field.name)
        if array is not None and field.name != "token_offsets":
            columns[field.name] = array[token if field.name in ON_TOKENS else order]
    if batch.parent is not None:
        place = np.append(np.argsort(order), -1)  # where each row went; the start state stays -1
        columns["parent"] = place[columns["parent"]]
    return StepBatch.from_columns(
        **columns, token_offsets=np.cumsum([0, *np.diff(batch.token_offsets)[order]])
    )


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
