"""Repeats on the command line: pass@k, pass^k, flip rate and noise floor of one run and of several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import ArgumentError
from agentgym.evaluation import flip_rate, noise_floor, outcomes, pass_at_k, pass_hat_k
from agentgym.rollout import load_run
from tests.toys import TOY_ID


def _json(*words: str) -> dict[str, Any]:
    found = CliRunner().invoke(build_app(), [*words, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return dict(json.loads(found.stdout))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = ["--env", TOY_ID, "--agent", "random", "--episodes", "12", "--repeats", "4"]
    result = _json("eval", *place, "--out", str(tmp_path / "run"))
    assert set(result["repeats"]["agent"]) == {"pass^4", "pass@4", "flip rate", "noise floor"}
    return tmp_path / "run"


def test_eval__repeats_play_one_start_with_other_chance(folder: Path) -> None:
    plan, played = load_run(folder)
    assert [e.number for e in plan.episodes] == list(range(48))
    assert [e.group for e in plan.episodes] == [k // 4 for k in range(48)]
    for first, *others in (played[k : k + 4] for k in range(0, 48, 4)):
        assert {t.steps[0].observation for t in others} == {first.steps[0].observation}
        assert {t.seed for t in others} == {first.seed}
    assert len({tuple(s.decision.action for s in t.steps) for t in played[:4]}) > 1


def test_repeats__says_what_the_formulas_say(folder: Path) -> None:
    found, results = _json("repeats", str(folder)), outcomes(load_run(folder)[1])
    assert (found["starts"], found["repeats"]) == (12, 4)
    assert found["pass_at"] == [pass_at_k(results, k) for k in (1, 2, 3, 4)]
    assert found["pass_hat"] == [pass_hat_k(results, k) for k in (1, 2, 3, 4)]
    assert found["pass_at"][0] == found["pass_hat"][0] == pytest.approx(found["success"]["value"])
    assert (found["flip_rate"], found["noise_floor"]) == (flip_rate(results), noise_floor(results))
    assert found["middle"]["low"] <= found["middle"]["value"] <= found["middle"]["high"]
    text = CliRunner().invoke(build_app(), ["repeats", str(folder)]).stdout
    assert "12 starts, 4 repeats" in text
    assert "noise floor" in text


def test_repeats__equal_runs_do_not_flip(folder: Path) -> None:
    twice = _json("repeats", str(folder), str(folder))
    assert twice["repeats"] == 8
    one = ["--env", TOY_ID, "--agent", "oracle", "--episodes", "5", "--no-baselines"]
    for name in ("a", "b"):
        _json("eval", *one, "--out", str(folder / name))
    found = _json("repeats", str(folder / "a"), str(folder / "b"))
    assert (found["flip_rate"], found["noise_floor"], found["pass_hat"]) == (0.0, 0.0, [1.0, 1.0])
    with pytest.raises(ArgumentError, match="2 repeats of every start are needed"):
        _json("repeats", str(folder / "a"))
