"""What a training run is told: defaults here, a TOML file over them, the command line over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

from agentgym.errors import ArgumentError, suggest
from baselines.settings import settings_tree
from baselines.trainer.league import SelfPlayConfig

__all__ = [
    "CloneConfig",
    "ColumnsConfig",
    "CriticConfig",
    "EpoConfig",
    "NanoConfig",
    "PreferenceConfig",
    "RewardConfig",
    "RolloutConfig",
    "SamplingConfig",
    "TrainConfig",
    "UpdateConfig",
    "load_config",
]


ProcessReward: TypeAlias = Literal["auto", "progress", "contributions", "preferences", "environment"]
Reduction: TypeAlias = Literal["sum", "mean"]
EpoMode: TypeAlias = Literal["token", "seq"]
Distribution: TypeAlias = Literal["ddp", "fsdp"]
SamplingMethod: TypeAlias = Literal["fixed", "dynamic", "knapsack", "curriculum"]


@dataclass(frozen=True, slots=True)
class NanoConfig:
    """Size of the nano model: width, layers, heads, and number of tokens in its vocabulary.

    `boilerplate` is the share of texts in which a long line must stand to become a token of its own.
    """

    hidden: int = 64
    layers: int = 3
    heads: int = 4
    vocabulary: int = 512
    boilerplate: float = 0.1


@dataclass(frozen=True, slots=True)
class CloneConfig:
    """Warm start by behaviour cloning.

    Attributes:
        episodes: Number of oracle episodes; 0: no warm start.
        noise: Share of demonstrated turns at which a random admissible action replaces the oracle's.
        reading: Passes over the whole text of the demonstrations, observations too, before those over the
            answers alone: a fresh model learns to read from them. Needs the history in the prompt.
        epochs: Passes over the demonstrations.
        batch: Turns in an optimizer step.
        learning_rate: Of AdamW at its peak.
    """

    episodes: int = 0
    noise: float = 0.0
    reading: int = 0
    epochs: int = 1
    batch: int = 64
    learning_rate: float = 2e-3


@dataclass(frozen=True, slots=True)
class RolloutConfig:
    """What one update collects: `groups` tasks, each played `group_size` times from the same start.

    Attributes:
        groups: Number of tasks.
        group_size: Episodes of a task.
        temperature: Of the policy when it plays.
        max_new_tokens: Longest response.
        slots: Episodes alive at once.
        branching: A policy of `baselines.branching` and its fields, e.g. {policy = "arpo", episodes = 8}:
            each task grows a tree instead of `group_size` episodes. Empty: no branching.
    """

    groups: int = 8
    group_size: int = 8
    temperature: float = 1.0
    max_new_tokens: int = 16
    slots: int = 64
    branching: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """Which tasks an update plays.

    Attributes:
        method: "fixed": fresh tasks; "dynamic": groups whose episodes all ended alike are replaced;
            "knapsack" and "curriculum": tasks of a pool, by what is remembered of them. See `sampling`.
        redraws: How often "dynamic" draws again at most.
        pool: Number of tasks in the pool.
        memory: What is left of older results after an update, a share.
    """

    method: SamplingMethod = "fixed"
    redraws: int = 10
    pool: int = 0
    memory: float = 0.9


@dataclass(frozen=True, slots=True)
class EpoConfig:
    """Entropy regularisation with smoothing (EPO), added to the policy loss.

    loss + coefficient * (weight * mean penalty - mean entropy), see `baselines.losses.epo_penalty`; `weight`
    follows `baselines.losses.epo_weight` over the run's updates.

    Attributes:
        coefficient: Weight of both terms; 0 turns the regulariser off.
        mode: Entropies are compared token by token ("token") or by the mean of a response ("seq").
        low: An entropy below low * (mean entropy of past updates at that step) is penalised.
        high: And one above high times it.
        penalty: What a penalised token or response adds.
        soft: Penalise the distance from the band, which has a gradient; the paper's constant has none.
        epochs: Updates over which `weight` falls.
        max_steps: Nothing is penalised in an update none of whose episodes has a turn of at least half this
            number (released: 50); 0 always penalises.
    """

    coefficient: float = 0.0
    mode: EpoMode = "token"
    low: float = 0.8
    high: float = 1.2
    penalty: float = 0.1
    soft: bool = False
    epochs: int = 150
    max_steps: int = 0


@dataclass(frozen=True, slots=True)
class UpdateConfig:
    """How weights change.

    Attributes:
        learning_rate: Of AdamW, constant after the warm-up.
        warmup: Number of first updates over which the learning rate rises. The first steps of AdamW move
            every weight by the whole rate, whatever the gradient, which spoils a good start.
        epochs: Passes over each batch of trajectories.
        minibatches: Optimizer steps per pass, each over whole groups.
        micro_tokens: Greatest number of tokens in one forward pass; gradients of a minibatch add up.
        kl: Weight of the k3 divergence from the starting model; 0 needs no second model.
        gradient_clip: Greatest norm of the gradient.
        loss: A policy loss of `baselines.losses`. What a loss takes from the whole batch (bapo's balance,
            aepo's entropies, capo_curvature's share) it takes from what is computed at once, `micro_tokens`.
        loss_options: Keywords of the loss.
        lora_rank: Rank of LoRA adapters; 0 trains all weights.
        distributed: Where a run has several processes: "ddp": each holds all that is learnt; "fsdp":
            gradients and the optimizer's state are cut up among them, beside a whole model to play with.
        epo: Entropy regularisation.
    """

    learning_rate: float = 3e-4
    warmup: int = 0
    epochs: int = 1
    minibatches: int = 2
    micro_tokens: int = 16384
    kl: float = 0.0
    gradient_clip: float = 1.0
    loss: str = "ppo"
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    lora_rank: int = 0
    distributed: Distribution = "ddp"
    epo: EpoConfig = field(default_factory=EpoConfig)


@dataclass(frozen=True, slots=True)
class ColumnsConfig:
    """How columns are made that neither the environment nor the agent gives.

    Attributes:
        process_reward: "auto": as the method's paper has it, and `progress` for methods that leave it open;
            "progress": the change of the environment's own progress; "contributions": SPA-RL's progress
            estimator; "preferences": iStar's implicit process reward model; "environment": what the
            environment gives under this name in `info["extra"]`.
        segment_every: Steps of a segment where responses carry no subgoal tags.
        bundle_size: Groups that are scored together (riskpo).
        answer: How the right answer is written when its probability is probed, {answer} being its text.
    """

    process_reward: ProcessReward = "auto"
    segment_every: int = 4
    bundle_size: int = 5
    answer: str = "{answer}"


@dataclass(frozen=True, slots=True)
class RewardConfig:
    """How rewards are shaped before advantages are computed.

    Attributes:
        rule: A rule of `baselines.rewards`; "auto": that of the estimator's paper, if it has one; "none": the
            environment's own rewards.
        options: Keywords of the rule.
    """

    rule: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriticConfig:
    """Critics and progress estimators: small heads on the policy's hidden states.

    Attributes:
        learning_rate: Of AdamW, constant.
        epochs: Passes over each update's turns.
        batch: Rows of an optimizer step.
        width: Hidden units of a head.
        clip: Most that a value may move in an update; 0: no limit.
        gamma: Discount in ArCHer's targets.
        target_rate: How far ArCHer's target critics move towards the trained ones in a step.
    """

    learning_rate: float = 1e-3
    epochs: int = 4
    batch: int = 256
    width: int = 64
    clip: float = 0.0
    gamma: float = 0.9
    target_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class PreferenceConfig:
    """The implicit process reward model: a copy of the starting model, trained by DPO on pairs of episodes.

    Attributes:
        beta: Scale of its log-ratios.
        learning_rate: Of AdamW, constant.
        epochs: Optimizer steps an update, each on all pairs.
        reduction: An episode's score is the "sum" of its steps' or their "mean".
    """

    beta: float = 0.05
    learning_rate: float = 1e-4
    epochs: int = 1
    reduction: Reduction = "sum"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A whole training run.

    Attributes:
        env: Registered id.
        env_options: Constructor arguments of the environment.
        model: "nano", or a folder with a Hugging Face causal language model.
        estimator: Name in `baselines.estimators`.
        estimator_options: Keywords of the estimator.
        prompt: Fields of `PromptTemplate`.
        seed: Decides everything.
        updates: Number of updates.
        checkpoint_every: Updates between checkpoints.
    """

    env: str = "agentgym/SokobanSmall-v0"
    env_options: Mapping[str, Any] = field(default_factory=dict)
    model: str = "nano"
    estimator: str = "grpo"
    estimator_options: Mapping[str, Any] = field(default_factory=dict)
    prompt: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    updates: int = 100
    checkpoint_every: int = 10
    nano: NanoConfig = field(default_factory=NanoConfig)
    clone: CloneConfig = field(default_factory=CloneConfig)
    rollout: RolloutConfig = field(default_factory=RolloutConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    selfplay: SelfPlayConfig = field(default_factory=SelfPlayConfig)
    update: UpdateConfig = field(default_factory=UpdateConfig)
    reward: RewardConfig = field(default_factory=RewardConfig)
    columns: ColumnsConfig = field(default_factory=ColumnsConfig)
    critic: CriticConfig = field(default_factory=CriticConfig)
    preference: PreferenceConfig = field(default_factory=PreferenceConfig)

    def __post_init__(self) -> None:
        positive = {
            "clone.batch": self.clone.batch,
            "rollout.groups": self.rollout.groups,
            "rollout.group_size": self.rollout.group_size,
            "rollout.temperature": self.rollout.temperature,
            "update.learning_rate": self.update.learning_rate,
            "update.epochs": self.update.epochs,
            "update.minibatches": self.update.minibatches,
            "checkpoint_every": self.checkpoint_every,
            "update.epo.epochs": self.update.epo.epochs,
            "columns.segment_every": self.columns.segment_every,
            "columns.bundle_size": self.columns.bundle_size,
            "critic.learning_rate": self.critic.learning_rate,
            "critic.epochs": self.critic.epochs,
            "critic.batch": self.critic.batch,
            "critic.width": self.critic.width,
            "preference.beta": self.preference.beta,
            "preference.learning_rate": self.preference.learning_rate,
            "preference.epochs": self.preference.epochs,
        }
        for name, value in positive.items():
            if value <= 0:
                raise ArgumentError(f"`{name}` is {value}. It must be greater than 0.")
        if "{answer}" not in self.columns.answer:
            raise ArgumentError(
                f"`columns.answer` is {self.columns.answer!r}. It must hold the place {{answer}}."
            )
        if self.update.warmup < 0:
            raise ArgumentError(f"`update.warmup` is {self.update.warmup}. It must be at least 0.")
        if not 0 <= self.clone.noise <= 1:
            raise ArgumentError(f"`clone.noise` is {self.clone.noise}. It is a share, in [0, 1].")
        if not 0 <= self.sampling.memory <= 1:
            raise ArgumentError(f"`sampling.memory` is {self.sampling.memory}. It is a share, in [0, 1].")
        for name, word, kind in (
            ("columns.process_reward", self.columns.process_reward, ProcessReward),
            ("preference.reduction", self.preference.reduction, Reduction),
            ("update.epo.mode", self.update.epo.mode, EpoMode),
            ("update.distributed", self.update.distributed, Distribution),
            ("sampling.method", self.sampling.method, SamplingMethod),
        ):
            if word not in get_args(kind):
                known = ", ".join(map(repr, get_args(kind)))
                raise ArgumentError(f"`{name}` is {word!r}. Expected one of {known}.")

    @property
    def played(self) -> list[str]:
        """Ids that training plays: the games of self-play, else `env`."""
        return self.selfplay.envs or [self.env]

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON values."""
        return asdict(self)


def load_config(path: Path | None, changes: Mapping[str, Any]) -> TrainConfig:
    """Read a TOML file (or nothing) and apply changes to it.

    Args:
        path: A file whose tables are the sections of `TrainConfig`.
        changes: Dotted names and values, e.g. {"update.learning_rate": 1e-3}.

    Raises:
        ArgumentError: The file is no TOML, or a value has the wrong type.
        UnknownNameError: A name is no field.
    """
    config: TrainConfig = _filled(TrainConfig(), settings_tree(path, changes), "")
    return config


def _filled(default: Any, tree: Mapping[str, Any], prefix: str) -> Any:
    known = {f.name for f in fields(default)}
    kinds = get_type_hints(type(default))
    changes = {}
    for name, value in tree.items():
        if name not in known:
            raise suggest("setting", prefix + name, [prefix + k for k in known])
        present = getattr(default, name)
        if is_dataclass(present) and isinstance(value, Mapping):
            changes[name] = _filled(present, value, f"{prefix}{name}.")
        else:
            changes[name] = _typed(value, present, f"{prefix}{name}", kinds[name])
    return replace(default, **changes)


def _typed(value: Any, present: Any, name: str, kind: Any) -> Any:
    if isinstance(present, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = dict if isinstance(present, Mapping) else type(present)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ArgumentError(f"`{name}` is {value!r}. It must be {getattr(kind, '__name__', kind)}.")
    return value
