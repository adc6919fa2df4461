"""The board as files: equal bytes for equal boards, verified again on the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import Submission, dump, load, open_store, shipped_entries
from agentgym.leaderboard.bundle import pack
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store.making import START, numbered


@pytest.fixture
def suite_at_hand(suite: ExpandedSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the suite of the tests be found by its name."""
    monkeypatch.setattr("agentgym.leaderboard.loading.find_suite", lambda header: suite)


@pytest.fixture
def board(store: Store, make: Callable[..., Submission], tmp_path: Path) -> Path:
    """Two entries as files; the second is the older one and has failed."""
    store.add(make("oracle"), owner="ada")
    store.add(
        replace(make("random"), status="failed", reason="turn 3", submitted_at=START.replace(year=2025))
    )
    assert dump(store, tmp_path / "board").entries == 2
    return tmp_path / "board"


def _content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_dump__writes_a_folder_a_suite_and_two_files_an_entry(board: Path, suite: ExpandedSuite) -> None:
    names = [Path(name) for name in _content(board)]
    assert {name.parts[0] for name in names} == {f"toy-v1-{suite.hash[:8]}"}
    kinds = sorted(name.name.split("-")[0].split(".")[0] + "".join(name.suffixes) for name in names)
    assert kinds == ["oracle.json", "oracle.jsonl.zst", "random.json", "random.jsonl.zst", "suite.json"]


def test_dump__writes_nothing_twice_and_touches_no_other_entry(
    board: Path, store: Store, entry: Submission
) -> None:
    assert dump(store, board).written == ()
    store.add(entry)
    written = dump(store, board).written
    assert sorted(path.name[:10] for path in written) == ["wanderer-1", "wanderer-1"]


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.usefixtures("suite_at_hand")
def test_load__gives_an_equal_board(board: Path, tmp_path: Path, trust: bool) -> None:
    other = open_store(str(tmp_path / "other.sqlite"))
    loaded = list(load(other, board, trust=trust))
    assert [(done.id, done.told) for done in loaded] == [(1, "added"), (2, "added")]
    assert [(other.summary(n).name, other.summary(n).status) for n in (1, 2)] == [
        ("random", "failed"),
        ("oracle", "verified"),
    ]
    assert other.summary(2).owner == "ada"
    dump(other, tmp_path / "again")
    assert _content(tmp_path / "again") == _content(board)


@pytest.mark.usefixtures("suite_at_hand")
def test_load__leaves_alone_what_is_there(board: Path, store: Store) -> None:
    assert [(done.id, done.told) for done in load(store, board)] == [
        (2, "already there"),
        (1, "already there"),
    ]
    assert store.ids() == [1, 2]


@pytest.mark.usefixtures("suite_at_hand")
def test_load__refuses_what_does_not_reproduce_unless_it_is_trusted(
    store: Store, entry: Submission, tmp_path: Path
) -> None:
    assert entry.bundle is not None
    played = list(entry.bundle.trajectories())
    steps = (*played[4].steps[:-1], replace(played[4].steps[-1], reward=0.5))
    played[4] = replace(played[4], steps=steps)
    store.add(entry)
    dump(store, tmp_path / "board")
    (path,) = (tmp_path / "board").rglob("*.zst")
    path.write_bytes(pack(entry.header, played))
    other = open_store(str(tmp_path / "other.sqlite"))
    (refused,) = load(other, tmp_path / "board")
    assert not refused.ok and "episode 4" in refused.told and other.ids() == []
    (taken,) = load(other, tmp_path / "board", trust=True)
    assert taken.ok and other.summary(1).status == "verified"


def test_load__refuses_files_that_do_not_belong_together(
    store: Store, entry: Submission, tmp_path: Path
) -> None:
    store.add(entry)
    dump(store, tmp_path / "board")
    (home,) = (tmp_path / "board").iterdir()
    other = open_store(str(tmp_path / "other.sqlite"))
    suite = json.loads((home / "suite.json").read_text())
    suite["version"] = 2
    (home / "suite.json").write_text(json.dumps(suite))
    (refused,) = load(other, home, trust=True)
    assert not refused.ok and "not for toy v2" in refused.told
    for content in ("{}", "no json", '{"schema": "agentgym.entry/9"}'):
        next(home.glob("wanderer*.json")).write_text(content)
        with pytest.raises(errors.DataError, match="does not describe an entry"):
            list(load(other, home))
    (home / "suite.json").unlink()
    with pytest.raises(errors.ArgumentError, match="no entries in"):
        list(load(other, tmp_path / "empty"))
    assert other.ids() == []


def test_dump__makes_harmless_names_of_strangers_names(
    store: Store, entry: Submission, tmp_path: Path
) -> None:
    for number, name in enumerate(("../../etc/passwd", "日本", "A  b", "con.jsonl.zst")):
        store.add(numbered(entry, number, name=name))
    dump(store, tmp_path / "board")
    names = sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "board").rglob("*.zst"))
    assert names == ["a-b", "con-jsonl-zst", "entry", "etc-passwd"]
    assert not (tmp_path / "etc").exists()


def test_shipped_entries__lie_beside_the_suites(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert shipped_entries().name == "entries"
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(tmp_path))
    with pytest.raises(errors.ArgumentError, match="No reference results"):
        shipped_entries()
