"""`agentgym demo`: train, evaluate, submit and show, in one go."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agentgym.evaluation import Contrast, ExpandedSuite

__all__ = ["demo"]

_CONFIG = Path(__file__).parents[1] / "configs" / "demo.toml"
_SUITE = "sokoban-small"
_START, _TRAINED = "cloned nano", "GiGPO nano"


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo; a killed demo goes on from there.")] = Path(
        "runs/demo"
    ),
    config: Annotated[Path, typer.Option(help="The training run.")] = _CONFIG,
) -> None:
    """Clone the oracle, train with GiGPO, evaluate four agents on held-out levels, and show the board.

    Example: agentgym demo --out runs/demo
    """
    from agentgym.errors import require

    for module, extra in (("torch", "train"), ("sqlalchemy", "board")):
        require(module, extra=extra, who="agentgym demo")
    from agentgym.evaluation import load_suite
    from baselines.commands.train import train_with_progress
    from baselines.trainer import load_config

    begun = time.perf_counter()
    typer.echo("1. Clone an oracle that errs at half of its turns, then train with GiGPO on fresh levels.")
    train_with_progress(load_config(config, {}), out / "train")
    trained = time.perf_counter()
    typer.echo(f"2. Play the {_SUITE} suite: levels that no agent has seen.")
    agents = {
        "random": "random",
        "oracle": "oracle",
        _START: f"hf:{out / 'train' / 'start'}",
        _TRAINED: f"hf:{out / 'train' / 'model'}",
    }
    _evaluate(load_suite(_SUITE).expand(), agents, out / "eval")
    typer.echo("3. Submit all four: every action is executed again before a result counts.")
    _submit(agents, out)
    typer.echo(_verdict(_gain(out / "eval")))
    typer.echo(f"Learning curve: {out / 'train' / 'curve.png'}")
    typer.echo(f"Training {trained - begun:.0f} s, the rest {time.perf_counter() - trained:.0f} s.")


def _folder(out: Path, name: str) -> Path:
    return out / name.replace(" ", "-")


def _evaluate(suite: ExpandedSuite, agents: Mapping[str, str], out: Path) -> None:
    from agentgym.cli.progress import progress
    from agentgym.evaluation import evaluate_suite

    with progress() as bar:
        for name, spec in agents.items():
            task = bar.add_task(name, total=len(suite.episodes))

            def watch(*_: object, task: object = task) -> None:
                bar.advance(task)  # type: ignore[arg-type]

            evaluate_suite(suite, spec, out=_folder(out, name), baselines=False, watch=watch)


def _submit(agents: Mapping[str, str], out: Path) -> None:
    from rich.console import Console

    from agentgym.leaderboard import boards, open_store, submit
    from agentgym.leaderboard.report import render_board

    store = open_store(str(out / "board.sqlite"))
    present = {row.entry.name for board in boards(store) for row in board.rows}
    for name in agents:
        if name not in present:
            submit(_folder(out / "eval", name), store, name=name)
    for board in boards(store):
        Console().print(render_board(board))


def _gain(evaluated: Path) -> Contrast:
    """Compare the trained agent with its start on the same levels."""
    import numpy as np

    from agentgym.evaluation import compare, outcomes
    from agentgym.rollout import load_run

    trained, start = (outcomes(load_run(_folder(evaluated, name))[1]) for name in (_TRAINED, _START))
    return compare(trained, start, np.random.default_rng(0)).success


def _verdict(gain: Contrast) -> str:
    told = f"GiGPO changed success by {gain.value:+.1%} over its cloned start, 95 % interval "
    told += f"[{gain.low:+.1%}, {gain.high:+.1%}], paired over the same levels: "
    if gain.supported and gain.value > 0:
        return told + "the gain is supported."
    return told + "NOT a supported gain. Training did not demonstrably help."
