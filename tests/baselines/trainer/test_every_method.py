"""Every method trains from the command line: ten updates of a tiny model on Sokoban.

By default one method for each source of columns runs. All of them, aliases included, run with

    AGENTGYM_TRAIN_ALL=1 pytest tests/baselines/trainer/test_every_method.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import MissingColumnError
from baselines.estimators import names
from baselines.trainer import TrainConfig, train
from baselines.trainer.columns import sources
from baselines.trainer.config import CloneConfig, NanoConfig, RolloutConfig

_ENV = "agentgym/SokobanSmall-v0"
_DEFAULT = {
    "gigpo": set(),
    "poad": {"value_token_loss"},
    "hiper": {"value_loss", "value_high_loss", "value_term_loss"},
    "archer": {"q_loss", "v_loss"},
    "spa_rl": {"value_loss", "progress_loss"},
    "istar": {"preference_loss"},
    "g_ra": set(),
    "malt": set(),
}
_WANTED = {
    *("grpo", "dr_grpo", "flow_grpo", "dapo", "rloo", "loop", "opo", "grpo_passk", "dr_mas", "r3l", "seeupo"),
    *(
        "reinforce_pp",
        "reinforce_pp_baseline",
        "gigpo",
        "hgpo",
        "salt",
        "empg",
        "istar",
        "oprl",
        "mars",
        "malt",
    ),
    *("gae_token", "gae_turn", "turn_ppo", "gae_bilevel", "poad", "bad", "hiper", "archer", "spa_rl", "g_ra"),
}


def _trainable(name: str) -> bool:
    """Whether a method trains on Sokoban, which tells neither of tools nor of right answers."""
    try:
        return not {"environment", "truth"} & set(sources(TrainConfig(estimator=name)).values())
    except MissingColumnError:
        return False


def _every_method() -> list[object]:
    skip = pytest.mark.skipif("AGENTGYM_TRAIN_ALL" not in os.environ, reason="set AGENTGYM_TRAIN_ALL=1")
    return [
        pytest.param(name, id=name, marks=() if name in _DEFAULT else skip)
        for name in names()
        if _trainable(name)
    ]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that moves, wins one room in ten, and is as small as can be."""
    out = tmp_path_factory.mktemp("start")
    config = TrainConfig(
        env=_ENV,
        updates=0,
        prompt={"admissible": True},
        nano=NanoConfig(hidden=32, layers=1, heads=2),
        clone=CloneConfig(episodes=150, noise=0.5, epochs=4, batch=16, learning_rate=5e-3),
        rollout=RolloutConfig(max_new_tokens=3),
    )
    train(config, out, device="cpu")
    return out / "model"


def _run(start: Path, out: Path, *arguments: str) -> list[dict[str, float]]:
    settings = (
        "rollout.groups=3",
        "rollout.group_size=4",
        "rollout.max_new_tokens=3",
        "env_options.max_steps=20",
    )
    command = ["train", "--env", "SokobanSmall-v0", "--model", str(start), "--updates", "10"]
    command += ["--device", "cpu", "--out", str(out), "--json", *arguments]
    command += [word for pair in settings for word in ("--set", pair)]
    result = CliRunner().invoke(build_app(), command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    records = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [record["update"] for record in records] == list(range(1, 11))
    assert all(np.isfinite(value) for record in records for value in record.values())
    return records


def _changed(start: Path, out: Path) -> bool:
    before, after = (load_file(folder / "model.safetensors") for folder in (start, out / "model"))
    return any(bool((after[name] != tensor).any()) for name, tensor in before.items())


def test_names__every_method_of_the_issue_is_there_and_can_be_trained() -> None:
    assert {name for name in names() if _trainable(name)} >= _WANTED


@pytest.mark.slow
@pytest.mark.parametrize("estimator", _every_method())
def test_train__every_method_trains(estimator: str, start: Path, tmp_path: Path) -> None:
    records = _run(start, tmp_path, "--estimator", estimator)
    assert _changed(start, tmp_path), "ten updates with rewards changed no weight"
    assert {name for name in records[-1] if name.endswith("_loss")} >= _DEFAULT.get(estimator, set())


@pytest.mark.slow
def test_train__entropy_smoothing_trains(start: Path, tmp_path: Path) -> None:
    settings = ("update.epo.coefficient=0.01", "update.epo.low=0.99", "update.epo.high=1.01")
    records = _run(start, tmp_path, *(word for pair in settings for word in ("--set", pair)))
    assert records[0]["epo_penalty"] == 0.0, "there is no past to compare with"
    assert all(record["epo_penalty"] > 0 for record in records[1:])
    assert _changed(start, tmp_path)
