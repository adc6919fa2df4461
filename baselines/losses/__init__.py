"""Losses of policies and critics on flat token tensors (torch), and regularisers: one file each."""

from __future__ import annotations

from agentgym.errors import require

require("torch", extra="train", who="baselines.losses")

from baselines.estimators.schedules import epo_weight  # noqa: E402
from baselines.losses.a2tgpo import a2tgpo  # noqa: E402
from baselines.losses.aepo import aepo  # noqa: E402
from baselines.losses.aggregate import Aggregate, aggregate  # noqa: E402
from baselines.losses.archer import archer_critic, soft_update  # noqa: E402
from baselines.losses.bapo import bapo  # noqa: E402
from baselines.losses.capo_curvature import capo_curvature  # noqa: E402
from baselines.losses.cispo import cispo  # noqa: E402
from baselines.losses.epo import EpoHistory, epo_penalty  # noqa: E402
from baselines.losses.gspo import gspo  # noqa: E402
from baselines.losses.kl import kl  # noqa: E402
from baselines.losses.ppo import ppo  # noqa: E402
from baselines.losses.registry import PolicyLoss, policy_loss, policy_losses, register_loss  # noqa: E402
from baselines.losses.sapo import sapo  # noqa: E402
from baselines.losses.value import value  # noqa: E402

__all__ = [
    "Aggregate",
    "EpoHistory",
    "PolicyLoss",
    "a2tgpo",
    "aepo",
    "aggregate",
    "archer_critic",
    "bapo",
    "capo_curvature",
    "cispo",
    "epo_penalty",
    "epo_weight",
    "gspo",
    "kl",
    "policy_loss",
    "policy_losses",
    "ppo",
    "register_loss",
    "sapo",
    "soft_update",
    "value",
]
