"""Damage: reported with the name of the store, never guessed at, never repaired."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from agentgym import errors
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import Submission, check_stored, open_store
from agentgym.leaderboard.engine import shown
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store.making import numbered


def _sql(address: str, statement: str) -> None:
    with sqlite3.connect(address) as connection:
        connection.execute(statement)
    connection.close()


def _altered(store: Store, statement: str) -> None:
    with store._database.altering() as connection:
        connection.execute(text(statement))


@pytest.fixture
def filled(file_address: str, entry: Submission) -> Path:
    """A store with some entries, closed."""
    store = open_store(file_address)
    for number in range(4):
        store.add(numbered(entry, number))
    store.close()
    return Path(file_address)


def test_open_store__writes_ahead_and_leaves_no_partial_files(file_address: str) -> None:
    open_store(file_address).close()
    with sqlite3.connect(file_address) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert not list(Path(file_address).parent.glob("*.partial*"))


def test_open_store__takes_a_path_and_a_url(filled: Path) -> None:
    assert open_store(f"sqlite:///{filled}").ids() == open_store(str(filled)).ids() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "content", [b"", b"not a database, but a text that is long enough" * 99, b"SQLite format 3\0"]
)
def test_open_store__reports_a_file_that_is_none(file_address: str, content: bytes) -> None:
    path = Path(file_address)
    path.write_bytes(content)
    with pytest.raises(errors.StoreError, match=r"board\.sqlite"):
        open_store(file_address)
    assert path.read_bytes() == content, "it is left as it was"


def test_open_store__reports_another_database(file_address: str) -> None:
    _sql(file_address, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(errors.StoreError, match="no leaderboard store"):
        open_store(file_address)


def test_open_store__reports_a_folder_and_an_unknown_database(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError):
        open_store(str(tmp_path))
    for url in ("nonsense://x/y", "sqlite://", "://"):
        with pytest.raises(errors.ArgumentError):
            open_store(url)


def test_open_store__reports_a_server_that_does_not_answer_and_no_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    address = f"postgresql://ada:secret@/board?host={tmp_path}"
    with pytest.raises(errors.StoreError, match="cannot be used") as raised:
        open_store(address)
    assert "secret" not in str(raised.value) and "secret" not in shown(address)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_store__reports_a_file_cut_short(filled: Path, share: float) -> None:
    whole = filled.read_bytes()
    filled.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(errors.StoreError, match=r"board\.sqlite"):
        store = open_store(str(filled))
        for id in store.ids():
            store.get(id, bundle=True)


def test_store__reports_pages_overwritten(filled: Path) -> None:
    whole = bytearray(filled.read_bytes())
    whole[4096:12288] = b"\xa5" * 8192
    filled.write_bytes(whole)
    with pytest.raises(errors.StoreError):
        store = open_store(str(filled))
        for id in store.ids():
            store.get(id, bundle=True)


@pytest.mark.parametrize(
    "change",
    [
        "metrics_json = '{}'",
        "metrics_json = 'no json'",
        "normalised_json = '[1]'",
        "status = 'excellent'",
        "name = 'somebody else'",
        "agent = 'hf:better'",
        "notes_json = '{'",
        "header = trailer",
        "trailer = header",
        "file_digest = 'x'",
    ],
)
def test_store__reports_an_entry_that_was_altered(store: Store, entry: Submission, change: str) -> None:
    store.add(entry)
    _altered(store, f"UPDATE submissions SET {change}")
    with pytest.raises(errors.StoreError, match="altered or damaged"):
        store.get(1, bundle=True)


def test_store__reports_episodes_that_were_altered(store: Store, entry: Submission) -> None:
    store.add(entry)
    other = "(SELECT e.frame FROM episodes e WHERE e.number = 5 AND e.submission_id = 1)"
    _altered(store, f"UPDATE episodes SET frame = {other} WHERE number = 4")
    with pytest.raises(errors.StoreError, match="does not match its digest"):
        store.get(1, bundle=True)
    _altered(store, "UPDATE episodes SET frame = (SELECT s.header FROM submissions s) WHERE number = 4")
    with pytest.raises(errors.StoreError, match="altered or damaged"):
        store.trajectory(1, 4)
    _altered(store, "DELETE FROM episodes WHERE number = 4")
    with pytest.raises(errors.StoreError, match="altered or damaged"):
        store.get(1)


def test_store__reports_a_suite_and_outcomes_that_were_altered(store: Store, entry: Submission) -> None:
    store.add(entry)
    _altered(store, "UPDATE submissions SET outcomes = header")
    with pytest.raises(errors.StoreError, match="outcomes are not those of 24 episodes"):
        store.outcomes([1])
    _altered(store, "UPDATE suites SET record_json = replace(record_json, 'west', 'east')")
    fresh = open_store(store._database.address)
    with pytest.raises(errors.StoreError, match="does not match its hash"):
        fresh.suite(entry.suite.hash)
    fresh.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("metrics_json = replace(metrics_json, '\"value\": ', '\"value\": 1')", "the store credits success"),
        ("content_digest = 'x'", "digest of the content"),
    ],
)
def test_check_stored__finds_credit_that_was_not_earned(
    file_address: str, entry: Submission, suite: ExpandedSuite, change: str, told: str
) -> None:
    store = open_store(file_address)
    store.add(entry)
    assert check_stored(store, 1).ok
    _altered(store, f"UPDATE submissions SET {change}")
    assert told in str(check_stored(store, 1))
    assert store.summary(1).status == "failed"


@pytest.mark.parametrize("module", ["sqlalchemy", "alembic"])
def test_open_store__says_what_to_install(
    file_address: str, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(errors.MissingExtraError, match=r"\[board\]"):
        open_store(file_address)
