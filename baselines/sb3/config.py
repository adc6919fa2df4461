"""What a run is: read from TOML, checked, and written down beside the model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentgym.errors import DataError, suggest
from baselines.sb3.actions import ActionList
from baselines.sb3.encoding import Encoding
from baselines.settings import settings_tree

__all__ = [
    "ActionsConfig",
    "Algo",
    "CloneConfig",
    "NetworkConfig",
    "SB3Config",
    "load_config",
    "shipped_config",
]

Algo = Literal["maskable_ppo", "ppo", "dqn"]

_SHIPPED = Path(__file__).parents[1] / "configs"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActionsConfig(_Table):
    """Which texts the indices stand for: a fixed list, or the admissible actions padded to `slots`."""

    fixed: tuple[str, ...] = ()
    slots: int = Field(default=64, ge=0, le=4096)

    def listed(self, algo: Algo) -> ActionList:
        """Return the list; algorithms that know no masks repeat the admissible actions."""
        if self.fixed:
            return ActionList(self.fixed)
        return ActionList(slots=self.slots, repeat=algo != "maskable_ppo")


class NetworkConfig(_Table):
    """Sizes of the network.

    Attributes:
        embedding: Width of a word's vector.
        hidden: Width of the hidden layers.
    """

    embedding: int = Field(default=32, ge=1, le=1024)
    hidden: int = Field(default=128, ge=1, le=4096)


class CloneConfig(_Table):
    """The warm start: cloning the environment's expert.

    DQN has none: its scores are values, which cloning cannot teach.

    Attributes:
        episodes: How many are played; 0: no warm start.
        noise: Share of the turns in which a random action is taken, so that mistakes are seen too.
        epochs: Passes over the turns.
        batch: Turns of an optimizer step.
        learning_rate: Of Adam.
    """

    episodes: int = Field(default=0, ge=0)
    noise: float = Field(default=0.2, ge=0.0, le=1.0)
    epochs: int = Field(default=4, ge=1)
    batch: int = Field(default=128, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0.0)


class SB3Config(_Table):
    """A whole run.

    Attributes:
        algo: Which algorithm of stable-baselines3 or sb3-contrib.
        env: Registered id.
        env_options: Constructor arguments of the environment.
        seed: Decides everything.
        steps: Environment steps in all.
        envs: Environments that are stepped side by side.
        checkpoint_every: Steps between checkpoints; each starts new episodes and is one line of the metrics.
        shaping: Weight of `ProgressReward` in training.
        temperature: Of the trained agent: 0 takes the best action, 1 draws as the policy does.
        maskable_ppo: Keywords of `sb3_contrib.MaskablePPO`.
        ppo: Keywords of `stable_baselines3.PPO`.
        dqn: Keywords of `stable_baselines3.DQN`.
    """

    algo: Algo = "maskable_ppo"
    env: str = "agentgym/SokobanSmall-v0"
    env_options: dict[str, Any] = {}
    seed: int = Field(default=0, ge=0)
    steps: int = Field(default=100_000, ge=0)
    envs: int = Field(default=8, ge=1, le=1024)
    checkpoint_every: int = Field(default=10_000, ge=1)
    shaping: float = Field(default=0.0, ge=0.0)
    temperature: float = Field(default=0.0, ge=0.0)
    actions: ActionsConfig = ActionsConfig()
    encoding: Encoding = Encoding()
    network: NetworkConfig = NetworkConfig()
    clone: CloneConfig = CloneConfig()
    maskable_ppo: dict[str, Any] = {}
    ppo: dict[str, Any] = {}
    dqn: dict[str, Any] = {}

    @property
    def action_list(self) -> ActionList:
        """What the indices stand for."""
        return self.actions.listed(self.algo)

    @property
    def keywords(self) -> dict[str, Any]:
        """Keywords of the chosen algorithm."""
        return dict(getattr(self, self.algo))

    @classmethod
    def checked(cls, record: Mapping[str, Any], source: str) -> SB3Config:
        """Make a configuration of untrusted values.

        Raises:
            DataError: A value is wrong or a name unknown.
        """
        try:
            return cls.model_validate(record)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise DataError(f"{source}: `{place}`: {first['msg']}. Correct it or leave it out.") from error


def shipped_config(env_id: str) -> Path | None:
    """Return the tuned configuration of an id, or None where there is none."""
    for path in sorted(_SHIPPED.glob("sb3-*.toml")):
        if tomllib.loads(path.read_text(encoding="utf-8")).get("env") == env_id:
            return path
    return None


def load_config(path: Path | None, changes: Mapping[str, Any]) -> SB3Config:
    """Read a TOML file and apply changes to it.

    Args:
        path: The file; None: the tuned one of `changes["env"]`, else the defaults.
        changes: Dotted names and values, e.g. {"maskable_ppo.learning_rate": 1e-3}.

    Raises:
        ArgumentError: The file cannot be read.
        UnknownNameError: The algorithm is unknown.
        DataError: A value is wrong or a name unknown.
    """
    if "algo" in changes and changes["algo"] not in get_args(Algo):
        raise suggest("algorithm", f"sb3:{changes['algo']}", [f"sb3:{name}" for name in get_args(Algo)])
    path = path or shipped_config(str(changes.get("env", "")))
    return SB3Config.checked(settings_tree(path, changes), str(path or "the settings"))
