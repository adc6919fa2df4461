"""From a registered id to an environment of numbers: text, reward shaping, indices, arrays."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.wrappers import RecordEpisodeStatistics
from numpy.typing import NDArray

from agentgym.registry import make_env
from baselines.sb3.actions import ActionList, DiscreteActions
from baselines.sb3.encoding import Arrays, Encoder, Encoding, Situation

__all__ = ["Encoded", "ProgressReward", "make_numeric"]


class ProgressReward(gymnasium.Wrapper[str, str, str, str]):
    """Adds weight (gamma phi' - phi) to the reward, phi being `info["progress"]`, 0 once the task has ended.

    A potential of the state: it does not change which policies are best.

    Args:
        env: A text environment with the suite's `Info`.
        weight: What the whole progress is worth.
        gamma: The discount of the learner.

    References:
        Ng, Harada and Russell 1999, Policy invariance under reward transformations, theorem 1.
    """

    def __init__(self, env: gymnasium.Env[str, str], weight: float, gamma: float) -> None:
        super().__init__(env)
        self.weight, self.gamma = weight, gamma
        self._before = 0.0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._before = float(info["progress"])
        return observation, info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act; the reward is shaped."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        now = 0.0 if terminated else float(info["progress"])
        shaped = float(reward) + self.weight * (self.gamma * now - self._before)
        self._before = now
        return observation, shaped, terminated, truncated, info


class Encoded(gymnasium.Wrapper[Arrays, int, str, int]):
    """Shows arrays in the place of text.

    Args:
        env: Discrete actions over a text environment.
        encoder: How a situation becomes arrays.
    """

    def __init__(self, env: DiscreteActions, encoder: Encoder) -> None:
        super().__init__(env)  # type: ignore[arg-type]  # as in DiscreteActions
        self.encoder = encoder
        self.observation_space = encoder.space  # type: ignore[assignment]
        self._discrete = env
        self._past: list[str] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Arrays, dict[str, Any]]:
        """Start an episode."""
        observation, info = self._discrete.reset(seed=seed, options=options)
        self._past = []
        return self.encoder.encode(Situation(observation, info)), info

    def step(self, action: int) -> tuple[Arrays, float, bool, bool, dict[str, Any]]:
        """Act by index."""
        self._past.append(self._discrete.action_texts()[int(action)])
        observation, reward, terminated, truncated, info = self._discrete.step(action)
        arrays = self.encoder.encode(Situation(observation, info, self._past))
        return arrays, reward, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Say which indices are admissible now: shape (n,), bool."""
        return self._discrete.action_masks()


def make_numeric(
    env_id: str,
    actions: ActionList,
    encoding: Encoding | None = None,
    *,
    shaping: float = 0.0,
    gamma: float = 0.99,
    **kwargs: Any,
) -> Encoded:
    """Make an environment for stable-baselines3: arrays in, an index out, masks by `action_masks()`.

    `info["episode"]` at the end of an episode holds its return and length before any shaping.

    Args:
        env_id: Registered id.
        actions: What the indices stand for.
        encoding: What is encoded.
        shaping: Weight of `ProgressReward`; 0: the environment's own rewards.
        gamma: The learner's discount, for the shaping.
        kwargs: Constructor arguments of the environment.

    Raises:
        UnknownNameError: The id is not registered.
        ArgumentError: The slots of `actions` cannot be filled, since the set of actions is open.
    """
    bare = make_env(env_id, **kwargs)
    first = Situation(*bare.reset(seed=0))
    actions.texts(first.info["admissible_actions"])
    encoder = Encoder.fitting(encoding or Encoding(), actions, env_id, first)
    recorded: gymnasium.Env[str, str] = RecordEpisodeStatistics(bare)
    shaped = ProgressReward(recorded, shaping, gamma) if shaping else recorded
    return Encoded(DiscreteActions(shaped, actions), encoder)
