"""TRL: our environments as its environments and rollouts, our estimators as the advantages of `GRPOTrainer`.

What TRL itself can express is one scalar a trajectory, normalised within a group. `CreditTrainer` replaces it
by an advantage for every token, which TRL's losses take as well.
"""

from baselines.integrations.trl.environment import TextEnvironment, environment_factory
from baselines.integrations.trl.rollout import EpisodeRollout, outcome
from baselines.integrations.trl.starts import rollout_dataset, tool_dataset

__all__ = [
    "EpisodeRollout",
    "TextEnvironment",
    "environment_factory",
    "outcome",
    "rollout_dataset",
    "tool_dataset",
]
