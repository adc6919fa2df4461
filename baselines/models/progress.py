"""SPA-RL's progress estimator: what each step contributes to the final reward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.models.companion import Play
from baselines.models.learner import Head, Learner, LearnerConfig
from baselines.models.rows import Row, hidden_states

__all__ = ["ProgressEstimator"]


class ProgressEstimator:
    """Predicts contributions that sum to the outcome of the episode, and gives them as `process_reward`.

    Loss: the mean over episodes of (sum_t c(t) - outcome)^2, where c(t) is a head on the policy's hidden
    state after the response of step t, without gradient into the policy.

    Args:
        model: The policy, a causal language model. It is read, never changed.
        config: How the head learns; `batch` counts episodes.
        seed: Seed of the first weights.
        micro_tokens: Greatest number of tokens in one forward pass.

    References:
        Wang et al. 2025, SPA-RL, https://arxiv.org/abs/2505.20732. Deviation from the paper: the estimator is
        a head on the policy and learns on line from each update's episodes, where the paper trains a language
        model of its own beforehand; an episode's contributions sum to its reward sum.
    """

    def __init__(self, model: Any, config: LearnerConfig, *, seed: int, micro_tokens: int = 16384) -> None:
        self._model, self._micro_tokens = model, micro_tokens
        size = int(model.config.get_text_config().hidden_size)
        self._learner = Learner(lambda: Head(size, config.width), config, seed=seed, device=model.device)
        self._states = torch.empty(0)

    def columns(self, play: Play) -> dict[str, NDArray[np.float64]]:
        """Contribution of every step."""
        self._states = self._read(play.rows)
        return {"process_reward": self._contributions(self._states)}

    def score(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Return the contribution of each row, shape (N,)."""
        return self._contributions(self._read(rows))

    def _read(self, rows: Sequence[Row]) -> Tensor:
        return hidden_states(self._model, rows, micro_tokens=self._micro_tokens).last

    @torch.no_grad()
    def _contributions(self, states: Tensor) -> NDArray[np.float64]:
        contributions: NDArray[np.float64] = self._learner.module(states)[:, 0].double().cpu().numpy()
        return contributions

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Fit the sums to the outcomes."""
        _, first, episode = np.unique(play.batch.episode, return_index=True, return_inverse=True)
        number = torch.as_tensor(episode, device=self._states.device)
        outcome = torch.as_tensor(play.batch.outcome[first], dtype=torch.float32, device=number.device)
        losses = [
            self._learner.step(self._loss(number, outcome, some))
            for some in self._learner.batches(len(outcome), seed)
        ]
        return {"progress_loss": float(np.mean(losses))}

    def _loss(self, episode: Tensor, outcome: Tensor, some: Tensor) -> Tensor:
        """Squared error of the sums of some episodes, given the episode of each row, shape (N,)."""
        wanted = torch.isin(episode, some)
        contributions = self._learner.module(self._states[wanted])[:, 0]
        sums = torch.zeros_like(outcome).index_add(0, episode[wanted], contributions)
        return (sums[some] - outcome[some]).square().mean()

    def state_dict(self) -> dict[str, Any]:
        """Return head and optimizer."""
        return self._learner.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._learner.load_state_dict(state)
