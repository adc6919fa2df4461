"""ArCHer's critics: twin Q and V over utterances, trained off policy, and their slow copy."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from agentgym.errors import ArgumentError, ShapeError
from baselines.losses.tensors import Column

__all__ = ["archer_critic", "soft_update"]


def archer_critic(
    q: Column,
    v: Column,
    target_q: Column,
    target_v_next: Column,
    reward: Column,
    terminated: Column,
    *,
    gamma: float = 0.9,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Temporal-difference loss of the critics of whole utterances.

    For each head i: mean (Q_i(s, a) - r - gamma * (1 - terminated) * V'_i(s'))^2 +
    mean (V_i(s) - Q'_i(s, a'))^2, with a' drawn from the policy at s and V', Q' the slow copies. Targets get
    no gradient.

    Args:
        q: Q_i at the utterance taken, shape (N, K), K heads (two in the paper), differentiable.
        v: V_i at the state before it, shape (N, K), differentiable.
        target_q: Q'_i at an utterance newly drawn from the policy in the same state, shape (N, K).
        target_v_next: V'_i at the state after the utterance, shape (N, K).
        reward: Shape (N,).
        terminated: Whether the task ended with the step, shape (N,), bool. A truncated step is none.
        gamma: Discount between utterances.

    Returns:
        The loss, and its two parts `q_loss` and `v_loss`, detached.

    Raises:
        ShapeError: The shapes do not fit.

    References:
        Zhou et al. 2024, utterance-level critics, https://arxiv.org/abs/2402.19446; read from the released
        code, not run against it. Deviation from the paper: each head has its own target, as released.
    """
    taken = _matrix("q", q)
    state, target_q, beyond = (
        _matrix(name, column, taken)
        for name, column in (("v", v), ("target_q", target_q), ("target_v_next", target_v_next))
    )
    gain, ended = (_per_step(name, x, taken) for name, x in (("reward", reward), ("terminated", terminated)))
    q_target = gain + gamma * (1.0 - ended) * beyond
    q_loss = (taken - q_target.detach()).square().mean(0).sum()
    v_loss = (state - target_q.detach()).square().mean(0).sum()
    return q_loss + v_loss, {"q_loss": q_loss.detach(), "v_loss": v_loss.detach()}


@torch.no_grad()
def soft_update(target: nn.Module, source: nn.Module, *, tau: float = 0.1) -> None:
    """Move a slow copy towards its source: target <- (1 - tau) * target + tau * source, in place.

    Args:
        target: The slow copy: a module of the same structure.
        source: The critic that is trained.
        tau: Share of the source, in [0, 1].

    Raises:
        ArgumentError: `tau` lies outside [0, 1].
        ShapeError: The modules differ in structure.

    References:
        Zhou et al. 2024, https://arxiv.org/abs/2402.19446; tau as released.
    """
    if not 0.0 <= tau <= 1.0:
        raise ArgumentError(f"`tau` is {tau}. It must lie between 0 and 1.")
    slow, fast = dict(target.named_parameters()), dict(source.named_parameters())
    if {name: p.shape for name, p in slow.items()} != {name: p.shape for name, p in fast.items()}:
        raise ShapeError("The modules have different parameters. Make the target a copy of the source.")
    for name, parameter in slow.items():
        parameter.lerp_(fast[name].to(parameter), tau)


def _tensor(column: Column) -> Tensor:
    return column if isinstance(column, Tensor) else torch.as_tensor(np.array(column, np.float64))


def _matrix(name: str, column: Column, like: Tensor | None = None) -> Tensor:
    tensor = _tensor(column)
    if tensor.ndim != 2 or (like is not None and tensor.shape != like.shape):
        expected = "(N, K)" if like is None else str(tuple(like.shape))
        raise ShapeError(f"{name!r} has shape {tuple(tensor.shape)}. Expected {expected}.")
    return tensor if like is None else tensor.to(like)


def _per_step(name: str, column: Column, like: Tensor) -> Tensor:
    tensor = _tensor(column).to(like)
    if tensor.shape != like.shape[:1]:
        raise ShapeError(f"{name!r} has shape {tuple(tensor.shape)}. Expected ({len(like)},).")
    return tensor[:, None]
