"""The model that is trained: where it comes from, what of it changes, and how it acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from agentgym.agents import PromptTemplate, make_agent
from agentgym.agents.hf import HFAgent, load_model, no_progress_bars
from agentgym.errors import ArgumentError
from agentgym.registry import make_env
from agentgym.rollout import Episode, collect
from baselines.models import build_nano, train_tokenizer
from baselines.models.learner import load_optimizer_state, optimizer_state
from baselines.trainer.clone import clone, demonstrations
from baselines.trainer.config import TrainConfig
from baselines.trainer.sharding import copy_weights, like, sharded, whole
from baselines.trainer.team import Team

__all__ = ["Policy", "make_start", "trainable_model"]

CloneProgress = Callable[[int, int, float], None]


class Policy:
    """A causal language model with its tokenizer, prompt and optimizer.

    Args:
        folder: A folder with the model the run starts from.
        config: The run.
        device: "cpu", "cuda", ...; None: CUDA where there is one.
        team: The processes of the run.

    Attributes:
        model: The model that plays, and that all else is read from.
        learner: The model whose weights the optimizer changes: `model` itself, or its parts in this process.
    """

    def __init__(
        self, folder: Path, config: TrainConfig, *, device: str | None = None, team: Team | None = None
    ) -> None:
        self.model, self.tokenizer = trainable_model(folder, config, device=device)
        self.template = PromptTemplate.load(folder)
        self.config, self.team = config, team or Team()
        self._sharded = config.update.distributed == "fsdp" and self.team.size > 1
        self.learner = sharded(self.model) if self._sharded else self.model
        self.optimizer = torch.optim.AdamW(
            [p for p in self.learner.parameters() if p.requires_grad],
            lr=config.update.learning_rate,
            weight_decay=0.0,
        )

    def backward(self, loss: torch.Tensor) -> None:
        """Add a loss's gradient to that of this process; over all processes gradients add up."""
        (loss * self.team.size if self._sharded else loss).backward()  # type: ignore[no-untyped-call]

    def step(self) -> float:
        """Add up the gradients of all processes, clip them, step; return their norm before."""
        weights = [p for p in self.learner.parameters() if p.requires_grad]
        if not self._sharded:  # where the model is cut up, they are added up on the way back
            self.team.add_gradients(weights)
        norm = torch.nn.utils.clip_grad_norm_(weights, self.config.update.gradient_clip)
        self.optimizer.step()
        return float(whole(norm))

    def publish(self) -> None:
        """Let the model that plays be what was learnt."""
        if self._sharded:
            copy_weights(self.learner, self.model)

    def take_up(self) -> None:
        """Let the model that learns be the one that plays."""
        if self._sharded:
            copy_weights(self.model, self.learner)

    def optimizer_state(self) -> dict[str, torch.Tensor]:
        """Return the optimizer's tensors, whole, as `baselines.models.learner.optimizer_state` does."""
        return {name: whole(tensor) for name, tensor in optimizer_state(self.optimizer).items()}

    def load_optimizer_state(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take up what `optimizer_state` returned, in however many processes."""
        weights = [p for p in self.learner.parameters() if p.requires_grad]
        load_optimizer_state(
            self.optimizer,
            {key: like(weights[int(key.partition(".")[0])], tensor) for key, tensor in tensors.items()},
        )

    def trained(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """Name and yield the weights that change."""
        return ((name, p) for name, p in self.model.named_parameters() if p.requires_grad)

    def set_learning_rate(self, update: int) -> None:
        """Set the learning rate of an update, counted from 0."""
        config = self.config.update
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * min(1.0, (update + 1) / (config.warmup + 1))

    def agent(self) -> HFAgent:
        """Return the policy as an agent with the run's sampling settings."""
        rollout = self.config.rollout
        return HFAgent(
            self.model.eval(),
            self.tokenizer,
            self.template,
            temperature=rollout.temperature,
            max_new_tokens=rollout.max_new_tokens,
            batch_size=rollout.slots,
        )

    def export(self, folder: Path) -> None:
        """Write the model, adapters merged, so that `hf:<folder>` plays it."""
        model = self.model.merge_and_unload() if self.config.update.lora_rank else self.model
        _write_model(model, self.tokenizer, self.template, folder)


def trainable_model(folder: Path, config: TrainConfig, *, device: str | None = None) -> tuple[Any, Any]:
    """Load a model in float32, with fresh adapters if the run trains those alone, and its tokenizer."""
    model, tokenizer = load_model(folder, device=device)
    return _with_adapters(model.float(), config), tokenizer


def make_start(config: TrainConfig, folder: Path, on_step: CloneProgress | None = None) -> None:
    """Write the model that the run starts from: a fresh nano or a given model, warm-started if so configured.

    The folder appears whole or not at all.

    Raises:
        ArgumentError: `config.model` is neither "nano" nor a folder with a model.
    """
    prompt: dict[str, Any] = {"instruction": False} if config.model == "nano" else {}
    prompt |= config.prompt
    if config.model == "nano":
        tokenizer = train_tokenizer(
            _texts(config), vocabulary=config.nano.vocabulary, boilerplate=config.nano.boilerplate
        )
        size = config.nano
        model = build_nano(
            tokenizer, hidden=size.hidden, layers=size.layers, heads=size.heads, seed=config.seed
        )
        template = PromptTemplate(**prompt)
    else:
        template = PromptTemplate.load(Path(config.model), **prompt)
        model, tokenizer = load_model(Path(config.model))
        model = model.float()
    if config.clone.episodes:
        student = HFAgent(model, tokenizer, template)
        episodes = _episodes(config, config.clone.episodes)
        rows = demonstrations(
            student, episodes, noise=config.clone.noise, lost_too=bool(config.selfplay.envs)
        )
        if not rows:
            raise ArgumentError(f"The oracle solved no task of {config.env}: there is nothing to clone.")
        clone(model, rows, config.clone, seed=config.seed, on_step=on_step)
    _write_model(model, tokenizer, template, folder)


def _texts(config: TrainConfig) -> list[str]:
    """Return what a random agent reads and writes: the text that the tokenizer is trained on."""
    played = list(collect(_episodes(config, 200), make_agent("random")))
    turns = [text for t in played for s in t.steps for text in (s.observation, s.decision.action)]
    return [*_instructions(config), *turns]


def _instructions(config: TrainConfig) -> Iterator[str]:
    for episode in _episodes(config, len(_shown(config))):
        env = make_env(episode.env_id, **episode.env_kwargs)
        yield env.reset(seed=config.seed)[1]["instruction"]
        env.close()


def _shown(config: TrainConfig) -> list[str]:
    """Ids whose texts the model sees before training."""
    return [*config.played, *config.selfplay.shown]


def _episodes(config: TrainConfig, n: int) -> list[Episode]:
    """Episodes of the training split whose seeds no update uses (those are 64-bit); ids take turns."""
    env_ids, kwargs = _shown(config), dict(config.env_options)
    if config.selfplay.envs:
        kwargs["seat"] = "random"
    return [
        Episode(k, env_ids[k % len(env_ids)], seed=(config.seed << 24) + k, group=k, env_kwargs=kwargs)
        for k in range(n)
    ]


def _with_adapters(model: Any, config: TrainConfig) -> Any:
    if not config.update.lora_rank:
        return model
    from peft import LoraConfig, get_peft_model

    rank = config.update.lora_rank
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))


def _write_model(model: Any, tokenizer: Any, template: PromptTemplate, folder: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    with no_progress_bars():
        model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    template.save(partial)
    partial.replace(folder)
