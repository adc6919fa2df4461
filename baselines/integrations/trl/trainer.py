"""`CreditTrainer`: TRL's `GRPOTrainer` with one of our estimators in the place of its advantages."""

from __future__ import annotations

from typing import Any

import torch
from trl import GRPOTrainer

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError
from agentgym.turns import EXTRA_COLUMNS
from baselines.estimators import Estimator, make_estimator
from baselines.integrations.trl.rollout import EpisodeRollout, outcome
from baselines.trainer.credit import assign_credit
from baselines.trainer.environment import environment_columns

__all__ = ["CreditTrainer"]


class CreditTrainer(GRPOTrainer):  # type: ignore[misc]  # trl is not typed
    """Trains on an advantage for every token, where `GRPOTrainer` has one for every episode.

    The one method that is replaced is `_generate_and_score_completions`: what TRL generates, masks, logs and
    optimises stays TRL's. Its losses read advantages of shape (rows, tokens); "vespo" alone wants one a row.
    Estimators see states, actions, rewards, tokens with log-probabilities and entropies, and what the
    environment tells; those that need a critic or a process model are refused by `MissingColumnError`.

    Args:
        model: As for `GRPOTrainer`.
        rollout: Plays the episodes.
        estimator: A method, or its name.
        reward_funcs: As for `GRPOTrainer`; they are logged and do not enter the advantages. Default: the
            reward sum.
        arguments: Further arguments of `GRPOTrainer`; `train_dataset` has the rows of `rollout_dataset`.

    Raises:
        UnknownNameError: There is no such method.
        ArgumentError: Several processes train: a group may then lie on more than one of them.
    """

    def __init__(
        self,
        model: Any,
        *,
        rollout: EpisodeRollout,
        estimator: Estimator | str = "grpo",
        reward_funcs: Any = outcome,
        **arguments: Any,
    ) -> None:
        super().__init__(model, reward_funcs, rollout_func=rollout, **arguments)
        if self.accelerator.num_processes > 1:
            raise ArgumentError(f"{self.accelerator.num_processes} processes train. CreditTrainer needs one.")
        self.rollout = rollout
        self.estimator = make_estimator(estimator) if isinstance(estimator, str) else estimator

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """Let TRL play and score, then put the estimator's advantages in; shape (rows, tokens)."""
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        played = self.rollout.played
        batch = StepBatch.from_trajectories(played)
        told = set(self.estimator.method.needs) & set(EXTRA_COLUMNS)
        credit = assign_credit(self.estimator, batch.with_columns(**environment_columns(played, told)))
        advantages = torch.zeros(output["completion_ids"].shape)
        token, begun = torch.as_tensor(credit.token, dtype=advantages.dtype), 0
        for row, mask in enumerate(self.rollout.masks):
            sampled = torch.tensor(mask).nonzero().squeeze(-1)
            advantages[row, sampled] = token[begun : begun + len(sampled)]
            begun += len(sampled)
        output["advantages"] = advantages.to(output["completion_ids"].device)
        return output
