"""Our policy losses as verl's: `actor_rollout_ref.actor.policy_loss.loss_mode=agentgym_sapo`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch

from agentgym.errors import require
from baselines.integrations.padded import TurnLayout
from baselines.integrations.verl.data import numbers
from baselines.integrations.verl.estimators import PREFIX
from baselines.losses import policy_loss, policy_losses

__all__ = ["Sequences", "register_loss", "register_losses", "tensor_loss"]

Sequences = Literal["turns", "rows"]
"""What a loss that averages over sequences takes as one: a run of trained tokens, or a row of the tensors."""


def tensor_loss(name: str, *, sequences: Sequences = "turns", **keywords: Any) -> Callable[..., Any]:
    """Write a policy loss as a function of padded tensors, as verl calls it.

    The reduction is `aggregate` where it is given, else the paper's where it averages over sequences, else
    verl's `loss_agg_mode`. Over micro-batches the results add up to the loss of the whole batch where verl
    says how large that is (`config.global_batch_info`); where turns are averaged, their numbers must agree.

    Args:
        name: The loss.
        sequences: What one sequence is. A turn of its own is what our losses mean by it.
        keywords: Its hyper-parameters.

    Returns:
        A function of `old_log_prob`, `log_prob`, `advantages` and `response_mask`, all (R, L), then
        `loss_agg_mode`, `config` and `rollout_is_weights`, that returns the loss and a dict of floats.
        Weights multiply the advantages.

    Raises:
        UnknownNameError: There is no such loss or keyword.
    """
    loss = policy_loss(name)
    loss.check_keywords(keywords)

    def compute(
        old_log_prob: torch.Tensor,
        log_prob: torch.Tensor,
        advantages: torch.Tensor,
        response_mask: torch.Tensor,
        loss_agg_mode: str = "token-mean",
        config: Any = None,
        rollout_is_weights: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, dict[str, float]]:
        mask = response_mask != 0
        if not bool(mask.any()):  # a micro-batch of padding
            return 0.0 * log_prob.sum(), {}
        rows, width = mask.shape
        if sequences == "turns":
            layout = TurnLayout.of(numbers(mask))
            place = torch.as_tensor(layout.token, device=mask.device)
            offsets = torch.as_tensor(layout.offsets)
        else:
            place, offsets = torch.arange(rows * width, device=mask.device), torch.arange(rows + 1) * width
        gain = advantages if rollout_is_weights is None else advantages * rollout_is_weights
        chosen: dict[str, Any] = dict(keywords)
        if loss.keywords.get("aggregate") == "token_mean":  # else the paper has a reduction of its own
            chosen.setdefault("aggregate", loss_agg_mode.replace("-", "_"))
        if "width" in loss.keywords:
            chosen.setdefault("width", _world(config, "loss_scale_factor") or width)
        value, info = loss.body(
            *(tensor.reshape(-1)[place] for tensor in (log_prob, old_log_prob, gain, mask)), offsets, **chosen
        )
        by_token = chosen.get("aggregate") == "token_mean"
        named = {_METRICS.get(key, f"actor/{key}"): float(scalar.detach()) for key, scalar in info.items()}
        return value * _share(config, mask, by_token), named

    return compute


def register_loss(name: str, *, registered: str = "", sequences: Sequences = "turns", **keywords: Any) -> str:
    """Register one of our policy losses with verl, in this process: its workers need it too.

    Args:
        name: The loss.
        registered: The name in verl; "": "agentgym_" and the loss's.
        sequences: See `tensor_loss`.
        keywords: Its hyper-parameters.

    Returns:
        The name, for `policy_loss.loss_mode`.

    Raises:
        UnknownNameError: There is no such loss or keyword.
        MissingExtraError: verl is not installed.
    """
    algorithms = require("verl.trainer.ppo.core_algos", extra="verl", who="register_loss")
    known_as = registered or PREFIX + name
    algorithms.register_policy_loss(known_as)(tensor_loss(name, sequences=sequences, **keywords))
    return known_as


def register_losses() -> tuple[str, ...]:
    """Register all our policy losses with their defaults; return their names in verl."""
    return tuple(register_loss(name) for name in policy_losses())


_METRICS = {"clip_fraction": "actor/pg_clipfrac", "kl": "actor/ppo_kl"}


def _world(config: Any, name: str) -> Any:
    return (getattr(config, "global_batch_info", None) or {}).get(name)


def _share(config: Any, mask: torch.Tensor, by_token: bool) -> float:
    """Share of the whole batch that these rows are, times the processes over which gradients are averaged."""
    whole = _world(config, "batch_num_tokens" if by_token else "global_batch_size")
    if whole is None:
        return 1.0
    mine = int(mask.sum()) if by_token else int(mask.any(dim=1).sum())
    return mine / float(whole) * int(_world(config, "dp_size") or 1)
