"""Training by several processes: what one process would have learnt, written once, resumed by any number."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from baselines.trainer import TrainConfig, train
from baselines.trainer.config import (
    CloneConfig,
    CriticConfig,
    NanoConfig,
    RolloutConfig,
    SamplingConfig,
    UpdateConfig,
)
from baselines.trainer.team import Team
from tests.toys import TOY_ID

_ROOT = Path(__file__).parents[3]
_BASE = TrainConfig(
    env=TOY_ID,
    env_options={"wind": 0.0, "max_steps": 6},
    prompt={"instruction": True},
    updates=2,
    checkpoint_every=2,
    nano=NanoConfig(hidden=32, layers=2, heads=2, vocabulary=300),
    clone=CloneConfig(episodes=40, epochs=5, batch=16, learning_rate=5e-3),
    rollout=RolloutConfig(groups=5, group_size=4, max_new_tokens=4),
    update=UpdateConfig(learning_rate=1e-3, micro_tokens=400, kl=0.01),
    critic=CriticConfig(batch=16),
)
_FSDP = replace(_BASE.update, distributed="fsdp")
_RUNS = {
    "ddp": _BASE,
    "fsdp": replace(_BASE, update=_FSDP),
    "adapters": replace(_BASE, update=replace(_FSDP, lora_rank=2, kl=0.0)),
    "critics": replace(_BASE, estimator="archer"),
    "trees": replace(_BASE, rollout=replace(_BASE.rollout, branching={"policy": "r3l", "episodes": 2})),
    "drawn again": replace(_BASE, sampling=SamplingConfig("dynamic", redraws=2)),
    "one group": replace(
        _BASE, rollout=replace(_BASE.rollout, groups=1, group_size=16), update=_FSDP, seed=1
    ),
}


def test_team__cuts_items_into_even_stretches() -> None:
    assert Team(0, 2).parts([3, 1, 1, 1, 2]) == [range(0, 2), range(2, 5)]
    assert Team(0, 3).parts([]) == [range(0, 0)] * 3
    for sizes in ([5], [1, 9], [9, 1], [1] * 7):
        parts = Team(0, 3).parts(sizes)
        assert [k for part in parts for k in part] == list(range(len(sizes)))
    assert Team().parts([4, 4]) == [range(0, 2)]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model that the runs start from."""
    out = tmp_path_factory.mktemp("start")
    train(replace(_BASE, updates=0), out, device="cpu")
    return str(out / "model")


def _launch(*command: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def _train_together(runs: Mapping[Path, TrainConfig], folder: Path) -> None:
    plan = folder / "runs.json"
    plan.write_text(json.dumps({str(out): config.to_dict() for out, config in runs.items()}))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    _launch(*torchrun, "tests/baselines/trainer/launched.py", str(plan))


def _same(one: Path, two: Path) -> None:
    """Compare all that runs leave behind, up to rounding."""
    first, second = (load_file(out / "model" / "model.safetensors") for out in (one, two))
    start = load_file(one / "start" / "model.safetensors")
    assert first.keys() == second.keys()
    for name, weights in first.items():
        assert weights.shape == second[name].shape
        assert float((weights - second[name]).abs().mean()) < 0.02 * 1e-3, name
    moved = max(float((weights - start[name]).abs().max()) for name, weights in first.items())
    assert moved > 3e-4, "nothing was learnt: the test shows nothing"
    lines, others = ((out / "metrics.jsonl").read_text().splitlines() for out in (one, two))
    for line, other in zip(map(json.loads, lines), map(json.loads, others), strict=True):
        assert line.keys() == other.keys()
        for key in ("episodes", "success", "return", "turns", "tokens"):
            assert line[key] == other[key], key
        for key in ("loss", "gradient_norm", "entropy", "reference_kl"):
            assert line[key] == pytest.approx(other[key], rel=0.02, abs=1e-5), key


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # peft asks transformers so
def test_train__two_processes_learn_what_one_does(start: str, tmp_path: Path) -> None:
    runs = {name: replace(config, model=start, clone=CloneConfig()) for name, config in _RUNS.items()}
    _train_together({tmp_path / "two" / name: config for name, config in runs.items()}, tmp_path)
    for name, config in runs.items():
        train(config, tmp_path / "one" / name, device="cpu")
        _same(tmp_path / "one" / name, tmp_path / "two" / name)


@pytest.mark.slow
def test_train__goes_on_with_another_number_of_processes(start: str, tmp_path: Path) -> None:
    whole = replace(_BASE, model=start, clone=CloneConfig(), update=_FSDP, updates=5, checkpoint_every=1)
    train(whole, tmp_path / "one", device="cpu")
    train(replace(whole, updates=2), tmp_path / "mixed", device="cpu")
    _train_together({tmp_path / "mixed": replace(whole, updates=4)}, tmp_path)
    train(whole, tmp_path / "mixed", device="cpu")
    _same(tmp_path / "one", tmp_path / "mixed")


@pytest.mark.slow
def test_train_command__is_started_by_accelerate_as_well(tmp_path: Path) -> None:
    _launch(
        *(sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2"),
        *("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"),
        *("--main_process_port", "0", "-m", "agentgym", "train", "--env", "SokobanSmall-v0"),
        *("--updates", "1", "--out", str(tmp_path), "--set", "rollout.groups=2"),
        *("--set", "rollout.group_size=2", "--set", "nano.layers=1", "--set", "nano.vocabulary=300"),
        *("--set", "env_options.max_steps=3", "--set", "update.distributed=fsdp"),
    )
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line)["episodes"] == 4
    assert (tmp_path / "model" / "config.json").exists()
