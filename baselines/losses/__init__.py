"""Losses of policies and critics on flat token tensors (torch), and regularisers: one file each."""

from __future__ import annotations

from agentgym.errors import require

require("torch", extra="train", who="baselines.losses")

from baselines.estimators.schedules import epo_weight  # noqa: E402
from baselines.losses.aggregate import Aggregate, aggregate  # noqa: E402
from baselines.losses.archer import archer_critic, soft_update  # noqa: E402
from baselines.losses.epo import EpoHistory, epo_penalty  # noqa: E402
from baselines.losses.kl import kl  # noqa: E402
from baselines.losses.ppo import ppo  # noqa: E402
from baselines.losses.value import value  # noqa: E402

__all__ = [
    "Aggregate",
    "EpoHistory",
    "aggregate",
    "archer_critic",
    "epo_penalty",
    "epo_weight",
    "kl",
    "ppo",
    "soft_update",
    "value",
]
