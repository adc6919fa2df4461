"""Policy losses on flat token tensors (torch): one file per loss, all of the shape of `ppo`."""

from __future__ import annotations

from agentgym.errors import require

require("torch", extra="train", who="baselines.losses")

from baselines.losses.aggregate import Aggregate, aggregate  # noqa: E402
from baselines.losses.kl import kl  # noqa: E402
from baselines.losses.ppo import ppo  # noqa: E402

__all__ = ["Aggregate", "aggregate", "kl", "ppo"]
