"""The schema: made once, brought up to date whole or not at all, never guessed at."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from agentgym import errors
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import Submission, boards, open_store
from agentgym.leaderboard.engine import Database, foreign_engine, sqlite_engine, sqlite_path
from agentgym.leaderboard.models import Base
from agentgym.leaderboard.schema import HEAD, VERSION_TABLE, connect
from tests.agentgym.leaderboard.store.making import START
from tests.agentgym.leaderboard.store.postgres import Server
from tests.agentgym.leaderboard.store.released import columns_of, make_released_store

Make = Callable[..., Submission]


@pytest.fixture
def old_rows(make: Make, suite: ExpandedSuite) -> list[dict[str, Any]]:
    """Entries 3 and 8 of a store of release 0.1."""
    entries = {3: make("random"), 8: replace(make("oracle"), status="failed", reason="turn 1")}
    rows = []
    for id, entry in entries.items():
        assert entry.bundle is not None
        rows.append(columns_of(id, entry, list(entry.bundle.trajectories()), suite))
    return rows


def _differences(address: str) -> list[Any]:
    database = connect(address)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        found = compare_metadata(context, Base.metadata)
    database.close()
    return list(found)


def test_connect__makes_the_tables_of_the_models(address: str) -> None:
    assert _differences(address) == []


def test_connect__migrates_to_the_tables_of_the_models(address: str, old_rows: list[dict[str, Any]]) -> None:
    make_released_store(address, old_rows)
    assert _differences(address) == []


def test_connect__carries_entries_over(
    address: str, old_rows: list[dict[str, Any]], make: Make, suite: ExpandedSuite
) -> None:
    make_released_store(address, old_rows)
    store = open_store(address)
    assert store.ids() == [3, 8]
    old, new = make("random"), store.get(3, bundle=True)
    assert new.suite == suite and new.submitted_at == START
    assert (new.metrics, new.normalised, new.episodes) == (old.metrics, old.normalised, old.episodes)
    assert new.bundle is not None and old.bundle is not None
    assert list(new.bundle.trajectories()) == list(old.bundle.trajectories())
    assert store.get(8).reason == "turn 1"
    (board,) = boards(store)
    assert [row.place for row in board.rows] == [1, None]
    assert store.add(make()) == 9, "numbers go on where they were"
    store.close()


def test_connect__leaves_a_store_alone_that_cannot_be_carried_over(
    address: str, old_rows: list[dict[str, Any]]
) -> None:
    old_rows[1]["blob_digest"] = "0" * 32
    make_released_store(address, old_rows)
    for _ in range(2):
        with pytest.raises(errors.StoreError, match=r"Submission 8 cannot be carried over.*digest"):
            open_store(address)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE leaderboard_version SET version_num = '9999'", "schema 9999; this version reads"),
        ("DELETE FROM leaderboard_version", "schema None; this version reads"),
        ("ALTER TABLE episodes DROP COLUMN error", "'episodes' lacks error"),
    ],
)
def test_connect__reports_another_schema(address: str, change: str, told: str) -> None:
    database = connect(address)
    with database.altering() as connection:
        connection.execute(text(change))
    database.close()
    with pytest.raises(errors.StoreError, match=told):
        open_store(address)


def test_connect__lives_beside_the_tables_of_another_program(address: str, entry: Submission) -> None:
    database = connect(address)
    with database.altering() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    database.close()
    store = open_store(address)
    assert store.add(entry) == 1
    store.close()


def test_connect__makes_no_store_among_tables_that_are_in_its_way(postgres_server: Server) -> None:
    address = postgres_server.new_database()
    database = Database(foreign_engine(address), address)
    with database.altering() as connection:
        connection.execute(text("CREATE TABLE episodes (number INTEGER)"))
    with pytest.raises(errors.StoreError, match="lacks"):
        open_store(address)
    with database.altering() as connection:
        assert inspect(connection).get_table_names() == ["episodes"], "nothing was made"
    database.close()


def test_connect__reports_an_old_store_of_no_release(address: str) -> None:
    make_released_store(address, [], schema=99)
    with pytest.raises(errors.StoreError, match=r"schema \[99\]"):
        open_store(address)


def test_connect__makes_one_store_for_many_first_openers(address: str, entry: Submission) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: open_store(address), range(8)))
    stores[0].add(entry)
    assert [store.ids() for store in stores] == [[1]] * 8
    for store in stores:
        store.close()


def test_connect__migrates_once_for_many_first_openers(address: str, old_rows: list[dict[str, Any]]) -> None:
    make_released_store(address, old_rows)
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: open_store(address), range(8)))
    assert [store.ids() for store in stores] == [[3, 8]] * 8
    for store in stores:
        store.close()


def _migrate(address: str, at: int, told: Connection) -> None:
    """Open a store, and come to a halt where an entry is to be carried over."""
    from agentgym.leaderboard.migrations import released

    original = released.rewritten

    def observed(row: Mapping[str, Any]) -> released.Released:
        if row["id"] == at:
            told.send("here")
            time.sleep(3600)
        return original(row)

    released.rewritten = observed
    open_store(address).close()


@pytest.mark.slow
@pytest.mark.parametrize("at", [3, 8])
def test_connect__killed_in_mid_migration_leaves_the_old_store(
    address: str, old_rows: list[dict[str, Any]], at: int
) -> None:
    make_released_store(address, old_rows)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_migrate, args=(address, at, theirs))
    worker.start()
    assert ours.recv() == "here"
    worker.kill()
    worker.join()
    path = sqlite_path(address)
    database = Database(foreign_engine(address) if path is None else sqlite_engine(path), address)
    with database.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        assert sorted(tables) == ["board", "submissions"], "the old store, and nothing of the new one"
    database.close()
    store = open_store(address)
    assert store.ids() == [3, 8] and store.get(3, bundle=True).bundle is not None
    store.close()


def test_connect__finds_its_head_among_the_migrations() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "agentgym.leaderboard:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
