"""`agentgym train` and `agentgym demo` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import ArgumentError, UnknownNameError
from tests.toys import TOY_ID

_TINY = [
    "nano.hidden=16",
    "nano.layers=1",
    "nano.heads=2",
    "clone.episodes=5",
    "rollout.groups=2",
    "rollout.group_size=2",
    "rollout.max_new_tokens=3",
    "env_options.max_steps=6",
]


def _run(*arguments: str) -> str:
    settings = [word for pair in _TINY for word in ("--set", pair)]
    command = ["train", "--env", TOY_ID, "--device", "cpu", *settings, *arguments]
    result = CliRunner().invoke(build_app(), command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_train__trains_resumes_and_writes_what_it_says(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path), "--estimator", "gigpo", "--json"]
    assert json.loads(_run("--updates", "1", *out))["updates"] == 1
    told = json.loads(_run("--updates", "2", "--tensorboard", *out))
    assert told["updates"] == 2
    assert told["last"]["update"] == 2
    assert (tmp_path / "model" / "model.safetensors").is_file()
    assert list((tmp_path / "tensorboard").glob("events.*"))
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 2


def test_train__settings_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('estimator = "rloo"\nupdates = 1\n[update]\nminibatches = 1\n')
    _run("--config", str(tmp_path / "run.toml"), "--out", str(tmp_path / "run"))
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["estimator"] == "rloo"
    assert config["update"]["minibatches"] == 1
    assert config["env"] == TOY_ID


def test_train__mistakes_are_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="updates"):
        _run("--set", "updates_=3", "--out", str(tmp_path / "a"))
    with pytest.raises(ArgumentError, match="name=value"):
        _run("--set", "alone", "--out", str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()
