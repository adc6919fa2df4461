"""`sb3:<folder>`: a policy that stable-baselines3 has trained, as an agent like every other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, require
from agentgym.trajectory import Decision, Turn
from baselines.sb3.encoding import Encoder, Situation

if TYPE_CHECKING:
    from stable_baselines3.common.policies import BasePolicy

__all__ = ["SB3Agent"]


class SB3Agent:
    """Encodes turns as training did, and takes the best admissible index or draws one by the turn's chance.

    Args:
        policy: The trained policy.
        encoder: How it was shown its situations.
        temperature: Divides the logits (of DQN the Q values); 0 takes the best.
        spec: The specification that makes this agent again.

    Raises:
        ArgumentError: The temperature is negative.
    """

    wants_oracle = False

    def __init__(
        self, policy: BasePolicy, encoder: Encoder, *, temperature: float = 0.0, spec: str = "sb3"
    ) -> None:
        if temperature < 0:
            raise ArgumentError(f"temperature={temperature}: it must be at least 0.")
        self.policy, self.encoder, self.temperature, self.spec = policy, encoder, temperature, spec

    @classmethod
    def load(cls, path: str | Path, *, temperature: float | None = None) -> SB3Agent:
        """Load a folder of `agentgym train --algo sb3:...`; its own temperature holds unless one is given.

        Raises:
            ArgumentError: The folder holds no model.
            DataError: The model is broken.
            MissingExtraError: stable-baselines3 is not installed.
        """
        for module in ("stable_baselines3", "sb3_contrib", "safetensors", "tokenizers"):
            require(module, extra="sb3,train", who=f"sb3:{path}")
        from baselines.sb3.weights import load_model

        config, encoder, policy = load_model(Path(path))
        warmth = config.temperature if temperature is None else temperature
        return cls(policy, encoder, temperature=warmth, spec=f"sb3:{path}")

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn.

        Raises:
            ArgumentError: A turn is of an environment that the policy cannot read or act in.
        """
        import torch

        from baselines.sb3.policies import scores

        if not turns:
            return []
        for turn in turns:
            self._check(turn.env_id)
        encoded = [self.encoder.encode(_situation(turn)) for turn in turns]
        arrays = {name: np.stack([one[name] for one in encoded]) for name in encoded[0]}
        with torch.no_grad():
            scored = scores(self.policy, arrays).double().numpy()
        return [Decision(self._choose(turn, row)) for turn, row in zip(turns, scored, strict=True)]

    def _check(self, env_id: str) -> None:
        mine = self.encoder.env_id
        if env_id != mine and (self.encoder.view_size or self.encoder.actions.fixed):
            raise ArgumentError(f"{self.spec} was trained on {mine} and cannot play {env_id}.")

    def _choose(self, turn: Turn, scored: NDArray[np.float64]) -> str:
        """Choose among the indices that are admissible; of repeated ones the first counts alone."""
        actions, admissible = self.encoder.actions, turn.info["admissible_actions"]
        texts = actions.texts(admissible)
        open_ = np.flatnonzero(actions.mask(admissible))
        legal = list({texts[index]: index for index in reversed(open_.tolist())}.values())
        legal.sort()
        if self.temperature == 0:
            return texts[legal[int(np.argmax(scored[legal]))]]
        weights = np.exp((scored[legal] - scored[legal].max()) / self.temperature).cumsum()
        return texts[legal[int(np.searchsorted(weights, turn.rng().random() * weights[-1], side="right"))]]


def _situation(turn: Turn) -> Situation:
    return Situation(turn.observation, turn.info, [step.decision.action for step in turn.history])
