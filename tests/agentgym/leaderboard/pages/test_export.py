"""The static export: plain files, relative links, nothing missing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from agentgym import errors
from agentgym.leaderboard.pages import Settings, export_site
from agentgym.leaderboard.pages.site import Site
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.pages.conftest import SCRIPT
from tests.agentgym.leaderboard.pages.reading import read


def test_export__links_only_to_files_that_it_wrote(exported: Path) -> None:
    pages = sorted(exported.rglob("*.html"))
    missing = []
    for page in pages:
        for link in read(page.read_text("utf-8")).links:
            parts = urlsplit(link)
            assert not parts.scheme and not parts.query, (page, link)
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not there.is_file():
                missing.append((str(page), link))
    assert missing == []
    assert len(pages) > 30


def test_export__pages_are_whole_and_inert(exported: Path) -> None:
    for page in exported.rglob("*.html"):
        text = page.read_text("utf-8")
        assert read(text).faults == [], page
        assert SCRIPT not in text and "<form" not in text


def test_export__has_a_page_for_each_colour(exported: Path) -> None:
    own = (exported / "entries/3/episodes/1.html").read_text("utf-8")
    other = (exported / "entries/3/episodes/1-grpo.html").read_text("utf-8")
    assert 'href="1-grpo.html"' in own and 'href="1.html"' in other and "grpo by turn" in other
    assert not (exported / "entries/3/episodes/2.html").exists()


def test_export__episodes_are_files_beside_their_pages(exported: Path, board: Store) -> None:
    line = (exported / "entries/2/episodes/0.jsonl").read_text("ascii")
    assert json.loads(line)["task_id"] == board.trajectory(2, 0).task_id


def test_export__replaces_its_own_and_nothing_else(board: Store, exported: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("dear")
    with pytest.raises(errors.ArgumentError, match="no export wrote"):
        export_site(board, tmp_path, Settings(episodes=0))
    assert (tmp_path / "mine.txt").read_text() == "dear"
    target = tmp_path / "new"
    export_site(board, target, Settings(episodes=1))
    made = export_site(board, target, Settings(episodes=0))
    assert not (target / "entries/1/episodes").exists()
    assert made.pages == len(list(target.rglob("*.html")))
    entry = (target / "entries/1.html").read_text("utf-8")
    assert not re.search(r'href="1/episodes', entry)


def test_export__that_breaks_off_leaves_the_old_site(
    board: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    export_site(board, target, Settings(episodes=0))
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    with monkeypatch.context() as patched:
        patched.setattr(Site, "entry", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export_site(board, target, Settings(episodes=0))
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    export_site(board, target, Settings(episodes=0))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_export__knows_its_colourings() -> None:
    with pytest.raises(errors.UnknownNameError, match="gigpo"):
        Settings(colours=("gigop",))
