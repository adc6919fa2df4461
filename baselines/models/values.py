"""Value heads on the policy's hidden states: critics of tokens, turns and segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agentgym.batch import StepBatch
from agentgym.errors import AgentGymError
from baselines.losses import value as value_loss
from baselines.models.companion import Encode, Play, prompt_only, prompts_after
from baselines.models.learner import Head, Learner, LearnerConfig
from baselines.models.rows import hidden_states

__all__ = ["VALUE_COLUMNS", "ValueHeads"]

VALUE_COLUMNS = ("value_token", "value", "value_high", "value_term")


class ValueHeads:
    """One head for each value column, on the policy's hidden states *without* their gradient.

    Detached, for three reasons: the policy's gradient stays that of the paper's loss, with no weight to tune
    between two losses; the critic has its own learning rate; and since the states are computed once an
    update, a head goes over them several times at almost no cost. The price: the policy's features are not
    shaped by the value loss.

    A token's value is read where the token is predicted from, so `value` at the response's first token and
    `value_token` there mean the same: the value of the state in which the agent acts.

    Args:
        model: The policy, a causal language model. It is read, never changed.
        names: Columns to give, out of `VALUE_COLUMNS`. With `value` or `value_token`, `bootstrap` is given
            too: the value of the prompt after the last step where the steps ran out, 0 elsewhere.
        config: How the heads learn.
        encode: Writes the prompts after last steps.
        seed: Seed of the first weights.
        clip: Most that a value may move in an update; None for no limit.
        micro_tokens: Greatest number of tokens in one forward pass.
    """

    def __init__(
        self,
        model: Any,
        names: Sequence[str],
        config: LearnerConfig,
        *,
        encode: Encode,
        seed: int,
        clip: float | None = None,
        micro_tokens: int = 16384,
    ) -> None:
        self.names = tuple(names)
        self._clip = clip
        self._model, self._encode, self._micro_tokens = model, encode, micro_tokens
        size = int(model.config.get_text_config().hidden_size)
        self._learners = {
            name: Learner(lambda: Head(size, config.width), config, seed=seed + number, device=model.device)
            for number, name in enumerate(self.names)
        }
        self._states: dict[str, Tensor] = {}

    def columns(self, play: Play) -> dict[str, NDArray[np.float64]]:
        """Value of every token, turn or segment, and `bootstrap`."""
        self._states = self._read(play)
        columns = {name: self._values(name, self._states[name]) for name in self.names}
        main = next((name for name in ("value", "value_token") if name in self.names), None)
        if main is not None:
            ends, prompts = prompts_after(play, self._encode)
            columns["bootstrap"] = np.zeros(len(play.batch))
            if len(ends):
                after = hidden_states(self._model, prompts, micro_tokens=self._micro_tokens).token
                columns["bootstrap"][ends] = self._values(main, after)
        return columns

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Regress every head on the returns that the estimator computed."""
        losses = {}
        for name, learner in self._learners.items():
            target, rows = _target(name, play.batch, estimate)
            if len(rows):
                states = self._states[name][torch.as_tensor(rows, device=self._states[name].device)]
                losses[f"{name}_loss"] = _regress(learner, states, target[rows], self._clip, seed)
        return losses

    def state_dict(self) -> dict[str, Any]:
        """Heads and optimizers by column."""
        return {name: learner.state_dict() for name, learner in self._learners.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        for name, learner in self._learners.items():
            learner.load_state_dict(state[name])

    def _read(self, play: Play) -> dict[str, Tensor]:
        """Hidden states that each head reads, (T, H) for tokens and (N, H) for turns."""
        if "value_token" in self.names:
            token = hidden_states(self._model, play.rows, micro_tokens=self._micro_tokens).token
            turn = token[torch.tensor(play.batch.token_offsets[:-1], device=token.device)]
        else:
            prompts = [prompt_only(row.prompt) for row in play.rows]
            token = turn = hidden_states(self._model, prompts, micro_tokens=self._micro_tokens).token
        return {name: token if name == "value_token" else turn for name in self.names}

    @torch.no_grad()
    def _values(self, name: str, states: Tensor) -> NDArray[np.float64]:
        head: nn.Module = self._learners[name].module
        values: NDArray[np.float64] = head(states)[:, 0].double().cpu().numpy()
        return values


_RETURNS = {
    "value_token": "returns",
    "value": "returns",
    "value_high": "returns_high",
    "value_term": "returns_term",
}


def _target(name: str, batch: StepBatch, estimate: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find the returns that a head regresses on, and the rows (or tokens) at which they are defined."""
    returns = getattr(estimate, _RETURNS[name], None)
    if returns is None:
        raise AgentGymError(
            f"The estimator reads {name!r} but returns no {_RETURNS[name]!r}, so that its critic cannot "
            f"learn. Add the field to its result, of the shape of {name!r}."
        )
    if name == "value_token":
        return returns, np.flatnonzero(batch.trained)
    if name == "value_high":
        return returns, np.flatnonzero(batch.column("subgoal", "value_high") | _first(batch))
    return returns, np.arange(len(batch))


def _first(batch: StepBatch) -> NDArray[np.bool_]:
    first = np.zeros(len(batch), np.bool_)
    first[np.unique(batch.episode, return_index=True)[1]] = True
    return first


def _regress(
    learner: Learner, states: Tensor, target: NDArray[np.float64], clip: float | None, seed: Sequence[int]
) -> float:
    """Fit a head to targets, shape (K,), and return the mean loss over its steps."""
    wanted = torch.as_tensor(target, dtype=torch.float32, device=states.device)
    with torch.no_grad():
        old = learner.module(states)[:, 0]
    losses = [
        learner.step(value_loss(learner.module(states[some])[:, 0], old[some], wanted[some], clip=clip)[0])
        for some in learner.batches(len(wanted), seed)
    ]
    return float(np.mean(losses))
