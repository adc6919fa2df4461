"""What a training run has learnt of steps, as a judge of candidate actions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.agents import Agent
from agentgym.agents.judges import Verdict
from agentgym.errors import ArgumentError
from agentgym.trajectory import Decision, Turn
from baselines.models.rows import Row
from baselines.trainer.loop import opened

__all__ = ["LearnedJudge"]


class LearnedJudge:
    """Scores candidates by a learned part: ArCHer's Q, SPA-RL's contributions, iStar's process rewards.

    The run's own model reads the run's own prompt with each answer as a text, so that the agent that is
    judged may be another one, behind a server for instance.

    Args:
        folder: Of `agentgym train`, with such an estimator: archer, spa_rl or istar.
        agent: Who is judged; it is not asked.

    Raises:
        ArgumentError: The run has learnt nothing of steps.
        CheckpointError: The folder holds no run with a checkpoint.
    """

    def __init__(self, folder: str, agent: Agent) -> None:
        del agent
        policy, supply = opened(Path(folder))
        scorer = supply.scorer()
        if scorer is None:
            raise ArgumentError(
                f"The run {folder} has no critic of actions. Train with --estimator archer, spa_rl or istar."
            )
        self._scorer, self._tokenizer, self._reader = scorer, policy.tokenizer, policy.agent()

    def judge(self, turns: Sequence[Turn], candidates: Sequence[Sequence[Decision]]) -> list[Verdict]:
        """Read every candidate in its state."""
        rows = [
            Row(prompt, self._answer(one))
            for prompt, some in zip(self._reader.encode(turns), candidates, strict=True)
            for one in some
        ]
        scores = self._scorer.score(rows) if rows else np.zeros(0)
        ends = np.cumsum([len(some) for some in candidates])
        return [Verdict(part) for part in np.split(scores, ends[:-1])] if candidates else []

    def _answer(self, decision: Decision) -> NDArray[np.int64]:
        ids: Any = self._tokenizer(decision.response or decision.action, add_special_tokens=False)[
            "input_ids"
        ]
        return np.asarray([*ids, self._tokenizer.eos_token_id], np.int64)
