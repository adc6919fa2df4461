"""The training loop: collect groups -> advantages -> loss -> update. Read it top to bottom.

How it differs from the textbook: an update sees only fresh groups, each one task played several times from
the same start; advantages come from any registered estimator; the loss is over response tokens alone; every
random number is derived from (seed, update), so that a run that was killed continues exactly where its last
checkpoint stands.

    <out>/config.json     the run
    <out>/start/          the model before the first update      (hf:<out>/start)
    <out>/model/          the model after the last               (hf:<out>/model)
    <out>/checkpoints/    where the run continues after a kill
    <out>/metrics.jsonl   one line an update;  <out>/curve.png  the same as a picture
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agentgym.agents.hf import load_model
from agentgym.batch import StepBatch
from agentgym.errors import AgentGymError, ArgumentError, CheckpointError
from agentgym.files import claim, write_json
from agentgym.hashing import derive_seed
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from baselines.estimators import advantages, make_estimator
from baselines.trainer import checkpoint
from baselines.trainer.config import TrainConfig
from baselines.trainer.metrics import MetricsFile, draw_curve, summarise
from baselines.trainer.policy import CloneProgress, Policy, make_start
from baselines.models.rows import rows_of
from baselines.trainer.update import Experience, update_policy

__all__ = ["Listener", "train"]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to know what happens.

    Attributes:
        on_clone: Called with steps done, steps in all and loss, during the warm start.
        on_update: Called with the metrics of every update, those of earlier starts first.
        on_note: Called with a sentence worth telling.
    """

    on_clone: CloneProgress | None = None
    on_update: Callable[[Mapping[str, Any]], None] = lambda record: None
    on_note: Callable[[str], None] = lambda note: None


def train(
    config: TrainConfig, out: Path, *, device: str | None = None, listener: Listener | None = None
) -> list[dict[str, Any]]:
    """Run or resume a training run.

    Args:
        config: What to do. A run is resumed with the same configuration, or with more `updates`.
        out: The folder of the run.
        device: "cpu", "cuda", ...; None: CUDA where there is one.
        listener: Who is told.

    Returns:
        The metrics, one record an update.

    Raises:
        ArgumentError: The folder holds another run, or another process is at work in it.
        CheckpointError: What is there is corrupt.
        UnknownNameError: Environment, estimator or one of its keywords is unknown.
        MissingColumnError: The estimator needs a column that this trainer does not collect.
    """
    make_estimator(config.estimator, **config.estimator_options)  # a wrong name is told at once
    out.mkdir(parents=True, exist_ok=True)
    with claim(out):
        return _train(config, out, device, listener or Listener())


def _train(config: TrainConfig, out: Path, device: str | None, listener: Listener) -> list[dict[str, Any]]:
    _settle_config(config, out)
    if not (out / "start").exists():
        shutil.rmtree(out / "start.partial", ignore_errors=True)
        make_start(config, out / "start", listener.on_clone)
    policy = Policy(out / "start", config, device=device)
    reference = _reference(out / "start", policy) if config.update.kl else None
    done = _resume(out, policy)
    metrics = MetricsFile(out / "metrics.jsonl", done)
    if metrics.taken_back:
        listener.on_note(f"{metrics.taken_back} updates after the last checkpoint are done again.")
    for record in metrics.records:
        listener.on_update(record)
    for update in range(done, config.updates):
        record = _one_update(policy, reference, update)
        metrics.append(record)
        listener.on_update(record)
        if (update + 1) % config.checkpoint_every == 0 or update + 1 == config.updates:
            checkpoint.save(out / "checkpoints", policy, update + 1)
            draw_curve(metrics.records, out / "curve.png", f"{config.estimator} on {config.env}")
    shutil.rmtree(out / "model", ignore_errors=True)
    policy.export(out / "model")
    return metrics.records


def _one_update(policy: Policy, reference: Any | None, update: int) -> dict[str, Any]:
    config, begun = policy.config, time.perf_counter()
    trajectories = collect_groups(policy, update)
    collected = time.perf_counter()
    if all(t.error is not None for t in trajectories):
        raise AgentGymError(
            f"Every episode of update {update + 1} broke off. The first: {trajectories[0].error}"
        )
    experience = _experience(trajectories, config)
    stats = update_policy(policy, experience, reference=reference, seed=[config.seed, update])
    return {
        "update": update + 1,
        **summarise(trajectories),
        **stats,
        "collect_s": round(collected - begun, 3),
        "update_s": round(time.perf_counter() - collected, 3),
    }


def collect_groups(policy: Policy, update: int) -> list[Trajectory]:
    """Play the groups of one update, in episode order."""
    config, size = policy.config, policy.config.rollout.group_size
    episodes = [
        Episode(
            number=group * size + member,
            env_id=config.env,
            seed=derive_seed(config.seed, update, group),
            group=group,
            env_kwargs=config.env_options,
        )
        for group in range(config.rollout.groups)
        for member in range(size)
    ]
    noise = derive_seed(config.seed, update)
    played = collect(episodes, policy.agent(), agent_seed=noise, slots=config.rollout.slots)
    return sorted(played, key=lambda t: t.episode)


def _experience(trajectories: list[Trajectory], config: TrainConfig) -> Experience:
    batch = StepBatch.from_trajectories(trajectories)
    found = advantages(config.estimator, batch, **config.estimator_options)
    lengths = np.diff(batch.token_offsets)
    token = np.repeat(found.step, lengths) if found.token is None else found.token
    assert batch.old_logprob is not None  # rows_of has checked that every step has tokens
    cuts = batch.token_offsets[1:-1]
    return Experience(
        rows_of(trajectories), np.split(batch.old_logprob, cuts), np.split(token, cuts), batch.group
    )


def _reference(folder: Path, policy: Policy) -> Any:
    model, _ = load_model(folder, device=str(policy.model.device))
    return model.float().requires_grad_(False)


def _settle_config(config: TrainConfig, out: Path) -> None:
    path, record = out / "config.json", config.to_dict()
    if path.exists() and (out / "start").exists():  # before that, a mistake may be corrected
        try:
            found = json.loads(path.read_text(encoding="ascii"))
        except ValueError as error:
            raise CheckpointError(f"{path} is no JSON: {error}. Start again in another folder.") from error
        mine = json.loads(json.dumps(record))
        differing = sorted(
            k for k in mine.keys() | found.keys() if k != "updates" and mine.get(k) != found.get(k)
        )
        if differing or mine["updates"] < found["updates"]:
            raise ArgumentError(
                f"{out} holds another run: {', '.join(differing) or 'updates'} differ. Repeat its settings "
                "(with as many updates, or more) to resume it, or choose another folder."
            )
    write_json(path, record)


def _resume(out: Path, policy: Policy) -> int:
    place = checkpoint.latest(out / "checkpoints")
    return 0 if place is None else checkpoint.restore(place, policy)
