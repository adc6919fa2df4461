"""`agentgym export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tests.toys
from agentgym.cli.main import build_app

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
