"""The ranking and the command line: order, unsupported steps, strangers' text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym import errors
from agentgym.cli.leaderboard import app
from agentgym.evaluation import ExpandedSuite, evaluate_suite, load_suite
from agentgym.leaderboard import Submission, boards, open_store, rank, submit
from agentgym.leaderboard.store import Store
from tests.agentgym.evaluation.test_suite import TOML

Runs = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("AGENTGYM_STORE", str(tmp_path / "board.sqlite"))
    return open_store()


@pytest.fixture
def entries(store: Store, make_run: Runs, suite: ExpandedSuite) -> list[Submission]:
    """Two wanderers and the oracle, worst first."""
    runs = (make_run("wanderer:2"), make_run(), make_run("oracle"))
    return [submit(run, store, suite=suite, name=f"entry {i}") for i, run in enumerate(runs)]


def _cli(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100"})


def test_rank__orders_by_success_and_marks_what_is_not_supported(entries: list[Submission]) -> None:
    board = rank(entries)
    assert [row.submission.name for row in board.rows] == ["entry 2", "entry 1", "entry 0"]
    assert [row.place for row in board.rows] == [1, 2, 3]
    assert [row.separated for row in board.rows] == [True, True, False]
    gap = board.rows[2].versus_above
    assert gap is not None and not gap.success.supported and gap.starts == 24


def test_rank__ranks_equal_success_by_score(entries: list[Submission]) -> None:
    better = replace(entries[0].metrics, score=replace(entries[0].metrics.score, value=0.99))
    board = rank([entries[0], replace(entries[0], id=9, metrics=better)])
    assert board.rows[0].submission.id == 9


def test_rank__does_not_separate_by_a_score_that_is_not_supported(entries: list[Submission]) -> None:
    outcomes = entries[0].outcomes
    luckier = (replace(outcomes[0], score=outcomes[0].score / 2 + 0.4), *outcomes[1:])
    metrics = replace(entries[0].metrics, score=replace(entries[0].metrics.score, value=0.99))
    board = rank([entries[0], replace(entries[0], id=9, metrics=metrics, outcomes=luckier)])
    assert board.rows[0].submission.id == 9
    assert not board.rows[1].separated
    better = tuple(replace(o, score=o.score / 2 + 0.5) for o in outcomes)
    board = rank([entries[0], replace(entries[0], id=9, metrics=metrics, outcomes=better)])
    assert board.rows[1].separated


def test_rank__gives_no_place_to_what_failed_verification(entries: list[Submission]) -> None:
    board = rank([replace(entries[2], status="failed", reason="turn 3"), *entries[:2]])
    assert [row.place for row in board.rows] == [1, 2, None]


def test_rank__never_mixes_suites(entries: list[Submission]) -> None:
    other = replace(entries[1], suite=replace(entries[1].suite, version=2))
    with pytest.raises(errors.ArgumentError, match="one suite"):
        rank([entries[0], other])
    assert [len(b.rows) for b in boards([entries[0], other, entries[2]])] == [2, 1]


def test_command_show__marks_unsupported_steps_and_explains_the_mark(entries: list[Submission]) -> None:
    shown = _cli("show")
    assert shown.exit_code == 0, shown.output
    assert "3≈" in shown.stdout and "2≈" not in shown.stdout
    for word in ("toy v1", "split test", "≈: the difference", "not supported", "95 %"):
        assert word in shown.stdout
    assert "No submissions" in _cli("show", "other").stdout


def test_command_show__speaks_json(entries: list[Submission]) -> None:
    (board,) = json.loads(_cli("show", "toy", "--json").stdout)
    assert board["hash"] == entries[0].suite.hash
    assert [row["id"] for row in board["rows"]] == [r.submission.id for r in rank(entries).rows]


def test_command_show__prints_strangers_text_inert(store: Store, entries: list[Submission]) -> None:
    store.add(replace(entries[0], name="\x1b[2J[red]x", agent="\x07[/]\u202e[blink]", content_digest="other"))
    shown = _cli("show")
    assert shown.exit_code == 0, shown.output
    assert "[red]x" in shown.stdout
    assert not set("\x1b\x07\u202e") & set(shown.stdout)


def test_command_verify__passes_what_holds_and_fails_what_does_not(
    store: Store, entries: list[Submission]
) -> None:
    passed = _cli("verify")
    assert passed.exit_code == 0 and passed.stdout.count("all 24 episodes reproduce") == 3
    store.add(replace(entries[0], blob=entries[1].blob, content_digest="other", name="thief"))
    failed = _cli("verify")
    assert failed.exit_code == 1 and "submission 4: rejected" in failed.stdout
    assert _cli("verify", "1").exit_code == 0
    assert "✗ 4 is not ranked" in _cli("show").stdout
    assert isinstance(_cli("verify", "77").exception, errors.ArgumentError)


def test_command_submit__takes_a_run_of_a_named_suite(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "toy.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(tmp_path))
    evaluate_suite(load_suite("toy"), "random", out=tmp_path / "run")
    told = _cli("submit", str(tmp_path / "run"), "--name", "[b]me[/b]")
    assert told.exit_code == 0, told.output
    assert "[b]me[/b] is number 1 of toy v1" in told.stdout
    floor = _cli("submit", str(tmp_path / "run" / "ceiling"), "--suite", "toy")
    assert floor.exit_code == 0 and store.ids() == [1, 2]


def test_command_submit__refuses_with_an_error_of_ours(store: Store, tmp_path: Path) -> None:
    refused = _cli("submit", str(tmp_path))
    assert refused.exit_code != 0
    assert isinstance(refused.exception, errors.TrajectoryError)
