"""An implicit process reward model: a language model trained by trajectory-level DPO (iStar)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError
from baselines.models.companion import Play
from baselines.models.learner import Learner, LearnerConfig
from baselines.models.rows import Row, packed, shares_prefixes, token_logprobs

__all__ = ["PreferenceModel", "Reduction", "preference_weights"]

Reduction: TypeAlias = Literal["sum", "mean"]


class PreferenceModel:
    """Scores each step by how much likelier it has become under a model of preferred episodes.

    `process_reward` of a step is beta * sum over its tokens of log(model / reference). The model is trained
    on pairs of a group's episodes, the better outcome preferred: mean over pairs of -log sigmoid(q+ - q-),
    with q the sum of the episode's process rewards ("sum", the paper) or their mean ("mean", released).

    Args:
        model: A causal language model of its own; its trainable weights change.
        reference: The model it started as; never changed.
        beta: Scale of the log-ratios.
        config: How it learns: an optimizer step is one pass over all pairs of an update; `batch` and `width`
            are not used.
        reduction: From steps to episodes.
        temperature: Of the sampling that made the tokens.
        micro_tokens: Greatest number of tokens in one forward pass.

    Raises:
        ArgumentError: The reduction is unknown.

    References:
        Liu et al. 2025, iStar, https://arxiv.org/abs/2509.19199. Deviations from the paper: an episode is
        preferred to another if its outcome is higher, which for outcomes 0 and 1 is the paper's success
        against failure; the reference is the starting model.
    """

    def __init__(
        self,
        model: Any,
        reference: Any,
        *,
        beta: float = 0.05,
        config: LearnerConfig,
        reduction: Reduction = "sum",
        temperature: float = 1.0,
        micro_tokens: int = 16384,
    ) -> None:
        if reduction not in get_args(Reduction):
            raise ArgumentError(f"`reduction` is {reduction!r}. Expected 'sum' or 'mean'.")
        self._learner = Learner(lambda: model, config, seed=0, device=model.device)
        self._model, self._reference = model, reference
        self._beta, self._reduction, self._temperature = beta, reduction, temperature
        self._micro_tokens = micro_tokens

    def columns(self, play: Play) -> dict[str, NDArray[np.float64]]:
        """Score every step."""
        return {"process_reward": self.score(play.rows)}

    @torch.no_grad()
    def score(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Score steps: shape (N,)."""
        scores = np.zeros(len(rows))
        for piece in self._pieces(rows, range(len(rows))):
            some = [rows[i] for i in piece]
            scores[piece] = self._scores(some).double().cpu().numpy()
        return scores

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Take `epochs` steps on the pairs of the update; none where all outcomes of each group agree."""
        losses = [self._step(play.rows, play.batch) for _ in range(self._learner.config.epochs)]
        return {"preference_loss": losses[-1]}

    def _pieces(self, rows: Sequence[Row], order: Sequence[int] | NDArray[np.int64]) -> Iterator[list[int]]:
        return packed(rows, order, self._micro_tokens, share=shares_prefixes(self._model))

    def _step(self, rows: Sequence[Row], batch: StepBatch) -> float:
        """One exact step on all pairs: the loss's derivative by each row's score first, then row by row."""
        loss, weight = preference_weights(self.score(rows), batch, self._reduction)
        kept = np.flatnonzero(weight)
        if not len(kept):
            return loss
        self._model.train()
        optimizer = self._learner.optimizer
        optimizer.zero_grad()
        for piece in self._pieces(rows, kept):
            scores = self._scores([rows[i] for i in piece])
            share = torch.as_tensor(weight[piece], dtype=scores.dtype, device=scores.device)
            (scores * share).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        optimizer.step()
        self._model.eval()
        return loss

    def _scores(self, rows: Sequence[Row]) -> torch.Tensor:
        """Score some rows, shape (R,), with gradient into the model."""
        with torch.no_grad():
            base = token_logprobs(self._reference, rows, temperature=self._temperature)
        ratio = token_logprobs(self._model, rows, temperature=self._temperature) - base
        lengths = torch.tensor([len(row.response) for row in rows], device=ratio.device)
        row = torch.repeat_interleave(torch.arange(len(rows), device=ratio.device), lengths)
        return self._beta * ratio.new_zeros(len(rows)).index_add(0, row, ratio)

    def state_dict(self) -> dict[str, Any]:
        """Return trainable weights and optimizer."""
        return self._learner.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._learner.load_state_dict(state)


def preference_weights(
    scores: NDArray[np.float64], batch: StepBatch, reduction: Reduction
) -> tuple[float, NDArray[np.float64]]:
    """Compute the loss over all pairs and its derivative by each step's score.

    Args:
        scores: Score of each step, shape (N,).
        batch: The steps; pairs are episodes of one group with different outcomes.
        reduction: Whether an episode's score is the sum or the mean over its steps.

    Returns:
        The loss, 0 without any pair, and dL/dscore, shape (N,).
    """
    _, first, episode, length = np.unique(
        batch.episode, return_index=True, return_inverse=True, return_counts=True
    )
    share = 1.0 / length[episode] if reduction == "mean" else np.ones(len(batch))
    q = np.bincount(episode, scores * share)
    outcome, group = batch.outcome[first], batch.group[first]
    better = (outcome[:, None] > outcome[None, :]) & (group[:, None] == group[None, :])
    pairs = int(better.sum())
    if pairs == 0:
        return 0.0, np.zeros(len(batch))
    margin = q[:, None] - q[None, :]
    loss = float(np.logaddexp(0.0, -margin)[better].mean())
    pull = np.where(better, np.exp(-np.logaddexp(0.0, margin)), 0.0) / pairs  # sigmoid(-margin)
    return loss, (pull.sum(0) - pull.sum(1))[episode] * share
