"""From a batch to the advantage of every response token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from baselines.estimators import Estimate, Estimator, make_estimator
from baselines.trainer.config import TrainConfig
from baselines.trainer.tree import Tree, prefix_tree

__all__ = ["Credit", "assign_credit", "estimator_of"]


class Credit(NamedTuple):
    """What an estimator found.

    Attributes:
        estimate: Its result.
        token: Advantage of every response token of the batch, shape (T,).
    """

    estimate: Estimate
    token: NDArray[np.float64]


def estimator_of(config: TrainConfig) -> Estimator:
    """Make the run's estimator.

    A segment that the branching policy spo_tree grows is several nodes; the estimator then credits all of it.

    Raises:
        UnknownNameError: There is no such estimator or keyword.
    """
    grows_segments = config.estimator == config.rollout.branching.get("policy") == "spo_tree"
    options = {"unit": "segment"} if grows_segments else {}
    return make_estimator(config.estimator, **{**options, **config.estimator_options})


def assign_credit(estimator: Estimator, batch: StepBatch, node: NDArray[np.int64] | None = None) -> Credit:
    """Run an estimator; one that reads `parent` gets a tree of the group.

    The turns that a node of the tree merges all get the node's advantage, each on its own tokens. Tokens that
    are not trained get 0.

    Args:
        estimator: The method.
        batch: N steps.
        node: Node of each step in the tree that was grown, shape (N,); None: equal histories are one node.
    """
    lengths = np.diff(batch.token_offsets)
    if "parent" in estimator.method.needs:
        tree = prefix_tree(batch) if node is None else Tree(*batch.merged(node))
        estimate = estimator(tree.batch)
        return Credit(estimate, np.repeat(estimate.step[tree.node], lengths) * batch.trained)
    estimate = estimator(batch)
    token = np.repeat(estimate.step, lengths) if estimate.token is None else estimate.token
    return Credit(estimate, token * batch.trained)
