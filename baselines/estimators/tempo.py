"""TEMPO: the prefix tree of a group tells which tokens changed the expected outcome."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from baselines.estimators.labels import bounded
from baselines.estimators.prefixes import prefix_codes
from baselines.estimators.primitives import choice, codes, deviation, first_rows, group_stats, token_mean
from baselines.estimators.recursions import following
from baselines.estimators.registry import Advantages, register

__all__ = ["tempo"]

Unit: TypeAlias = Literal["token", "step"]


@register(
    "tempo",
    paper="Exploiting Tree Structure for Credit Assignment in RL Training of LLMs",
    arxiv="2509.18314",
    needs=("outcome",),
    level="token",
    reference=False,
)
def tempo(batch: StepBatch, *, unit: Unit = "token", ddof: int = 1, eps: float = 1e-6) -> Advantages:
    """Add to the episode's lead the change of value where the group's prefix tree branches.

    V(prefix) is the mean outcome of the group's episodes that start with it; a whole sequence is a group of
    its equals; the root is the group's mean. A(t) = ((x - mean_g) + V(t+1) - V(t)) / (std_g + eps), V(t)
    before and V(t+1) after the token. No branching is needed: equal beginnings are found. Without any it is
    grpo.

    Args:
        batch: N steps; "token" reads `token_id`.
        unit: A prefix is a sequence of tokens over the whole episode ("token") or of (state, action) pairs
            ("step").
        ddof: Degrees of freedom of the deviation.
        eps: Added to the deviation. A group whose outcomes are equal, or of one, gets exactly 0.

    Returns:
        "token": `token` of shape (T,), 0 at untrained tokens, and `step`, its mean over a step's tokens;
        "step": `step` of shape (N,).

    Raises:
        MissingColumnError: "token" without `token_id`.
        ArgumentError: The choice is unknown.

    References:
        Tran et al. 2025, https://arxiv.org/abs/2509.18314. Our reading, not checked against released code.
        Deviation from the paper: none known.
    """
    choice("unit", unit, Unit)
    _, mean, std = group_stats(batch.outcome, batch.group, first_rows(batch.episode), ddof=ddof)
    lead = deviation(batch.outcome, mean)
    if unit == "step":
        change = _change(codes(batch.state, batch.action), np.arange(len(batch)), batch, mean)
        return Advantages(np.where(std > 0, (lead + change) / (std + eps), 0.0))
    row = batch.token_row
    change = _change(batch.column("token_id", "tempo"), row, batch, mean)
    scaled = np.where(std[row] > 0, (lead[row] + change) / (std[row] + eps), 0.0)
    token = np.where(batch.trained, scaled, 0.0)
    return Advantages(token_mean(token, batch), token)


def _change(item: IntArray, row: IntArray, batch: StepBatch, mean: FloatArray) -> FloatArray:
    """V after each item less V before it, shape (M,); `row` says to which step an item belongs."""
    episode, score = bounded(batch.episode)[row], batch.outcome[row]
    prefix = prefix_codes(item, episode, batch.group[row])
    ends = following(np.zeros(len(row)), episode, 1.0) > 0
    inner = np.bincount(prefix, score) / np.maximum(np.bincount(prefix), 1)
    whole_count = np.bincount(prefix, ends)
    whole = np.bincount(prefix, np.where(ends, score, 0.0)) / np.maximum(whole_count, 1)
    value = np.where(ends, whole[prefix], inner[prefix])
    before = mean[row]  # of the root; a copy
    order = np.argsort(episode, kind="stable")
    same = episode[order[1:]] == episode[order[:-1]]
    before[order[1:][same]] = inner[prefix[order[:-1][same]]]
    return deviation(value, before)
