"""How likely the policy thinks the right answer, after every turn: what information gain is made of.

The environment names the right answer by `reference_answer()`; the agent never sees it. The policy reads the
prompt of a turn and, in place of its response, the answer; the mean log-probability of the answer's tokens is
what the policy believed before the turn, and after the turn before. The belief after the last turn is not
asked for: the outcome takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from agentgym.columns import FloatArray, IntArray
from agentgym.errors import MissingColumnError
from agentgym.registry import make_env
from agentgym.trajectory import Trajectory
from baselines.estimators.primitives import previous_rows
from baselines.models.companion import Play
from baselines.models.rows import Row, packed, shares_prefixes, token_logprobs
from baselines.trainer.config import TrainConfig

__all__ = ["TruthProbe", "check_reference"]


def check_reference(config: TrainConfig) -> None:
    """See whether the environment names right answers.

    Raises:
        MissingColumnError: It does not.
    """
    for env_id in config.played:
        env = make_env(env_id, **config.env_options)
        env.close()
        if not hasattr(env.unwrapped, "reference_answer"):
            raise MissingColumnError(
                f"{env_id} has no right answers to probe (`reference_answer`), so there is no column "
                "'logprob_truth'. Train on an environment that has them, or choose another reward.rule."
            )


class TruthProbe:
    """Asks the policy how likely it thinks right answers.

    Args:
        config: The run; `columns.answer` says how an answer is written.
        model: The policy.
        tokenizer: Its tokenizer.
    """

    def __init__(self, config: TrainConfig, model: Any, tokenizer: Any) -> None:
        self._config, self._model, self._tokenizer = config, model, tokenizer

    @torch.no_grad()
    def columns(self, play: Play) -> dict[str, FloatArray]:
        """Return `logprob_truth` and `truth_start`, shape (N,).

        A task without an answer has the probability 1 throughout, and no gain.
        """
        answers = self._answers(play.trajectories)
        asked = [
            Row(row.prompt, answers[trajectory])
            for row, trajectory in zip(play.rows, play.batch.episode.tolist(), strict=True)
        ]
        before = np.zeros(len(asked))
        told = [k for k, row in enumerate(asked) if len(row.response)]
        share, most = shares_prefixes(self._model), self._config.update.micro_tokens
        for piece in packed(asked, told, most, share=share):
            rows = [asked[k] for k in piece]
            found = token_logprobs(self._model, rows, temperature=1.0).double().cpu().numpy()
            lengths = np.array([len(row.response) for row in rows])
            before[list(piece)] = np.add.reduceat(found, np.cumsum(lengths) - lengths) / lengths
        after, previous = before.copy(), previous_rows(play.batch.episode)
        after[previous[previous >= 0]] = before[previous >= 0]
        return {"logprob_truth": after, "truth_start": before}

    def _answers(self, trajectories: Sequence[Trajectory]) -> list[IntArray]:
        """Tokens of the first right answer of each episode's task."""
        found: dict[tuple[str, str, int], IntArray] = {}
        envs: dict[str, Any] = {}
        for t in trajectories:
            if (t.env_id, t.task_id, t.seed) not in found:
                if t.env_id not in envs:
                    envs[t.env_id] = make_env(t.env_id, **t.env_kwargs)
                env = envs[t.env_id]
                env.reset(seed=t.seed, options={"task": t.task_id})
                found[t.env_id, t.task_id, t.seed] = self._tokens(env.unwrapped.reference_answer())
        for env in envs.values():
            env.close()
        return [found[t.env_id, t.task_id, t.seed] for t in trajectories]

    def _tokens(self, answer: str | Sequence[str]) -> IntArray:
        first = answer if isinstance(answer, str) else next(iter(answer), "")
        if not first:
            return np.zeros(0, np.int64)
        text = self._config.columns.answer.replace("{answer}", first)
        return np.asarray(self._tokenizer(text, add_special_tokens=False)["input_ids"], np.int64)
