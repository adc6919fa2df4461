"""SPO chain: the value gained between cut points, credited to the tokens that lead there."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.labels import bounded
from baselines.estimators.primitives import backward_scan, choice, first_rows, previous_rows, token_mean
from baselines.estimators.recursions import following
from baselines.estimators.registry import Advantages, register

__all__ = ["spo_chain"]

Start: TypeAlias = Literal["value", "none"]


@register(
    "spo_chain",
    paper="Segment Policy Optimization: Effective Segment-Level Credit Assignment in RL for Large Language "
    "Models",
    arxiv="2505.23564",
    needs=("cut_token", "value_token", "old_logprob", "outcome"),
    level="token",
)
def spo_chain(batch: StepBatch, *, start: Start = "value", prob_mask: float = 0.9) -> Advantages:
    """Credit each token with the change of value over the segment that it lies in.

    Tokens with a value are the cuts (`value_token`, the mean of a few continuations) and the episode's last
    token (the outcome, unless it is a cut itself). Each takes A = V - V(the valued token before), the first
    against `value_start`; the other tokens take the A of the next valued token. A = 0 where the token's
    probability exceeds prob_mask: the policy had no choice there. Without a cut and a start all are 0.

    Args:
        batch: N steps with T response tokens; `cut_token` says after which tokens a value was estimated (in
            the paper at every 5th token of probability below 0.9).
        start: The first segment counts from the first step's `value_start` ("value"), or its A is 0
            ("none").
        prob_mask: Greatest probability of a token that is credited.

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens.

    Raises:
        MissingColumnError: start="value" without `value_start`.
        ArgumentError: The choice is unknown.

    References:
        Guo et al. 2025, SPO-chain, https://arxiv.org/abs/2505.23564. Deviation from the paper: none known.
    """
    choice("start", start, Start)
    row, label = batch.token_row, bounded(batch.episode)
    episode, cut = label[row], batch.column("cut_token", "spo_chain")
    valued = cut | (following(np.zeros(batch.tokens), episode, 1.0) > 0)
    place = np.flatnonzero(valued)
    value = np.where(cut, batch.column("value_token", "spo_chain"), batch.outcome[row])[place]
    previous = previous_rows(episode[place])
    before, opens = value[previous], previous < 0
    if start == "value":
        begin, first = batch.column("value_start", "spo_chain with start='value'"), first_rows(label)
        opening = np.zeros(int(label.max()) + 1)
        opening[label[first]] = begin[first]
        before[opens] = opening[episode[place[opens]]]
    else:
        before[opens] = value[opens]
    change = np.zeros(batch.tokens)
    change[place] = value - before
    token = backward_scan(change, np.where(valued, 0.0, 1.0), episode)
    free = np.exp(np.minimum(batch.column("old_logprob", "spo_chain"), 0.0)) <= prob_mask
    token = np.where(batch.trained & free, token, 0.0)
    return Advantages(token_mean(token, batch), token)
