"""`agentgym demo`: the whole walk on a model too small to learn anything, and an honest verdict on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.evaluation import Contrast
from agentgym.leaderboard import boards, open_store
from baselines.commands.demo import _verdict

_CONFIG = """
env = "agentgym/SokobanSmall-v0"
estimator = "gigpo"
updates = 1
[nano]
hidden = 16
layers = 1
heads = 2
[clone]
episodes = 5
[rollout]
groups = 2
group_size = 2
max_new_tokens = 2
"""


@pytest.mark.slow
def test_demo__trains_evaluates_submits_and_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(_CONFIG)
    command = ["demo", "--config", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "demo")]
    for _ in range(2):  # the second time, everything is there already
        result = CliRunner().invoke(build_app(), command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert "NOT a supported gain" in result.output
    (board,) = boards(open_store(str(tmp_path / "demo" / "board.sqlite")))
    entries = {row.entry.name: row.entry for row in board.rows}
    assert set(entries) == {"random", "oracle", "cloned nano", "GiGPO nano"}
    assert entries["oracle"].success.value == 1.0
    assert (tmp_path / "demo" / "train" / "curve.png").is_file()


@pytest.mark.parametrize(
    ("value", "low", "high", "supported", "words"),
    [
        (0.1, 0.05, 0.15, True, "the gain is supported"),
        (0.1, -0.05, 0.15, False, "NOT a supported gain"),
        (-0.1, -0.15, -0.05, True, "NOT a supported gain"),
    ],
)
def test_verdict__claims_a_gain_only_where_there_is_one(
    value: float, low: float, high: float, supported: bool, words: str
) -> None:
    told = _verdict(Contrast(value, low, high, 0.01, supported))
    assert words in told
    assert f"{value:+.1%}" in told
