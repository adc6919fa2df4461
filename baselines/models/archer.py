"""ArCHer's critics of whole responses: twin Q and V with slow copies."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.losses import archer_critic, soft_update
from baselines.models.companion import Encode, Play, prompts_after
from baselines.models.learner import Head, Learner, LearnerConfig
from baselines.models.rows import Row, hidden_states

__all__ = ["ArcherCritics"]


class _Twins(nn.Module):
    """Two Q heads on the state after the response, and two V heads on the state before it."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self._q = nn.ModuleList(Head(inputs, width) for _ in range(2))
        self._v = nn.ModuleList(Head(inputs, width) for _ in range(2))

    def q(self, taken: Tensor) -> Tensor:
        """Shape (N, H) to (N, 2)."""
        return torch.cat([head(taken) for head in self._q], dim=1)

    def v(self, state: Tensor) -> Tensor:
        """Shape (N, H) to (N, 2)."""
        return torch.cat([head(state) for head in self._v], dim=1)


class _Transitions(NamedTuple):
    """Hidden states before and after each response and at the next prompt, (N, H); reward and end, (N,)."""

    state: Tensor
    taken: Tensor
    beyond: Tensor
    reward: Tensor
    ended: Tensor


class ArcherCritics:
    """Gives `value` = min(V1, V2) and `rewards` = (Q1, Q2), and learns them by temporal differences.

    The critics are heads on the policy's hidden states, without gradient into the policy: Q where the
    response has been read, V where only the prompt has.

    Args:
        model: The policy, a causal language model. It is read, never changed.
        config: How the critics learn.
        encode: Writes the prompts after last steps.
        gamma: Discount between turns.
        target_rate: How far the slow copies move in an optimizer step.
        seed: Seed of the first weights.
        micro_tokens: Greatest number of tokens in one forward pass.

    References:
        Zhou et al. 2024, ArCHer, https://arxiv.org/abs/2402.19446. Deviations from the paper: heads on the
        policy's states in place of an encoder of their own; the update's turns in place of a replay buffer,
        so that the action taken is itself the one drawn from the policy in V's target.
    """

    def __init__(
        self,
        model: Any,
        config: LearnerConfig,
        *,
        encode: Encode,
        gamma: float,
        target_rate: float,
        seed: int,
        micro_tokens: int = 16384,
    ) -> None:
        self._model, self._encode, self._micro_tokens = model, encode, micro_tokens
        self._gamma, self._target_rate = gamma, target_rate
        size = int(model.config.get_text_config().hidden_size)
        self._learner = Learner(lambda: _Twins(size, config.width), config, seed=seed, device=model.device)
        self._critics: _Twins = self._learner.module  # type: ignore[assignment]
        self._slow = copy.deepcopy(self._critics)
        self._seen: _Transitions | None = None

    @torch.no_grad()
    def columns(self, play: Play) -> dict[str, NDArray[np.float64]]:
        """Score every turn."""
        self._seen = self._read(play)
        q, v = self._critics.q(self._seen.taken), self._critics.v(self._seen.state)
        return {"value": v.min(1).values.double().cpu().numpy(), "rewards": q.double().cpu().numpy()}

    @torch.no_grad()
    def score(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Return min(Q1, Q2) of each row, shape (N,): what its response is worth in its state."""
        taken = hidden_states(self._model, rows, micro_tokens=self._micro_tokens).last
        return self._critics.q(taken).min(1).values.double().cpu().numpy()

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Take temporal-difference steps; the slow copies follow each."""
        seen = self._seen
        assert seen is not None  # the trainer asks for columns first
        parts: list[tuple[float, float]] = []
        for some in self._learner.batches(len(seen.reward), seed):
            state, taken, beyond, reward, ended = (column[some] for column in seen)
            with torch.no_grad():
                target_q, target_v = self._slow.q(taken), self._slow.v(beyond)
            loss, info = archer_critic(
                self._critics.q(taken),
                self._critics.v(state),
                target_q,
                target_v,
                reward,
                ended,
                gamma=self._gamma,
            )
            self._learner.step(loss)
            soft_update(self._slow, self._critics, tau=self._target_rate)
            parts.append((float(info["q_loss"]), float(info["v_loss"])))
        q_loss, v_loss = np.mean(parts, axis=0)
        return {"q_loss": float(q_loss), "v_loss": float(v_loss)}

    def state_dict(self) -> dict[str, Any]:
        """Return critics, slow copies and optimizer."""
        slow = {name: p.detach() for name, p in self._slow.named_parameters()}
        return {"critics": self._learner.state_dict(), "slow": slow}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._learner.load_state_dict(state["critics"])
        with torch.no_grad():
            for name, parameter in self._slow.named_parameters():
                parameter.copy_(state["slow"][name])

    def _read(self, play: Play) -> _Transitions:
        batch = play.batch
        token, taken = hidden_states(self._model, play.rows, micro_tokens=self._micro_tokens)
        state = token[torch.tensor(batch.token_offsets[:-1], device=token.device)]
        order = np.argsort(batch.episode, kind="stable")
        follows = np.append(batch.episode[order][1:] == batch.episode[order][:-1], False)
        beyond = torch.zeros_like(state)
        beyond[order[follows]] = state[order[np.flatnonzero(follows) + 1]]
        ends, prompts = prompts_after(play, self._encode)
        if len(ends):
            beyond[ends] = hidden_states(self._model, prompts, micro_tokens=self._micro_tokens).token
        ended = np.ones(len(batch))  # an episode that broke off has nothing after it either
        ended[order[follows]] = ended[ends] = 0.0
        columns = (torch.tensor(x, dtype=torch.float32, device=state.device) for x in (batch.reward, ended))
        return _Transitions(state, taken, beyond, *columns)
