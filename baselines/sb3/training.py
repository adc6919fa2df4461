"""A run of stable-baselines3: learn, report, keep, and go on after a kill exactly as if there had been none.

A run is cut into updates of about `checkpoint_every` steps. Each starts new episodes, with chance that is
derived from (seed, number of the update), so that a run that was killed repeats what came after its last
checkpoint with the same numbers; the few episodes that are open at a cut are given up.

    <out>/config.json     the run
    <out>/model/          the trained agent                      (sb3:<out>)
    <out>/checkpoints/    where the run goes on after a kill
    <out>/metrics.jsonl   one line an update;  <out>/curve.png   the same as a picture
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import set_random_seed
from stable_baselines3.common.vec_env import DummyVecEnv

from agentgym.errors import ArgumentError, CheckpointError
from agentgym.files import claim, write_json
from agentgym.hashing import derive_seed
from baselines.sb3.cloning import clone, demonstrate
from baselines.sb3.config import SB3Config
from baselines.sb3.environment import Encoded, make_numeric
from baselines.sb3.policies import make_model
from baselines.sb3.weights import export_model, latest, restore, save
from baselines.trainer.metrics import MetricsFile, draw_curve

__all__ = ["train"]

Watch = Callable[[Mapping[str, Any]], None]


def train(config: SB3Config, out: Path, *, watch: Watch = lambda record: None) -> list[dict[str, Any]]:
    """Run or resume a training run.

    Args:
        config: What to do. A run is resumed with the same configuration, or with more `steps`.
        out: The folder of the run.
        watch: Called with the metrics of every update, those of earlier starts first.

    Returns:
        The metrics, one record an update: `steps` so far; of the `episodes` that ended in it `success`,
        `score`, `return` before shaping, `turns`, and the share of `invalid` turns, 0 where none ended; and
        what the algorithm reports of its losses.

    Raises:
        ArgumentError: The folder holds another run, another process is at work in it, or a keyword is wrong.
        CheckpointError: What is there is corrupt.
    """
    out.mkdir(parents=True, exist_ok=True)
    with claim(out), _own_chance():
        _settle(config, out)
        set_random_seed(derive_seed(config.seed) % (1 << 32))
        envs = DummyVecEnv([lambda: _make(config)] * config.envs)
        try:
            return _train(config, envs, out, watch)
        finally:
            envs.close()


def _make(config: SB3Config) -> Encoded:
    gamma = float(config.keywords.get("gamma", 0.99))
    return make_numeric(
        config.env,
        config.action_list,
        config.encoding,
        shaping=config.shaping,
        gamma=gamma,
        **config.env_options,
    )


def _train(config: SB3Config, envs: DummyVecEnv, out: Path, watch: Watch) -> list[dict[str, Any]]:
    encoder = envs.envs[0].get_wrapper_attr("encoder")
    model = make_model(config, encoder, envs)
    model.set_logger(Logger(None, []))
    place = latest(out / "checkpoints")
    if place is None and config.clone.episodes and config.algo != "dqn":
        _clone(config, envs, model)
        save(out / "checkpoints", model, 0)
    done = 0 if place is None else restore(place, model)
    metrics = MetricsFile(out / "metrics.jsonl", done)
    for record in metrics.records:
        watch(record)
    keeper = _Updates(config, out, metrics, watch)
    if model.num_timesteps < config.steps:
        model.learn(config.steps - model.num_timesteps, callback=keeper, reset_num_timesteps=place is None)
        keeper.finish()
    if metrics.records:
        draw_curve(metrics.records, out / "curve.png", f"sb3:{config.algo} on {config.env}")
    export_model(model.policy, config, encoder.view_size, out / "model")
    return metrics.records


def _clone(config: SB3Config, envs: DummyVecEnv, model: BaseAlgorithm) -> None:
    rng = np.random.default_rng([config.seed, config.clone.episodes])
    first = envs.envs[0]
    assert isinstance(first, Encoded)
    clone(model.policy, demonstrate(first, config.clone, rng), config.clone, rng)


class _Updates(BaseCallback):
    """Cuts a run into updates."""

    def __init__(self, config: SB3Config, out: Path, metrics: MetricsFile, watch: Watch) -> None:
        super().__init__()
        self._config, self._out, self._metrics, self._watch = config, out, metrics, watch
        self._ended: list[Mapping[str, Any]] = []
        self._turns = self._invalid = self._begun_at = 0
        self._running = False

    def _on_training_start(self) -> None:
        left = 1.0 - self.model.num_timesteps / self._config.steps
        self.model._current_progress_remaining = left

    def _on_rollout_start(self) -> None:
        if self._running and self.model.num_timesteps - self._begun_at < self._config.checkpoint_every:
            return
        if self._running:
            self.finish()
        self._begin()

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            self._turns += 1
            self._invalid += not info["action_valid"]
            if "episode" in info:
                self._ended.append(info)
        return True

    def _begin(self) -> None:
        """Start an update: new episodes, and chance of its own."""
        self._running, self._begun_at = True, self.model.num_timesteps
        seed = derive_seed(self._config.seed, len(self._metrics.records)) % (1 << 31)
        set_random_seed(seed)
        self.model.action_space.seed(seed)
        self.training_env.seed(seed)
        self.model._last_obs = self.training_env.reset()  # type: ignore[assignment]
        self.model._last_episode_starts = np.ones(self.training_env.num_envs, dtype=bool)

    def finish(self) -> None:
        """End an update: write its line and its checkpoint."""
        update = len(self._metrics.records) + 1
        record = {
            "update": update,
            "steps": self.model.num_timesteps,
            **self._summary(),
            **_losses(self.model),
        }
        self._metrics.append(record)
        save(self._out / "checkpoints", self.model, update)
        self._watch(record)
        self._ended, self._turns, self._invalid = [], 0, 0

    def _summary(self) -> dict[str, float]:
        columns = {
            "success": [float(info["success"]) for info in self._ended],
            "score": [float(info["score"]) for info in self._ended],
            "return": [float(info["episode"]["r"]) for info in self._ended],
            "turns": [float(info["episode"]["l"]) for info in self._ended],
        }
        means = {name: float(np.mean(values)) if values else 0.0 for name, values in columns.items()}
        return {"episodes": len(self._ended), **means, "invalid": self._invalid / max(1, self._turns)}


def _losses(model: BaseAlgorithm) -> dict[str, float]:
    found = {
        name.partition("/")[2]: value
        for name, value in model.logger.name_to_value.items()
        if "train/" in name
    }
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def _settle(config: SB3Config, out: Path) -> None:
    """Write the configuration, having checked that it goes on with the one which is there."""
    path = out / "config.json"
    record = {
        **config.model_dump(mode="json"),
        "estimator": f"sb3:{config.algo}",
    }  # `agentgym curves` reads it
    try:
        found = json.loads(path.read_text(encoding="ascii")) if path.exists() else record
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON: {error}. Start again in another folder.") from error
    keys = (record.keys() | found.keys()) - {"steps"}
    differing = sorted(key for key in keys if record.get(key) != found.get(key))
    if differing or record["steps"] < found["steps"]:
        raise ArgumentError(
            f"{out} holds another run: {', '.join(differing) or 'steps'} differ. Repeat its settings "
            "(with as many steps, or more) to resume it, or choose another folder."
        )
    write_json(path, record)


@contextmanager
def _own_chance() -> Iterator[None]:
    """Leave the global generators as they were: stable-baselines3 draws from them."""
    states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.random.set_rng_state(states[2])
