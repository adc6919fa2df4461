"""The trainer: behaviour cloning and policy-gradient training of language-model agents."""

from baselines.trainer.config import TrainConfig, load_config
from baselines.trainer.loop import Listener, train

__all__ = ["Listener", "TrainConfig", "load_config", "train"]
