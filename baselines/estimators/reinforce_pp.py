"""REINFORCE++: whitened token returns, without groups."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.primitives import backward_scan, last_tokens, token_mean, whiten
from baselines.estimators.registry import Advantages, register

__all__ = ["reinforce_pp"]


@register(
    "reinforce_pp",
    paper="REINFORCE++: Stabilizing Critic-Free Policy Optimization with Global Normalization",
    arxiv="2501.03262",
    needs=("outcome", "token_offsets"),
    level="token",
)
def reinforce_pp(batch: StepBatch, *, gamma: float = 1.0) -> Advantages:
    """Score each token with the discounted outcome, standardised over all trained tokens of the batch.

    G(t) = R(t) + gamma * G(t+1) within a step (a response is one sequence), R the outcome on its last trained
    token and 0 elsewhere; A = (G - mean G) / sqrt(var G + 1e-8). Nothing is carried back over an untrained
    token.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between tokens.

    Returns:
        `token` of shape (T,), 0 at untrained tokens, and `step` of shape (N,), its mean over a step's tokens.

    Raises:
        ArgumentError: The batch has fewer than two trained tokens.

    References:
        Hu et al. 2025, global advantage normalisation, https://arxiv.org/abs/2501.03262. Deviation from
        the paper: the KL penalty is left to the loss. Deviation from released code: the outcome goes to the
        last trained token, where verl takes the last one even if it is masked and would then lose it.
    """
    mask = batch.token_mask
    carry = gamma if mask is None else gamma * np.append(mask[1:], False)
    token = whiten(backward_scan(_final_scores(batch), carry, batch.token_row), mask)
    return Advantages(token_mean(token, batch), token)


def _final_scores(batch: StepBatch) -> FloatArray:
    scores = np.zeros(batch.tokens)
    last, row = last_tokens(batch)
    scores[last] = batch.outcome[row]
    return scores
