"""Open a store: make its tables, bring older ones up to date, refuse what is no store."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from agentgym.errors import AgentGymError, StoreError
from agentgym.leaderboard.engine import (
    Database,
    foreign_engine,
    reported,
    shown,
    sqlite_engine,
    sqlite_path,
)
from agentgym.leaderboard.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "RELEASED", "VERSION_TABLE", "connect"]

HEAD = "0002"
"""The schema that this version reads and writes; the last of `migrations/versions`."""
RELEASED = "0001"
"""The schema of stores that name none: that of the first release, before there were migrations."""
VERSION_TABLE = "leaderboard_version"
"""Where the schema is written down: not Alembic's usual name, which another program may use here, too."""

_MIGRATING = threading.Lock()  # Alembic keeps what it works on in its modules
_ONE_AT_A_TIME = 4_711_202  # any number: it names our lock among PostgreSQL's advisory locks


def connect(address: str) -> Database:
    """Open a store, making it where there is none.

    Args:
        address: Path of an SQLite file, or a database URL such as "postgresql://host/name".

    Raises:
        StoreError: What is there is no store, is damaged, or has a newer schema.
        ArgumentError: The URL is none that SQLAlchemy knows.
    """
    path = sqlite_path(address)
    if path is None:
        database = Database(foreign_engine(address), address)
    else:
        if not path.exists():
            _create_file(path)
        database = Database(sqlite_engine(path), address)
    try:
        with database.reading() as session:
            found = _schema(session.connection())
        if found != HEAD:
            _settle(database, empty=path is None)
        with database.reading() as session:
            _check(session.connection(), address)
    except AgentGymError:
        database.close()
        raise
    return database


def _create_file(path: Path) -> None:
    """Make the store beside its place and link it there: whoever comes second finds it finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    partial.unlink(missing_ok=True)
    with reported(str(path)):
        plain = sqlite3.connect(partial, isolation_level=None)
        plain.execute("PRAGMA journal_mode=WAL")
        plain.close()
    database = Database(sqlite_engine(partial), str(path))
    _settle(database, empty=True)
    database.close()
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was first, and its store is whole
    except OSError:  # a file system without hard links
        if not path.exists():
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _settle(database: Database, *, empty: bool) -> None:
    """Make or migrate the tables in one transaction, one process at a time.

    Args:
        database: Where.
        empty: Whether a database without our tables may be filled with them.
    """
    with database.altering() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        found = _schema(connection)  # another process may have been at work while this one waited
        if found is None and empty:
            Base.metadata.create_all(connection)
            _stamp(connection, HEAD)
        elif found == RELEASED:
            _migrate(connection)
        _check(connection, database.address)


def _schema(connection: Connection) -> str | None:
    """Return the schema of a database; None where it is no store."""
    tables = inspect(connection)
    if tables.has_table(VERSION_TABLE):
        return str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar())
    if tables.has_table("board") and tables.has_table("submissions"):
        versions = connection.execute(text("SELECT schema FROM board")).scalars().all()
        return RELEASED if versions == [1] else str(versions)
    return None


def _stamp(connection: Connection, schema: str) -> None:
    """Write down which schema a database has."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config(connection))
    MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).stamp(script, schema)


def _migrate(connection: Connection) -> None:
    """Bring the tables up to date within the transaction of a connection."""
    import alembic.command

    _stamp(connection, RELEASED)
    with _MIGRATING:
        alembic.command.upgrade(_config(connection), HEAD)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "agentgym.leaderboard:migrations")
    config.attributes["connection"] = connection
    return config


def _check(connection: Connection, address: str) -> None:
    found = _schema(connection)
    if found is None:
        raise StoreError(
            f"{shown(address)} is no leaderboard store: it is another database. "
            "Pass another with --store; this one was left as it is."
        )
    if found != HEAD:
        raise StoreError(
            f"The store {shown(address)} has schema {found}; this version reads {HEAD}. A newer schema "
            "cannot be turned back: use the version of agentgym that made it, or `agentgym leaderboard dump` "
            "there and `load` here."
        )
    tables = inspect(connection)
    for name, table in Base.metadata.tables.items():
        columns = {c["name"] for c in tables.get_columns(name)} if tables.has_table(name) else set()
        missing = sorted({column.name for column in table.columns} - columns)
        if missing:
            raise StoreError(
                f"{shown(address)} is no leaderboard store: table {name!r} lacks {', '.join(missing)}. "
                "Pass another with --store; this one was left as it is."
            )
