"""How uncertain the agent was at the beginning of a response."""

from __future__ import annotations

import math

import numpy as np

from agentgym.rollout import EpisodeTree, Node

__all__ = ["first_entropy", "opening_entropy"]


def opening_entropy(node: Node, *, tokens: int, vocabulary: int) -> float:
    """Entropy of the first tokens of a response, in units of the greatest that one token can have.

    H = sum_{t < tokens} H_t / log(vocabulary), at least 0; 0 where the decision carries no entropies.

    Args:
        node: The step.
        tokens: How many tokens count.
        vocabulary: Size of the model's vocabulary; 0 leaves the entropy in nats.

    References:
        Dong et al. 2025, ARPO, https://arxiv.org/abs/2507.19849. Deviation from the paper: H_t is taken
        over the whole vocabulary, as the agent reports it; the released code takes the ten most likely tokens
        (`baselines.estimators.primitives.topk_entropy`).
    """
    entropies = node.step.decision.entropies
    if entropies is None or not len(entropies):
        return 0.0
    scale = math.log(vocabulary) if vocabulary > 1 else 1.0
    return float(np.sum(entropies[:tokens])) / scale


def first_entropy(tree: EpisodeTree, node: Node, *, tokens: int, vocabulary: int) -> float:
    """`opening_entropy` of the first step on the way to a node."""
    return opening_entropy(tree.path(node.number)[0], tokens=tokens, vocabulary=vocabulary)
