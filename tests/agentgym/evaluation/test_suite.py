"""Suites: data in, the same episodes and hash out, everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.evaluation import ExpandedSuite, Suite, load_suite, suite_files
from tests.toys import TOY_ID, CorridorEnv

TOML = f"""
name = "toy"
version = 1
description = "A corridor."

[[settings]]
env = "{TOY_ID}"
split = "test"
tasks = 3
seeds = [4, 5]
repeats = 2
kwargs = {{ length = 5 }}
"""


def _write(folder: Path, text: str, name: str = "toy") -> str:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _expand(folder: Path, text: str = TOML) -> ExpandedSuite:
    return load_suite(_write(folder, text)).expand()


def test_expand__lists_tasks_seeds_and_repeats_in_order(tmp_path: Path) -> None:
    suite = _expand(tmp_path)
    assert [e.number for e in suite.episodes] == list(range(12))
    assert [e.seed for e in suite.episodes] == [4, 4, 5, 5] * 3
    assert [e.group for e in suite.episodes] == [i // 2 for i in range(12)]
    assert {e.task for e in suite.episodes} == {"test/1-west", "test/1-east", "test/2-west"}
    assert suite.splits == ("test",) and suite.episodes[0].env_kwargs == {"length": 5}


def test_expand__gives_the_same_hash_in_another_process(tmp_path: Path) -> None:
    path = _write(tmp_path, TOML)
    code = (
        "import sys, tests.toys; from agentgym.evaluation import load_suite;"
        "print(load_suite(sys.argv[1]).expand().hash)"
    )
    told = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == load_suite(path).expand().hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", "version = 2"),
        ("tasks = 3", "tasks = 4"),
        ("seeds = [4, 5]", "seeds = [5, 4]"),
        ("repeats = 2", "repeats = 1"),
        ("length = 5", "length = 6"),
        ('split = "test"', 'split = "validation"'),
    ],
)
def test_hash__changes_with_what_is_measured(tmp_path: Path, old: str, new: str) -> None:
    assert _expand(tmp_path).hash != _expand(tmp_path, TOML.replace(old, new)).hash


def test_hash__changes_with_what_a_task_is_and_not_only_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _expand(tmp_path)
    monkeypatch.setattr(CorridorEnv, "_look", lambda self: "It is dark.")
    after = _expand(tmp_path)
    assert after.episodes == before.episodes and after.hash != before.hash


def test_hash__ignores_the_description_and_how_tasks_are_named(tmp_path: Path) -> None:
    plain = _expand(tmp_path).hash
    assert _expand(tmp_path, TOML.replace("A corridor.", "Wind.")).hash == plain
    listed = TOML.replace("tasks = 3", 'tasks = ["test/1-west", "test/1-east", "test/2-west"]')
    assert _expand(tmp_path, listed).hash == plain


def test_record__survives_the_way_through_json(tmp_path: Path) -> None:
    suite = _expand(tmp_path)
    again = ExpandedSuite.from_record(suite.to_record())
    assert again == suite and again.hash == suite.hash


@pytest.mark.parametrize("record", [None, {}, {"name": "x", "version": 1, "episodes": [{}]}])
def test_record__is_checked_when_it_is_read(record: object) -> None:
    with pytest.raises(errors.DataError, match="no expanded suite"):
        ExpandedSuite.from_record(record)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tasks = 3", "tasks = 0", "settings.0.tasks"),
        ("tasks = 3", 'tasks = ["a", "a"]', "nothing twice"),
        ("seeds = [4, 5]", "seeds = [4, 4]", "nothing twice"),
        ("seeds = [4, 5]", "seeds = [-1]", "settings.0.seeds"),
        ("repeats = 2", "repeat = 2", "settings.0.repeat"),
        ("repeats = 2", 'repeats = "2"', "settings.0.repeats"),
        ("length = 5", "length = nan", "settings.0.kwargs"),
        ('name = "toy"', 'name = "../toy"', "name"),
        ('name = "toy"', 'name = "other"', "one name"),
        ("[[settings]]", "[[settings", "readable TOML"),
    ],
)
def test_load__names_the_fault(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(errors.DataError, match=told):
        load_suite(_write(tmp_path, TOML.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tasks = 3", "tasks = 1000", "has 10"),
        ("tasks = 3", 'tasks = ["test/99-west"]', "no task named"),
        ("ToyCorridor-v0", "ToyCoridor-v0", "ToyCorridor-v0"),
        ('split = "test"', 'split = "tests"', "no split named"),
    ],
)
def test_expand__names_what_does_not_exist(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(errors.ArgumentError, match=told):
        _expand(tmp_path, TOML.replace(old, new))


def test_expand__refuses_a_start_listed_twice(tmp_path: Path) -> None:
    with pytest.raises(errors.ArgumentError, match="twice"):
        _expand(tmp_path, TOML + TOML[TOML.index("[[settings]]") :])


def test_load__finds_suites_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "suites").mkdir()
    _write(tmp_path / "suites", TOML)
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(tmp_path))
    assert load_suite("toy").name == "toy"
    with pytest.raises(errors.UnknownNameError, match="Did you mean 'toy'"):
        load_suite("toi")


@pytest.mark.parametrize("name", sorted(suite_files()))
def test_shipped_suites__expand(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    suite: Suite = load_suite(name)
    if any(setting.kwargs.get("games") == "official" for setting in suite.settings):
        folder = request.getfixturevalue("data_root") / "alfworld"
        monkeypatch.setenv("ALFWORLD_DATA", str(folder))
        if not (folder / "json_2.1.1" / suite.settings[0].split).is_dir():
            pytest.skip(f"{folder} holds no split {suite.settings[0].split}")
    needs = {"domain": ("retail", "airline"), "catalogue": ("files",)}
    if any(setting.kwargs.get(name) in words for setting in suite.settings for name, words in needs.items()):
        monkeypatch.setenv("AGENTGYM_DATA", str(request.getfixturevalue("data_root")))
    assert len(suite.expand().episodes) >= 20
    assert suite.description


def test_shipped_suites__are_found() -> None:
    assert {"smoke", "sokoban", "sokoban-small"} <= set(suite_files())
