"""Frozen suites: what changed is named, and nothing changes under one version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentgym import errors
from agentgym.cli.leaderboard import app
from agentgym.evaluation import load_suite, suite_files
from agentgym.evaluation.drafting import draft
from agentgym.evaluation.expansion import Rules
from agentgym.evaluation.freezing import freeze
from agentgym.evaluation.lock import lock_path
from tests.toys import TOY_ID, CorridorEnv

TOML = f"""
name = "toy"
version = 1
description = "A corridor."

[[settings]]
env = "{TOY_ID}"
tasks = 4
seeds = [4, 5]
max_steps = 12
max_tokens = 99

[[settings]]
env = "{TOY_ID}"
split = "train"
tasks = 2
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "suites").mkdir()
    path = tmp_path / "suites" / "toy.toml"
    path.write_text(TOML)
    return path


def test_freeze__writes_starts_floor_and_ceiling(path: Path) -> None:
    seen: list[str] = []
    lock = freeze(str(path), watch=lambda row, t: seen.append(row))
    assert [len(setting) for setting in lock.starts] == [8, 2]
    assert seen.count("floor") == seen.count("ceiling") == 10
    for measured in lock.measured:
        assert 0 <= measured.floor["success"] < measured.ceiling["success"] == 1.0
    suite = load_suite(str(path))
    assert suite.lock == lock
    expanded = suite.frozen()
    assert expanded.hash == lock.hash == suite.expand().hash
    assert expanded.rules[0] == Rules(99, lock.measured[0].floor, lock.measured[0].ceiling)
    assert expanded.episodes[0].env_kwargs == {"max_steps": 12} and expanded.rules[1].max_tokens is None


def test_frozen__asks_no_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = freeze(str(path), measure=False)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an environment was made")

    monkeypatch.setattr("agentgym.evaluation.suite.make_env", refuse)
    assert load_suite(str(path)).frozen().hash == lock.hash


def test_freeze__gives_the_same_lock_again(path: Path) -> None:
    freeze(str(path))
    before = lock_path(path).read_bytes()
    freeze(str(path))
    assert lock_path(path).read_bytes() == before


def test_expand__names_the_start_that_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(str(path), measure=False)
    look = CorridorEnv._look

    def darker(env: CorridorEnv) -> str:
        return "It is dark." if env.task_id == "test/2-west" else look(env)

    monkeypatch.setattr(CorridorEnv, "_look", darker)
    told = "no longer is what was frozen: setting 0: task 'test/2-west' with seed 4 starts otherwise"
    with pytest.raises(errors.DataError, match=told):
        load_suite(str(path)).expand()


def test_expand__names_the_task_that_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(str(path), measure=False)
    tasks = CorridorEnv.tasks

    def backwards(env: CorridorEnv, split: str) -> Sequence[str]:
        return tuple(reversed(tasks(env, split)))

    monkeypatch.setattr(CorridorEnv, "tasks", backwards)
    with pytest.raises(errors.DataError, match=r"task 'test/1-west' with seed 4 is now 'test/7-east'"):
        load_suite(str(path)).expand()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("max_steps = 12", "max_steps = 13", "settings are not those of the lock"),
        ("max_tokens = 99", "max_tokens = 100", "settings are not those of the lock"),
        ("version = 1", "version = 2", "settings are not those of the lock"),
    ],
)
def test_frozen__refuses_a_file_that_was_edited(path: Path, old: str, new: str, told: str) -> None:
    freeze(str(path), measure=False)
    path.write_text(TOML.replace(old, new))
    with pytest.raises(errors.DataError, match=told):
        load_suite(str(path)).frozen()


def test_frozen__refuses_a_lock_that_was_edited(path: Path) -> None:
    freeze(str(path))
    lock = lock_path(path)
    record = json.loads(lock.read_text())
    record["measured"][0]["floor"]["score"] = 0.0
    lock.write_text(json.dumps(record))
    with pytest.raises(errors.DataError, match="no longer is what was frozen"):
        load_suite(str(path)).frozen()
    lock.write_text("{}")
    with pytest.raises(errors.DataError, match="no lock of a suite"):
        load_suite(str(path))


def test_freeze__changes_nothing_under_one_version(path: Path) -> None:
    before = freeze(str(path), measure=False)
    path.write_text(TOML.replace("tasks = 4", "tasks = 5"))
    with pytest.raises(errors.ArgumentError, match="raise its version to 2 first"):
        freeze(str(path), measure=False)
    path.write_text(TOML.replace("tasks = 4", "tasks = 5").replace("version = 1", "version = 2"))
    assert freeze(str(path), measure=False).hash != before.hash


def test_draft__writes_a_suite_that_expands(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    draft(path, [TOY_ID, "SokobanSmall-v0"], tasks=3, repeats=2)
    suite = load_suite(str(path))
    assert [setting.max_steps for setting in suite.settings] == [40, 30]
    assert len(suite.expand().episodes) == 12
    with pytest.raises(errors.ArgumentError, match="not exist yet"):
        draft(path, [TOY_ID])
    with pytest.raises(errors.DataError, match="name"):
        draft(tmp_path / "Not a name.toml", [TOY_ID], tasks=1)
    assert not (tmp_path / "Not a name.toml").exists()


def test_commands__freeze_check_hash_and_list(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(path.parents[1]))
    run = CliRunner().invoke
    assert "not frozen" in run(app, ["suite", "check"]).stdout
    frozen = run(app, ["suite", "freeze", "toy"])
    assert frozen.exit_code == 0 and "ceiling success 1.000" in frozen.stdout
    hash = run(app, ["suite", "hash", "toy"]).stdout.strip()
    assert hash in frozen.stdout
    assert json.loads(run(app, ["suite", "list", "--json"]).stdout)[0]["hash"] == hash
    assert "10 episodes, as frozen" in run(app, ["suite", "check", "toy"]).stdout
    monkeypatch.setattr(CorridorEnv, "_look", lambda self: "It is dark.")
    changed = run(app, ["suite", "check"])
    assert changed.exit_code == 1 and "starts otherwise" in changed.stdout


def test_commands__write_a_new_suite(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    made = CliRunner().invoke(app, ["suite", "new", str(path), "--env", TOY_ID, "--tasks", "2"])
    assert made.exit_code == 0, made.output
    assert len(load_suite(str(path)).expand().episodes) == 2


@pytest.mark.parametrize("name", sorted(suite_files()))
def test_shipped_suites__name_their_limits_and_hold_to_their_locks(name: str) -> None:
    suite = load_suite(name)
    assert all(setting.max_steps and setting.max_tokens for setting in suite.settings)
    if suite.lock is None:
        assert name == "alfworld-valid-unseen", "its games are the only ones that did not lie at hand"
        return
    assert suite.frozen().hash == suite.lock.hash
    assert all(measured.floor and measured.ceiling for measured in suite.lock.measured)
