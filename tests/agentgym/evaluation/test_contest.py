"""Several runs side by side, the interquartile mean, and what chance alone does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agentgym.agents import make_agent
from agentgym.cli.main import build_app
from agentgym.errors import ArgumentError, ShapeError
from agentgym.evaluation import interquartile_mean, noise_floor, outcomes, stratified_bootstrap
from agentgym.evaluation.contest import contest
from agentgym.rollout import Episode, RunPlan, run
from tests.agentgym.evaluation.episodes import episode
from tests.toys import TOY_ID


def test_interquartile_mean__leaves_out_a_quarter_at_either_end() -> None:
    assert interquartile_mean(np.array([[100.0, 2.0, 3.0], [4.0, 5.0, -50.0]])) == pytest.approx(3.5)
    assert interquartile_mean(np.array([1.0, 2.0, 3.0, 4.0, 50.0])) == pytest.approx(3.0)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_interquartile_mean__lies_between_the_quartiles(values: list[float]) -> None:
    found = interquartile_mean(np.array(values))
    assert min(values) - 1e-9 <= found <= max(values) + 1e-9
    assert interquartile_mean(np.array(values) + 1.0) == pytest.approx(found + 1.0)


def test_interquartile_mean__refuses_nothing_and_nan() -> None:
    for wrong in ([], [np.nan, 1.0]):
        with pytest.raises(ShapeError):
            interquartile_mean(np.array(wrong))


def test_stratified_bootstrap__keeps_tasks_apart() -> None:
    """Every task always has the same score: runs do not differ, however different the tasks are."""
    scores = np.tile(np.linspace(0.0, 1.0, 20), (5, 1))
    found = stratified_bootstrap(scores, np.random.default_rng(0))
    assert found.low == pytest.approx(found.high) == pytest.approx(found.value)


def test_stratified_bootstrap__covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    rates = np.linspace(0.1, 0.9, 12)
    truth = np.mean(
        [interquartile_mean((rng.random((6, 12)) < rates).astype(np.float64)) for _ in range(4000)]
    )
    covered = 0
    for _ in range(150):
        scores = (rng.random((6, 12)) < rates).astype(np.float64)
        found = stratified_bootstrap(scores, rng, draws=300)
        assert found.low is not None
        assert found.high is not None
        covered += int(bool(found.low <= truth <= found.high))
    assert covered > 120


def test_stratified_bootstrap__says_nothing_of_one_run() -> None:
    assert stratified_bootstrap(np.ones((1, 4)), np.random.default_rng(0)).low is None


def test_noise_floor__is_how_far_apart_two_runs_of_one_agent_lie() -> None:
    rng = np.random.default_rng(2)
    rates = np.linspace(0.0, 1.0, 40)

    def played() -> list[np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        return [rng.random(4) < rate for rate in rates]

    gaps = [np.mean(played()) - np.mean(played()) for _ in range(1500)]
    floors = [
        noise_floor(
            outcomes([episode(f"t{k}", success=bool(w)) for k, row in enumerate(played()) for w in row])
        )
        for _ in range(30)
    ]
    assert 1.96 * np.std(gaps) == pytest.approx(np.mean(floors), rel=0.08)


def test_contest__compares_every_pair() -> None:
    runs = {
        name: [episode(f"t{k}", success=k < wins, number=k) for k in range(40)]
        for name, wins in (("good", 38), ("fair", 20), ("poor", 2))
    }
    found = contest(runs)
    assert list(found.pairs) == [("good", "fair"), ("good", "poor"), ("fair", "poor")]
    assert all(pair.success.supported and pair.success.value > 0.4 for pair in found.pairs.values())
    assert found.middle["fair"].value == pytest.approx(0.5)
    json.dumps(found.to_record())


def test_contest__needs_two_runs_that_share_starts() -> None:
    with pytest.raises(ArgumentError, match="two runs"):
        contest({"alone": [episode("a")]})
    with pytest.raises(ArgumentError, match="share no start"):
        contest({"one": [episode("a")], "two": [episode("b")]})


def test_compare__reads_folders_of_runs(tmp_path: Path) -> None:
    for name in ("random", "oracle"):
        episodes = [Episode(k, TOY_ID, seed=k, env_kwargs={"max_steps": 8}) for k in range(30)]
        run(RunPlan(name, 0, episodes), make_agent(name), tmp_path / name)
    folders = [str(tmp_path / "oracle"), str(tmp_path / "random")]
    shown = CliRunner().invoke(build_app(), ["compare", *folders], catch_exceptions=False)
    assert "interquartile mean" in shown.output
    assert ": supported" in shown.output.replace("\n", " ")
    record = json.loads(CliRunner().invoke(build_app(), ["compare", *folders, "--json"]).output)
    assert record["pairs"][0]["success"]["value"] > 0.2
