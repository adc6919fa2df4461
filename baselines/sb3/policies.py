"""Policies over padded actions, and the policy and model that a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gymnasium import spaces
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.policies import (
    MaskableActorCriticPolicy,
    MaskableMultiInputActorCriticPolicy,
)
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy, MultiInputActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.dqn.policies import DQNPolicy, MultiInputPolicy, QNetwork
from torch import Tensor, nn

from agentgym.errors import ArgumentError
from baselines.sb3.config import SB3Config
from baselines.sb3.encoding import Encoder
from baselines.sb3.networks import CandidateReader, ScoringHeads, SlotScorer, StateReader

__all__ = [
    "ScoringDQNPolicy",
    "ScoringMaskablePolicy",
    "ScoringPPOPolicy",
    "make_model",
    "make_policy",
    "scores",
]

Schedule = Callable[[float], float]


class ScoringMaskablePolicy(MaskableActorCriticPolicy):
    """MaskablePPO's policy over padded actions."""

    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor = ScoringHeads(_reader(self))  # type: ignore[assignment]

    def _build(self, lr_schedule: Schedule) -> None:
        super()._build(lr_schedule)
        _score_slots(self, lr_schedule)


class ScoringPPOPolicy(ActorCriticPolicy):
    """PPO's policy over padded actions."""

    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor = ScoringHeads(_reader(self))  # type: ignore[assignment]

    def _build(self, lr_schedule: Schedule) -> None:
        super()._build(lr_schedule)
        _score_slots(self, lr_schedule)


class ScoringDQNPolicy(DQNPolicy):
    """DQN's policy over padded actions: the scores are the Q values."""

    def make_q_net(self) -> QNetwork:
        """Make a Q network whose last part scores the slots."""
        net = super().make_q_net()
        net.q_net = SlotScorer(_reader(net)).to(self.device)  # type: ignore[assignment]
        return net


_ALGORITHMS: dict[str, tuple[type[BaseAlgorithm], type[BasePolicy], type[BasePolicy]]] = {
    "maskable_ppo": (MaskablePPO, MaskableMultiInputActorCriticPolicy, ScoringMaskablePolicy),
    "ppo": (PPO, MultiInputActorCriticPolicy, ScoringPPOPolicy),
    "dqn": (DQN, MultiInputPolicy, ScoringDQNPolicy),
}


def make_model(config: SB3Config, encoder: Encoder, env: VecEnv) -> BaseAlgorithm:
    """Make the algorithm with an untrained policy.

    Raises:
        ArgumentError: The algorithm does not take one of its keywords.
    """
    algorithm, _, _ = _ALGORITHMS[config.algo]
    keywords = {"device": "cpu", "seed": None, **config.keywords}
    try:
        return algorithm(_policy_class(config), env, policy_kwargs=_network(config, encoder), **keywords)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"`{config.algo}`: {error}. Correct the table of this name.") from error


def make_policy(config: SB3Config, encoder: Encoder) -> BasePolicy:
    """Make the untrained policy alone, as `make_model` does."""
    indices = spaces.Discrete(config.action_list.size)
    made: BasePolicy = _policy_class(config)(
        encoder.space,
        indices,
        lr_schedule=lambda _: 0.0,
        **_network(config, encoder),
    )
    return made.eval()


def scores(policy: BasePolicy, arrays: Mapping[str, NDArray[Any]]) -> Tensor:
    """Return logits, or Q values of DQN, of every index: arrays (N, ...) to shape (N, n)."""
    observations, _ = policy.obs_to_tensor(dict(arrays))
    if isinstance(policy, DQNPolicy):
        values: Tensor = policy.q_net(observations)
        return values
    logits: Tensor = policy.get_distribution(observations).distribution.logits  # type: ignore[operator]
    return logits


def _policy_class(config: SB3Config) -> type[BasePolicy]:
    _, plain, scoring = _ALGORITHMS[config.algo]
    return plain if config.actions.fixed else scoring


def _network(config: SB3Config, encoder: Encoder) -> dict[str, Any]:
    """Return the keywords of the policy."""
    sizes = {"vocabulary": config.encoding.vocabulary, **config.network.model_dump()}
    if not config.actions.fixed:
        reader = {**sizes, "own_words": config.encoding.candidate}
        return {"features_extractor_class": CandidateReader, "features_extractor_kwargs": reader}
    return {
        "features_extractor_class": StateReader,
        "features_extractor_kwargs": sizes,
        "net_arch": [config.network.hidden],
    }


def _reader(part: BasePolicy) -> CandidateReader:
    assert isinstance(part.features_extractor, CandidateReader)
    return part.features_extractor


def _score_slots(policy: ActorCriticPolicy | MaskableActorCriticPolicy, lr_schedule: Schedule) -> None:
    """Make the heads' scores the logits, in the place of a layer with an output for each index."""
    policy.action_net = nn.Identity()
    scorer: Any = policy.mlp_extractor.scorer
    nn.init.orthogonal_(scorer.score.weight, 0.01)
    policy.optimizer = policy.optimizer_class(
        policy.parameters(),
        lr=lr_schedule(1),  # type: ignore[call-arg]
        **policy.optimizer_kwargs,
    )
