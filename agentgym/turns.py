"""What passes between environment and agent: `Turn` is seen, `Decision` answered, `Step` what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXTRA_COLUMNS", "Decision", "Step", "Turn"]

EXTRA_COLUMNS = ("predicted_calls", "process_reward", "reference_calls", "rewards", "stratum", "tool_calls")
"""Columns of a batch that an environment may give under these names in `info["extra"]`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An agent's answer to one turn.

    Attributes:
        action: The text that is given to the environment.
        response: The raw answer from which the action was taken; equal to the action where there is no model.
        prompt_ids: Token ids of the prompt, shape (P,), int64; None unless a language model answered.
        token_ids: Token ids of the response exactly as sampled, shape (T,), int64.
        logprobs: Log-probability of each response token under the sampling policy, shape (T,), float64.
        entropies: Entropy in nats of each token's distribution, shape (T,), float64.
        value: The agent's own estimate of the return from here, if it makes one.
        usage: What was counted beside it: prompt_tokens, completion_tokens and cost, by a server; and
            further_tokens, answers that were generated for this one and did not become it.
        note: Words of the agent's own that stood in the prompt from here on, e.g. its reflection on an
            earlier try.
    """

    action: str
    response: str = ""
    prompt_ids: NDArray[np.int64] | None = None
    token_ids: NDArray[np.int64] | None = None
    logprobs: NDArray[np.float64] | None = None
    entropies: NDArray[np.float64] | None = None
    value: float | None = None
    usage: Mapping[str, float] | None = None
    note: str = ""

    @property
    def tokens(self) -> int:
        """Number of response tokens, sampled here or counted by a server, further answers included."""
        usage = self.usage or {}
        own = usage.get("completion_tokens", 0) if self.token_ids is None else len(self.token_ids)
        return int(own + usage.get("further_tokens", 0))


@dataclass(frozen=True, slots=True)
class Step:
    """One decision and what came of it.

    Attributes:
        observation: The text that the agent saw.
        state: Key of the true state in which it acted.
        decision: What it answered.
        reward: Reward of the action.
        terminated: Whether the task ended with it.
        truncated: Whether the steps ran out with it.
        valid: Whether the environment understood the action.
        progress: Progress after the action, in [0, 1].
        score: Score after the action, in [0, 1].
        success: Whether the goal was reached after the action.
        extra: Those of `EXTRA_COLUMNS` that `info["extra"]` held after the action; not on disk.
    """

    observation: str
    state: str
    decision: Decision
    reward: float
    terminated: bool
    truncated: bool
    valid: bool
    progress: float
    score: float
    success: bool
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agent sees when it is asked to act.

    Attributes:
        env_id: The environment.
        episode: Number of the episode within the run: it keys the agent's own chance.
        seed: Seed of the run's agent chance; with `episode` and `index` it makes decisions independent of
            batching.
        observation: The present text.
        info: The present `Info`.
        history: The steps so far, oldest first.
        oracle_action: The expert's action; only for agents that declare `wants_oracle`.
        note: Words for the agent beside the observation, e.g. its reflection on an earlier try.
    """

    env_id: str
    episode: int
    seed: int
    observation: str
    info: Mapping[str, Any]
    history: Sequence[Step]
    oracle_action: str | None = None
    note: str = ""

    @property
    def index(self) -> int:
        """Number of this turn in its episode, from 0."""
        return len(self.history)

    def rng(self) -> np.random.Generator:
        """A generator for this very decision: equal in every process and for every batch."""
        return np.random.default_rng([self.seed, self.episode, self.index])
