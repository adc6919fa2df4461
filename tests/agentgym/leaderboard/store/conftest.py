"""Every test of the store runs on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentgym.leaderboard import open_store
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    found = postgres.binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server(found) as running:
        yield running


@pytest.fixture
def file_address(tmp_path: Path) -> str:
    return str(tmp_path / "board.sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, file_address: str) -> str:
    if request.param == "sqlite":
        return file_address
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = open_store(address)
    yield opened
    opened.close()
