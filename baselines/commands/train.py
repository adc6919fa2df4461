"""`agentgym train`: train a language-model agent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from baselines.trainer import Listener, TrainConfig

__all__ = ["train", "train_with_progress"]


def train(
    out: Annotated[Path, typer.Option(help="Folder of the run; a killed run goes on from there.")],
    env: Annotated[str | None, typer.Option(help="Environment id.")] = None,
    algo: Annotated[
        str | None,
        typer.Option(help="sb3:maskable_ppo, sb3:ppo or sb3:dqn: train with stable-baselines3 instead."),
    ] = None,
    estimator: Annotated[str | None, typer.Option(help="Credit assignment; see agentgym estimators.")] = None,
    model: Annotated[str | None, typer.Option(help="'nano', or a folder with a causal LM.")] = None,
    updates: Annotated[int | None, typer.Option(help="Number of updates.", min=0)] = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with settings.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting, e.g. update.learning_rate=1e-3.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; default: CUDA if there.")] = None,
    tensorboard: Annotated[bool, typer.Option(help="Write TensorBoard events as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the last metrics as JSON.")] = False,
) -> None:
    """Train an agent: collect groups, advantages, PPO loss, update.

    Started by torchrun or accelerate launch, several processes share the work of one run.

    With --algo an algorithm of stable-baselines3 trains a small network instead of a language model. Without
    --config it takes the tuned settings of the environment, where there are any.

    Example: agentgym train --env SokobanSmall-v0 --estimator gigpo --model nano --set clone.episodes=400
    --out runs/gigpo
    """
    from agentgym.cli.options import parse_options
    from agentgym.errors import require
    from agentgym.registry import full_id

    given = {"env": None if env is None else full_id(env), "seed": seed}
    shared = {name: value for name, value in given.items() if value is not None}
    given = {"estimator": estimator, "model": model, "updates": updates}
    own = {name: value for name, value in given.items() if value is not None}
    if algo is not None:
        unfit = [*own, *["device"] * (device is not None), *["tensorboard"] * tensorboard]
        _train_elsewhere(algo, unfit, config, {**shared, **parse_options(set_ or [])}, out, as_json)
        return
    require("torch", extra="train", who="agentgym train")
    from baselines.trainer import load_config
    from baselines.trainer.team import launched_first

    settings = load_config(config, {**shared, **own, **parse_options(set_ or [])})
    records = train_with_progress(settings, out, device=device, tensorboard=tensorboard, quiet=as_json)
    if not launched_first():
        return
    last = records[-1] if records else {}
    if as_json:
        typer.echo(json.dumps({"model": str(out / "model"), "updates": len(records), "last": last}))
    else:
        curve = out / "curve.png"
        typer.echo(
            f"Trained model: hf:{out / 'model'}" + (f"   learning curve: {curve}" if curve.exists() else "")
        )


def _train_elsewhere(
    algo: str, unfit: list[str], config: Path | None, changes: dict[str, Any], out: Path, as_json: bool
) -> None:
    """Train with another library's algorithm."""
    from agentgym.errors import ArgumentError, suggest
    from baselines.sb3.command import train_with_progress as train_sb3

    library, _, name = algo.partition(":")
    if library != "sb3":
        raise suggest("library of algorithms", library, ["sb3"])
    if unfit:
        raise ArgumentError(f"--{unfit[0]} is not for --algo {algo}. Leave it out; --set changes settings.")
    records = train_sb3(config, {**changes, "algo": name}, out, quiet=as_json)
    if as_json:
        last = records[-1] if records else {}
        typer.echo(json.dumps({"agent": f"sb3:{out}", "updates": len(records), "last": last}))
    else:
        typer.echo(f"Trained agent: sb3:{out}   learning curve: {out / 'curve.png'}")


def train_with_progress(
    settings: TrainConfig,
    out: Path,
    *,
    device: str | None = None,
    tensorboard: bool = False,
    quiet: bool = False,
) -> list[dict[str, Any]]:
    """Train with a progress bar that shows the success rate."""
    from agentgym.cli.progress import progress
    from baselines.trainer import train as run_training
    from baselines.trainer.team import launched_first

    if not launched_first():  # of several processes the first one speaks
        return run_training(settings, out, device=device)
    with progress(quiet=quiet) as bar:
        listener = _listener(settings, bar, _writer(out) if tensorboard else None)
        return run_training(settings, out, device=device, listener=listener)


def _listener(settings: TrainConfig, bar: Any, writer: Any) -> Listener:
    from baselines.trainer import Listener

    clone = bar.add_task("warm start", total=None, visible=bool(settings.clone.episodes))
    updates = bar.add_task(settings.estimator, total=settings.updates)
    recent: list[float] = []

    def on_clone(done: int, total: int, loss: float) -> None:
        bar.update(clone, completed=done, total=total, description=f"warm start, loss {loss:.3f}")

    def on_update(record: Any) -> None:
        recent.append(record["success"])
        shown = sum(recent[-10:]) / len(recent[-10:])
        bar.update(
            updates, completed=record["update"], description=f"{settings.estimator}, success {shown:.0%}"
        )
        if writer is not None:
            for name, value in record.items():
                writer.add_scalar(name, value, record["update"])
            writer.flush()

    return Listener(on_clone, on_update, lambda note: bar.console.print(note))


def _writer(out: Path) -> Any:
    from agentgym.errors import require

    require("tensorboard", extra="tensorboard", who="--tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(out / "tensorboard"))
