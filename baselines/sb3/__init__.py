"""stable-baselines3 on text environments: wrappers, encoders, policies that score actions, and agents.

Importing this package loads neither torch nor stable-baselines3.
"""

from __future__ import annotations

from baselines.sb3.actions import ActionList, DiscreteActions
from baselines.sb3.config import SB3Config, load_config, shipped_config
from baselines.sb3.encoding import Encoder, Encoding, Situation
from baselines.sb3.environment import Encoded, ProgressReward, make_numeric
from baselines.sb3.views import register_view, view_of

__all__ = [
    "ActionList",
    "DiscreteActions",
    "Encoded",
    "Encoder",
    "Encoding",
    "ProgressReward",
    "SB3Config",
    "Situation",
    "load_config",
    "make_numeric",
    "register_view",
    "shipped_config",
    "view_of",
]
