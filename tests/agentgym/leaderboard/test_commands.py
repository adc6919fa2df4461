"""The command line of the store: submit, verify, dump and load; strangers' text stays inert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym import errors
from agentgym.cli.leaderboard import app
from agentgym.evaluation import evaluate_suite, load_suite
from agentgym.leaderboard import Submission, open_store
from agentgym.leaderboard.store import Store
from tests.agentgym.evaluation.test_suite import TOML
from tests.agentgym.leaderboard.store.making import numbered

Make = Callable[..., Submission]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("AGENTGYM_STORE", str(tmp_path / "board.sqlite"))
    return open_store()


def _cli(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100"})


def test_command_verify__passes_what_holds_and_fails_what_does_not(store: Store, make: Make) -> None:
    store.add(make("oracle"))
    assert "all 24 episodes reproduce" in _cli("verify").stdout
    store.add(replace(make("random"), metrics=make("oracle").metrics))
    failed = _cli("verify")
    assert failed.exit_code == 1 and "submission 2: rejected: the store credits" in failed.stdout
    assert (store.summary(1).place, store.summary(2).place) == (1, None)
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


def test_command_dump__and_load_carry_a_board_over(store: Store, entry: Submission, tmp_path: Path) -> None:
    store.add(numbered(entry, 1, name="[red]me"))
    told = _cli("dump", str(tmp_path / "board"))
    assert told.exit_code == 0 and "1 entries" in told.stdout and "3 files written" in told.stdout
    other = str(tmp_path / "other.sqlite")
    loaded = _cli("load", str(tmp_path / "board"), "--trust", "--store", other)
    assert loaded.exit_code == 0 and "added as number 1" in loaded.stdout
    assert open_store(other).summary(1).name == "[red]me"


def test_command_load__fails_where_an_entry_is_rejected(
    store: Store,
    entry: Submission,
    tmp_path: Path,
) -> None:
    store.add(entry)
    _cli("dump", str(tmp_path / "board"))
    refused = _cli("load", str(tmp_path / "board"), "--store", str(tmp_path / "other.sqlite"))
    assert refused.exit_code == 1 and "rejected: There is no suite 'toy' here" in refused.stdout
