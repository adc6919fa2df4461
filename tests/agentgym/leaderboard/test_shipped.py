"""The reference entries that ship: current, small, described, and every one of them verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentgym.evaluation import load_suite
from agentgym.leaderboard import boards, dump, load, open_store, read_bundle, shipped_entries, verify_file
from agentgym.leaderboard.exchange import SUFFIX, read_side
from tests.reference import ENTRIES

FILES = sorted(shipped_entries().rglob(f"*{SUFFIX}"))
SAMPLE = ("smoke", "tooluse-small")


def _params() -> list[object]:
    slow = [pytest.mark.slow]
    return [
        pytest.param(path, id=f"{path.parent.name}/{path.name}", marks=[] if quick else slow)
        for path in FILES
        for quick in (path.parent.name.startswith(SAMPLE) and path.name.startswith(("random", "oracle")),)
    ]


@pytest.mark.parametrize("path", _params())
def test_shipped_entries__verify(path: Path) -> None:
    assert str(verify_file(path)).endswith("episodes reproduce")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_entries__answer_the_suites_as_they_are_now(path: Path) -> None:
    header, side = read_bundle(path).header, read_side(path)
    assert header.suite.hash == load_suite(header.suite.name).frozen().hash
    assert (side.name, side.agent, side.status) == (header.name, header.agent.spec, "verified")
    assert header.description


def test_shipped_entries__are_those_that_are_played_anew_and_fit_into_git() -> None:
    headers = [read_bundle(path).header for path in FILES]
    shipped = sorted((h.suite.name, h.agent.spec, h.name, h.description) for h in headers)
    assert shipped == sorted(map(tuple, ENTRIES))
    assert sum(path.stat().st_size for path in shipped_entries().rglob("*")) < 3_000_000


def _content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_shipped_entries__make_a_board_that_is_dumped_to_the_same_bytes(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "board.sqlite"))
    assert all(loaded.told == "added" for loaded in load(store, shipped_entries(), trust=True))
    found = boards(store)
    assert len(found) == len({entry.suite for entry in ENTRIES})
    for board in found:
        assert board.rows[0].entry.agent == "oracle" and board.rows[1].separated
    dump(store, tmp_path / "entries")
    assert _content(tmp_path / "entries") == _content(shipped_entries())
    store.close()
