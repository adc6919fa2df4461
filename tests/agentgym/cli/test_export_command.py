"""`agentgym export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tests.toys
from agentgym.cli.main import build_app
from agentgym.trajectory import read_trajectories

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install -e '.[datasets]'")


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(build_app(), list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_export__writes_a_data_set_of_a_run(tmp_path: Path) -> None:
    run, out = str(tmp_path / "run"), str(tmp_path / "out")
    _run(
        "rollout", "--env", tests.toys.TOY_ID, "--agent", "oracle", "--episodes", "6", "--out", run, "--json"
    )
    report = json.loads(_run("export", run, "--form", "sft", "--out", out, "--license", "mit", "--json"))
    assert report["rows"] == {"train": 6}
    assert "license: mit" in (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "train 6" in _run("export", run, "--form", "sft", "--out", out, "--license", "mit")


def test_rollout__groups_give_pairs(tmp_path: Path) -> None:
    run, out = str(tmp_path / "run"), str(tmp_path / "out")
    arguments = ["--episodes", "16", "--group-size", "8", "--out", run, "--json"]
    _run("rollout", "--env", tests.toys.TOY_ID, *arguments)
    trajectories = list(read_trajectories(tmp_path / "run" / "trajectories.jsonl"))
    assert {(t.group, t.seed) for t in trajectories} == {(0, 0), (1, 1)}
    assert json.loads(_run("export", run, "--form", "step-dpo", "--out", out, "--json"))["rows"]["train"] > 0
