"""The store: what goes in comes out, damage is reported, two submitters queue up."""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import Submission, check_stored, open_store, submit
from agentgym.leaderboard.packing import pack, unpack
from agentgym.rollout import load_run
from tests.agentgym.tampering import WANDERER


def _address(folder: Path) -> str:
    return str(folder / "board.sqlite")


def _filled(folder: Path, run: Path, suite: ExpandedSuite) -> str:
    submit(run, open_store(_address(folder)), suite=suite)
    return _address(folder)


def _sql(address: str, statement: str, *values: object) -> None:
    with sqlite3.connect(address) as connection:
        connection.execute(statement, values)
    connection.close()


def test_store__returns_what_was_put_in(tmp_path: Path, honest_run: Path, suite: ExpandedSuite) -> None:
    store = open_store(_address(tmp_path))
    entry = submit(honest_run, store, suite=suite, name="a walk")
    (read,) = store.all(blobs=True)
    assert read == entry
    assert read.submitted_at.tzinfo is UTC
    assert unpack(read.blob or b"") == load_run(honest_run)[1]
    assert store.all(suite="toy")[0].id == 1 and store.all(suite="other") == []


def test_store__survives_reopening(tmp_path: Path, honest_run: Path, suite: ExpandedSuite) -> None:
    address = _filled(tmp_path, honest_run, suite)
    assert open_store(address).ids() == [1]
    assert open_store(f"sqlite:///{address}").ids() == [1]


def test_store__uses_a_write_ahead_log_and_leaves_no_partial_files(tmp_path: Path) -> None:
    open_store(_address(tmp_path)).close()
    with sqlite3.connect(_address(tmp_path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize(
    "content", [b"", b"not a database, but a text that is long enough" * 99, b"SQLite format 3\0"]
)
def test_store__reports_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "board.sqlite"
    path.write_bytes(content)
    with pytest.raises(errors.StoreError, match=r"board\.sqlite"):
        open_store(str(path))
    assert path.read_bytes() == content, "it is left as it was"


def test_store__reports_another_database(tmp_path: Path) -> None:
    _sql(_address(tmp_path), "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(errors.StoreError, match="no leaderboard store"):
        open_store(_address(tmp_path))


def test_store__reports_another_schema(tmp_path: Path) -> None:
    open_store(_address(tmp_path)).close()
    _sql(_address(tmp_path), "UPDATE board SET schema = 99")
    with pytest.raises(errors.StoreError, match=r"schema \[99\]"):
        open_store(_address(tmp_path))


def test_store__reports_a_missing_column(tmp_path: Path) -> None:
    open_store(_address(tmp_path)).close()
    _sql(_address(tmp_path), "ALTER TABLE submissions DROP COLUMN outcomes_json")
    with pytest.raises(errors.StoreError, match="lacks outcomes_json"):
        open_store(_address(tmp_path))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_store__reports_a_file_cut_short(
    tmp_path: Path, honest_run: Path, suite: ExpandedSuite, share: float
) -> None:
    path = Path(_filled(tmp_path, honest_run, suite))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(errors.StoreError, match=r"board\.sqlite"):
        open_store(str(path)).all(blobs=True)


def test_store__reports_pages_overwritten(tmp_path: Path, honest_run: Path, suite: ExpandedSuite) -> None:
    path = Path(_filled(tmp_path, honest_run, suite))
    whole = bytearray(path.read_bytes())
    whole[4096:12288] = b"\xa5" * 8192
    path.write_bytes(whole)
    with pytest.raises(errors.StoreError):
        open_store(str(path))


def test_store__reports_a_folder_and_an_unknown_database(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError):
        open_store(str(tmp_path))
    for url in ("nonsense://x/y", "sqlite://", "://"):
        with pytest.raises(errors.ArgumentError):
            open_store(url)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("metrics_json", "{}"),
        ("metrics_json", "no json"),
        ("outcomes_json", "[1]"),
        ("suite_json", '{"name": "toy"}'),
        ("suite_hash", "0" * 32),
        ("status", "excellent"),
        ("submitted_at", "yesterday"),
    ],
)
def test_store__reports_a_row_that_was_altered(
    tmp_path: Path, honest_run: Path, suite: ExpandedSuite, column: str, value: str
) -> None:
    address = _filled(tmp_path, honest_run, suite)
    _sql(address, f"UPDATE submissions SET {column} = ?", value)
    with pytest.raises(errors.StoreError):
        open_store(address).all()


def test_check_stored__finds_altered_trajectories(
    tmp_path: Path, honest_run: Path, suite: ExpandedSuite
) -> None:
    address = _filled(tmp_path, honest_run, suite)
    _sql(address, "UPDATE submissions SET trajectories_gz = ?", pack(load_run(honest_run)[1][:-1]))
    store = open_store(address)
    verdict = check_stored(store, 1)
    assert not verdict.ok and "do not match their digest" in str(verdict)
    assert store.all()[0].status == "failed"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("metrics_json = replace(metrics_json, '\"value\": ', '\"value\": 1')", "the store credits success"),
        ("outcomes_json = replace(outcomes_json, 'false', 'true')", "outcomes of episodes"),
        ("content_digest = 'x'", "digest of the content"),
        ("agent = 'hf:better'", "names the agent 'hf:better'"),
    ],
)
def test_check_stored__finds_credit_that_was_not_earned(
    tmp_path: Path, honest_run: Path, suite: ExpandedSuite, statement: str, told: str
) -> None:
    address = _filled(tmp_path, honest_run, suite)
    assert check_stored(open_store(address), 1).ok
    _sql(address, f"UPDATE submissions SET {statement}")
    assert told in str(check_stored(open_store(address), 1))


def test_unpack__reports_damage() -> None:
    for blob in (b"", b"\x1f\x8b", b"text", pack([])[:-4]):
        if blob != b"":
            with pytest.raises(errors.StoreError, match="damaged"):
                unpack(blob)


def test_store__says_what_to_install_without_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(errors.MissingExtraError, match=r"\[board\]"):
        open_store(_address(tmp_path))


def _submit_in_process(address: str, run: str, suite: ExpandedSuite, barrier: object, told: object) -> None:
    import tests.toys  # noqa: F401  registers the suite's environment in a fresh process

    barrier.wait()  # type: ignore[attr-defined]
    try:
        entry: Submission = submit(Path(run), open_store(address), suite=suite)
        told.put(entry.id)  # type: ignore[attr-defined]
    except errors.AgentGymError as error:
        told.put(str(error))  # type: ignore[attr-defined]


@pytest.mark.parametrize("same_run", [False, True])
def test_store__takes_two_submitters_at_once(
    tmp_path: Path, make_run: Callable[..., Path], suite: ExpandedSuite, same_run: bool
) -> None:
    runs = [make_run(), make_run(WANDERER if same_run else "wanderer:2")]
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(2), context.Queue()
    workers = [
        context.Process(target=_submit_in_process, args=(_address(tmp_path), str(run), suite, barrier, told))
        for run in runs
    ]
    for worker in workers:
        worker.start()
    answers = [told.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    numbers = sorted(a for a in answers if isinstance(a, int))
    assert numbers == ([1] if same_run else [1, 2]), answers
    assert all("already submitted" in a for a in answers if isinstance(a, str))
    assert open_store(_address(tmp_path)).ids() == numbers
