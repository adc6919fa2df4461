"""Open the database of a store: made whole or not at all, checked before use, never repaired."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError as UrlError
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from agentgym.errors import AgentGymError, ArgumentError, StoreError
from agentgym.leaderboard.models import SCHEMA, Base, BoardRow
from agentgym.version import __version__

__all__ = ["connect", "reported"]

_BUSY_S = 30.0


def connect(address: str) -> Engine:
    """Open a store, making it where there is none.

    Args:
        address: Path of an SQLite file, or a database URL such as "postgresql+psycopg://host/name".

    Raises:
        StoreError: What is there is no store, is damaged, or has another schema.
        ArgumentError: The URL is none that SQLAlchemy knows.
    """
    path = _sqlite_path(address)
    if path is None:
        engine = _foreign(address)
        with reported(address), engine.begin() as connection:
            _create(connection)
    else:
        if not path.exists():
            _create_file(path)
        engine = _sqlite(path)
    with reported(address), engine.connect() as connection:
        _check(connection, address)
    return engine


@contextmanager
def reported(address: object) -> Iterator[None]:
    """Turn what the database driver raises into a `StoreError` that names the store."""
    try:
        yield
    except AgentGymError:
        raise
    except (DBAPIError, sqlite3.Error, ValueError) as error:  # ValueError: a stored moment that is none
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"The store {address} cannot be used: {cause}. It was left as it is. "
            "Restore it from a copy, or pass another with --store."
        ) from error


def _sqlite_path(address: str) -> Path | None:
    if "://" not in address:
        return Path(address)
    try:
        url = make_url(address)
    except UrlError as error:
        raise ArgumentError(
            f"{address!r} is no database URL. Pass a file, or e.g. sqlite:///board.sqlite."
        ) from error
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise ArgumentError("A store in memory is lost at once. Pass the path of a file.")
    return Path(url.database)


def _foreign(url: str) -> Engine:
    try:
        return create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ArgumentError(
            f"There is no driver for this store: {error}. Install it, or pass a file."
        ) from error


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin)
    return engine


def _leave_transactions_to_us(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # left to itself, the driver begins none for CREATE TABLE


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _create_file(path: Path) -> None:
    """Make the store beside its place and link it there: whoever comes second finds it finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    partial.unlink(missing_ok=True)
    with reported(path):
        plain = sqlite3.connect(partial, isolation_level=None)
        plain.execute("PRAGMA journal_mode=WAL")
        plain.close()
        engine = _sqlite(partial)
        with engine.begin() as connection:
            _create(connection)
        engine.dispose()
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was first, and its store is whole
    except OSError:  # a file system without hard links
        if not path.exists():
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _create(connection: Connection) -> None:
    Base.metadata.create_all(connection)
    if connection.execute(select(BoardRow.id)).first() is None:
        connection.execute(insert(BoardRow).values(id=1, schema=SCHEMA, package=__version__))


def _check(connection: Connection, address: str) -> None:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise StoreError(f"The store {address} is damaged: {found}. Restore it from a copy.")
    tables = inspect(connection)
    for name, table in Base.metadata.tables.items():
        columns = {c["name"] for c in tables.get_columns(name)} if tables.has_table(name) else set()
        missing = sorted(set(table.columns.keys()) - columns)
        if missing:
            raise StoreError(
                f"{address} is no leaderboard store: table {name!r} lacks {', '.join(missing)}. "
                "Pass another file with --store; this one was left as it is."
            )
    versions = list(connection.execute(select(BoardRow.schema)).scalars())
    if versions != [SCHEMA]:
        raise StoreError(
            f"The store {address} has schema {versions}; this version reads {[SCHEMA]}. "
            "Use the version of agentgym that made it, or pass another file with --store."
        )
