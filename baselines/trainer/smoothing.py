"""EPO in a training run: the entropy term of the loss, and the entropies it remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from baselines.losses import EpoHistory, epo_penalty, epo_weight
from baselines.trainer.config import EpoConfig

__all__ = ["EntropySmoothing", "EntropyTerm"]


@dataclass(frozen=True, slots=True)
class EntropyTerm:
    """The term of one update: coefficient * (mean penalty - mean entropy), means over its tokens.

    Attributes:
        config: What it is told.
        past: Mean entropy of past updates by step number, shape (S,).
        step_index: Number of each turn in its episode, shape (N,).
        weight: Weight of the penalty in this update; 0 where no episode is long enough to be penalised.
    """

    config: EpoConfig
    past: NDArray[np.float64]
    step_index: NDArray[np.int64]
    weight: float

    @property
    def coefficient(self) -> float:
        """Weight of the whole term."""
        return self.config.coefficient

    def penalties(self, entropy: torch.Tensor, offsets: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """Weigh the penalty of every token of some turns.

        Args:
            entropy: Entropy of the policy at each of their tokens, shape (T,), with gradient.
            offsets: Bounds of the turns, shape (R+1,).
            rows: Their R row numbers.

        Returns:
            Shape (T,).
        """
        config = self.config
        return self.weight * epo_penalty(
            entropy,
            offsets,
            self.past,
            self.step_index[list(rows)],
            mode=config.mode,
            low=config.low,
            high=config.high,
            penalty=config.penalty,
            soft=config.soft,
        )


class EntropySmoothing:
    """Makes the term of each update and remembers the update's entropies.

    References:
        Xu et al. 2025, EPO, https://arxiv.org/abs/2509.22576. Deviation from the paper: an epoch is an
        update, and its entropies are those recorded at sampling.
    """

    def __init__(self, config: EpoConfig) -> None:
        self._config = config
        self._history = EpoHistory()

    def term(self, batch: StepBatch, update: int) -> EntropyTerm:
        """Make the term of an update, numbered from 0."""
        index = _step_index(batch)
        long_enough = bool((index >= self._config.max_steps // 2).any())
        weight = epo_weight(update, self._config.epochs) if long_enough else 0.0
        return EntropyTerm(self._config, self._history.mean, index, float(weight))

    def remember(self, batch: StepBatch) -> None:
        """Add the entropies of an update that is done."""
        entropy = batch.column("entropy", "update.epo")
        self._history.add(entropy, batch.token_offsets, _step_index(batch))

    def state_dict(self) -> dict[str, Any]:
        """Return the entropies remembered."""
        return self._history.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._history.load_state_dict(state)


def _step_index(batch: StepBatch) -> NDArray[np.int64]:
    """Number of each turn in its episode, shape (N,); the trainer's episodes are not interleaved."""
    _, first, episode = np.unique(batch.episode, return_index=True, return_inverse=True)
    return np.arange(len(batch), dtype=np.int64) - first[episode]
