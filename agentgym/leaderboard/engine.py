"""The database of a store: SQLite or PostgreSQL, read and written in transactions that are whole or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError as UrlError
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from agentgym.errors import AgentGymError, ArgumentError, MissingExtraError, StoreError

__all__ = ["Database", "foreign_engine", "reported", "shown", "sqlite_engine", "sqlite_path"]

_BUSY_S = 60.0
_MOST_CONNECTIONS = 45  # of a process: more than the threads of a server
_WRITES = "agentgym_writes"


class Database:
    """Sessions on one database.

    Args:
        engine: From `sqlite_engine` or `foreign_engine`.
        address: Named in errors.
    """

    def __init__(self, engine: Engine, address: str) -> None:
        self.engine = engine
        self.address = address
        self._writer = engine.execution_options(**{_WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one moment of the database.

        Raises:
            StoreError: The database cannot be read.
        """
        with reported(self.address), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose changes are all kept at its end, or none of them if it raises.

        Raises:
            StoreError: The database cannot be written.
        """
        with (
            reported(self.address),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def altering(self) -> Iterator[Connection]:
        """Open a connection for changes of the tables themselves, likewise whole or not."""
        with reported(self.address), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


@contextmanager
def reported(address: str) -> Iterator[None]:
    """Turn what the database driver raises into a `StoreError` that names the store."""
    try:
        yield
    except AgentGymError:
        raise
    except (SQLAlchemyError, sqlite3.Error, ValueError) as error:  # ValueError: a stored moment that is none
        cause = getattr(error, "orig", None) or error
        raise StoreError(
            f"The store {shown(address)} cannot be used: {cause}. It was left as it is. "
            "Look whether the database is running and the file whole, or pass another with --store."
        ) from error


def shown(address: str) -> str:
    """Return the address without its password.

    Raises:
        ArgumentError: It is no URL that SQLAlchemy can read.
    """
    return _url(address).render_as_string(hide_password=True) if "://" in address else address


def sqlite_path(address: str) -> Path | None:
    """Return the file that an address means; None where it is another database's URL.

    Raises:
        ArgumentError: It is no URL that SQLAlchemy can read, or means a store in memory.
    """
    if "://" not in address:
        return Path(address)
    url = _url(address)
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise ArgumentError("A store in memory is lost at once. Pass the path of a file.")
    return Path(url.database)


def foreign_engine(address: str) -> Engine:
    """Reach a database server; PostgreSQL through psycopg.

    Raises:
        ArgumentError: There is no such kind of database.
        MissingExtraError: Its driver is not installed.
    """
    url = _url(address)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(url, pool_pre_ping=True, max_overflow=_MOST_CONNECTIONS - 5)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"The store {shown(address)} needs {error.name}. For PostgreSQL: pip install -e '.[postgres]'"
        ) from error
    except NoSuchModuleError as error:
        raise ArgumentError(
            f"{url.drivername!r} is no database that can hold a store. Pass a file or postgresql://host/name."
        ) from error


def sqlite_engine(path: Path) -> Engine:
    """Reach an SQLite file. It is made if it is missing; `opening.open_store` makes it with its tables."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _url(address: str) -> URL:
    try:
        return make_url(address)
    except UrlError as error:
        raise ArgumentError(
            f"{address!r} is no database URL. Pass a file, or e.g. sqlite:///board.sqlite."
        ) from error


def _on_connect(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # left to itself, the driver begins none for CREATE TABLE
    connection.execute("PRAGMA foreign_keys=ON")


def _on_begin(connection: Connection) -> None:
    """Writers queue up at once: a reader that turns into a writer could not wait for another writer."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
