"""The training loop: collect groups -> columns -> advantages -> loss -> update. Read it top to bottom.

How it differs from the textbook: an update sees only fresh groups, each one task played several times from
the same start; advantages come from any registered estimator, and what it reads beyond the turns themselves
is given by `Supply`, some of it by learned parts that train after the policy on the same turns; the loss is
over response tokens alone; every random number is derived from (seed, update), so that a run that was killed
continues exactly where its last checkpoint stands.

    <out>/config.json     the run
    <out>/start/          the model before the first update      (hf:<out>/start)
    <out>/model/          the model after the last               (hf:<out>/model)
    <out>/checkpoints/    where the run continues after a kill
    <out>/metrics.jsonl   one line an update;  <out>/curve.png  the same as a picture

A run may have several processes (see `team`): each walks through this file, and the first one writes.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agentgym.agents.hf import load_model
from agentgym.errors import AgentGymError, ArgumentError, CheckpointError
from agentgym.files import claim, sync, write_json
from agentgym.hashing import derive_seed
from baselines.estimators import Estimator
from baselines.models.companion import Play
from baselines.trainer import checkpoint
from baselines.trainer.columns import Supply, sources
from baselines.trainer.config import TrainConfig, load_config
from baselines.trainer.credit import Credit, assign_credit, estimator_of
from baselines.trainer.environment import check_environment
from baselines.trainer.gathering import gather
from baselines.trainer.groups import Group, GroupPlay, branching_of, play_groups, play_of
from baselines.trainer.memory import pack
from baselines.trainer.metrics import MetricsFile, draw_curve, summarise
from baselines.trainer.policy import CloneProgress, Policy, make_start, trainable_model
from baselines.trainer.sampling import GroupSampler, check_sampling
from baselines.trainer.selfplay import SelfPlay
from baselines.trainer.smoothing import EntropySmoothing
from baselines.trainer.team import Team, team_of_this_run
from baselines.trainer.truth import check_reference
from baselines.trainer.update import Experience, chosen_loss, update_policy

__all__ = ["Listener", "opened", "train"]


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
        The metrics, one record an update. Of several processes the first one gets those of earlier starts.

    Raises:
        ArgumentError: The folder holds another run, or another process is at work in it.
        CheckpointError: What is there is corrupt.
        UnknownNameError: Environment, estimator or one of its keywords is unknown.
        MissingColumnError: The estimator or the reward rule needs a column that neither this trainer nor the
            environment gives.
    """
    estimator = estimator_of(config)  # a wrong name is told at once,
    given = sources(config)  # and so is a column that nobody can give,
    check_environment(config, [name for name, source in given.items() if source == "environment"])
    if "truth" in given.values():
        check_reference(config)
    chosen_loss(config.update)  # an unknown loss,
    pack(estimator.state_dict())  # a memory that no checkpoint can keep,
    branching_of(config)  # and groups that cannot be played
    check_sampling(config)
    with team_of_this_run(device) as (team, place):
        if not team.leads:
            return _train(config, estimator, out, place, Listener(), team)
        out.mkdir(parents=True, exist_ok=True)
        with claim(out):
            return _train(config, estimator, out, place, listener or Listener(), team)


class _Run(NamedTuple):
    """Everything of a run that changes from update to update, and the model it started from if it is read."""

    policy: Policy
    estimator: Estimator
    supply: Supply
    sampler: GroupSampler
    selfplay: SelfPlay | None
    smoothing: EntropySmoothing | None
    reference: Any | None

    def memory(self) -> dict[str, Any]:
        """Return what has to be remembered beside the policy."""
        smoothing = {} if self.smoothing is None else self.smoothing.state_dict()
        league = {} if self.selfplay is None else {"league": self.selfplay.state_dict()}
        return league | {
            "estimator": self.estimator.state_dict(),
            "supply": self.supply.state_dict(),
            "sampler": self.sampler.state_dict(),
            "smoothing": smoothing,
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take up what `memory` returned."""
        self.estimator.load_state_dict(memory["estimator"])
        self.supply.load_state_dict(memory["supply"])
        self.sampler.load_state_dict(memory["sampler"])
        if self.selfplay is not None:
            self.selfplay.load_state_dict(memory["league"])
        if self.smoothing is not None:
            self.smoothing.load_state_dict(memory["smoothing"])


def opened(out: Path, *, device: str | None = None) -> tuple[Policy, Supply]:
    """Read a run as its last checkpoint left it: the policy, and what was learnt beside it.

    Raises:
        CheckpointError: The folder holds no run with a checkpoint.
    """
    try:
        config = load_config(None, json.loads((out / "config.json").read_text(encoding="ascii")))
        run = _assemble(config, estimator_of(config), out / "start", device, Team())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{out} is no run of `agentgym train`: {error}.") from error
    if not _resume(out, run):
        raise CheckpointError(f"{out} has no checkpoint yet. Train it first.")
    return run.policy, run.supply


def _train(
    config: TrainConfig, estimator: Estimator, out: Path, device: str | None, listener: Listener, team: Team
) -> list[dict[str, Any]]:
    if team.leads:
        _settle_config(config, out)
        if not (out / "start").exists():
            shutil.rmtree(out / "start.partial", ignore_errors=True)
            make_start(config, out / "start", listener.on_clone)
    team.wait()
    run = _assemble(config, estimator, out / "start", device, team)
    done = _resume(out, run)
    team.wait()  # nobody deletes checkpoints that another still reads
    metrics = MetricsFile(out / "metrics.jsonl", done) if team.leads else None
    if metrics is not None and metrics.taken_back:
        listener.on_note(f"{metrics.taken_back} updates after the last checkpoint are done again.")
    records = [] if metrics is None else metrics.records
    for record in records:
        listener.on_update(record)
    for update in range(done, config.updates):
        record = _one_update(run, update)
        records = [*records, record]
        if metrics is not None:
            metrics.append(record)
        listener.on_update(record)
        if (update + 1) % config.checkpoint_every == 0 or update + 1 == config.updates:
            _keep(run, out, records)
    if team.leads:
        shutil.rmtree(out / "model", ignore_errors=True)
        run.policy.export(out / "model")
    team.wait()
    return records


def _keep(run: _Run, out: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write a checkpoint and draw the curve."""
    config = run.policy.config
    if run.policy.team.leads:
        sync(out / "metrics.jsonl")  # a checkpoint is of no use without the lines before it
    checkpoint.save(out / "checkpoints", run.policy, run.memory(), len(records))
    if run.policy.team.leads:
        draw_curve(records, out / "curve.png", f"{config.estimator} on {', '.join(config.played)}")


def _assemble(config: TrainConfig, estimator: Estimator, start: Path, device: str | None, team: Team) -> _Run:
    """Load the policy, and beside it only what the estimator and the loss read."""
    policy = Policy(start, config, device=device, team=team)
    wanted = set(sources(config).values())
    reference = process_model = None
    if config.update.kl or wanted & {"reference", "preferences"}:
        reference = load_model(start, device=str(policy.model.device))[0].float().requires_grad_(False)
    if "preferences" in wanted:
        process_model, _ = trainable_model(start, config, device=str(policy.model.device))
    supply = Supply(config, policy, reference=reference, process_model=process_model)
    smoothing = EntropySmoothing(config.update.epo) if config.update.epo.coefficient else None
    selfplay = SelfPlay(policy) if config.selfplay.envs else None
    return _Run(policy, estimator, supply, GroupSampler(config), selfplay, smoothing, reference)


def _one_update(run: _Run, update: int) -> dict[str, Any]:
    config, begun, seed = run.policy.config, time.perf_counter(), [run.policy.config.seed, update]
    measured = {}
    if run.selfplay is not None and update % config.checkpoint_every == 0:
        measured = run.selfplay.measure()
    kept, played = _collect(run, update)
    collected = time.perf_counter()
    run.policy.set_learning_rate(update)
    play = play_of(kept)
    if run.selfplay is not None:
        play = run.selfplay.roles(play)
    play = run.supply.columns(play)
    credit = assign_credit(run.estimator, play.batch, play.node)
    stats = update_policy(
        run.policy,
        _experience(play, credit),
        reference=run.reference if config.update.kl else None,
        smoothing=None if run.smoothing is None else run.smoothing.term(play.batch, update),
        seed=seed,
    )
    stats |= run.supply.learn(play, credit.estimate, seed=seed)
    if run.smoothing is not None:
        run.smoothing.remember(play.batch)
    if run.selfplay is not None:
        run.selfplay.after(update + 1)
    whole = [t for group in played for t in group.whole]
    return {
        "update": update + 1,
        **summarise(whole),
        **({} if run.selfplay is None else run.selfplay.summarise(whole)),
        **measured,
        "tokens": sum(group.tokens for group in played),
        **stats,
        "collect_s": round(collected - begun, 3),
        "update_s": round(time.perf_counter() - collected, 3),
    }


def _collect(run: _Run, update: int) -> tuple[list[GroupPlay], list[GroupPlay]]:
    """Play the groups of one update; return those that are learnt from, and all of them."""
    noise, played = derive_seed(run.policy.config.seed, update), list[GroupPlay]()
    team = run.policy.team

    def play(groups: Sequence[Group]) -> list[GroupPlay]:
        share = slice(team.rank, None, team.size)
        if run.selfplay is None:
            mine = play_groups(run.policy, groups, noise=noise, share=share)
        else:
            mine = run.selfplay.play(groups[share], noise=noise)
        found = gather(team, mine)
        played.extend(found)
        return found

    kept = run.sampler.collect(play, update)
    errors = [t.error for group in played for t in group.trajectories]
    if all(error is not None for error in errors):
        raise AgentGymError(f"Every episode of update {update + 1} broke off. The first: {errors[0]}")
    return kept, played


def _experience(play: Play, credit: Credit) -> Experience:
    assert play.batch.old_logprob is not None  # `Play.of` has checked that every step has tokens
    cuts = play.batch.token_offsets[1:-1]
    scale = getattr(credit.estimate, "clip_scale", None)
    further = {
        "entropy": play.batch.entropy,
        "clip_scale": None if scale is None else np.repeat(scale, np.diff(play.batch.token_offsets)),
    }
    return Experience(
        play.rows,
        np.split(play.batch.old_logprob, cuts),
        np.split(credit.token, cuts),
        play.batch.group,
        play.batch.episode,
        {name: np.split(column, cuts) for name, column in further.items() if column is not None},
    )


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


def _resume(out: Path, run: _Run) -> int:
    place = checkpoint.latest(out / "checkpoints")
    return 0 if place is None else checkpoint.restore(place, run.policy, run.remember)
