"""Boards with little on them: no entry, one, no floor and no ceiling, an episode without a turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from agentgym import errors
from agentgym.agents import make_agent
from agentgym.cli.leaderboard import app as commands
from agentgym.evaluation import Setting, Suite
from agentgym.leaderboard import open_store
from agentgym.leaderboard.pages import export_site
from agentgym.leaderboard.pages.router import router
from agentgym.leaderboard.pages.views import slug
from agentgym.leaderboard.store import Store
from agentgym.rollout import collect
from tests.agentgym.leaderboard.pages.reading import Reading, read
from tests.agentgym.leaderboard.store.making import submission_of
from tests.agentgym.tampering import WANDERER
from tests.toys import TOY_ID


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Suites "alone" with entry 1, and "bare" with 2 and 3: of 3, both episodes broke off."""
    store = open_store(str(tmp_path_factory.mktemp("bare") / "board.sqlite"))
    for name, agents in (("alone", (WANDERER,)), ("bare", ("wanderer:2", "wanderer:3"))):
        suite = Suite(name=name, version=1, settings=[Setting(env=TOY_ID, tasks=1, repeats=2)]).expand()
        for agent in agents:
            played = sorted(collect(suite.episodes, make_agent(agent)), key=lambda t: t.episode)
            if agent == "wanderer:3":
                played = [replace(t, steps=t.steps[:n], error="y" * 300) for n, t in enumerate(played)]
            store.add(submission_of(played, suite))
    yield store
    store.close()


def _pages(store: Store) -> TestClient:
    app = FastAPI(openapi_url=None)
    app.include_router(router(store))
    return TestClient(app)


def _read(client: TestClient, address: str) -> Reading:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:500]
    return read(answer.text)


def test_pages__need_neither_floor_nor_ceiling(bare: Store) -> None:
    client, boards = _pages(bare), [f"/suites/{slug(suite)}" for suite in bare.suites()]
    single = [f"/entries/{id}" for id in bare.ids()]
    views = [board + view for board in boards for view in ("", "/types", "/charts")]
    for address in ("/", *views, *single, "/compare/2/3", "/entries/3/episodes/0", "/entries/3/episodes/1"):
        assert _read(client, address).faults == [], address
    assert "Floor" in _read(client, boards[0]).text and "not known" in _read(client, boards[0]).text


def test_board__of_one_entry_compares_nothing(bare: Store) -> None:
    alone, two = (_read(_pages(bare), f"/suites/{slug(suite)}").text for suite in bare.suites())
    assert "1 entry" in alone and "Compare the two" not in alone
    assert "2 entries" in two and "Compare the two" in two


def test_entry__without_a_record_names_no_empty_fact(bare: Store) -> None:
    assert "<dt></dt>" not in _pages(bare).get("/entries/1").text


def test_episode__without_turns_says_so(bare: Store) -> None:
    page = _read(_pages(bare), "/entries/3/episodes/0").text
    assert "It has no turns" in page and "broke off" in page
    assert "0 at every turn" in _read(_pages(bare), "/entries/3/episodes/1").text


def test_error__does_not_say_where_the_store_is(bare: Store) -> None:
    for path in ("entries/99", "entries/99/episodes/0", "entries/99/episodes/0.jsonl", "compare/1/99"):
        answer = _pages(bare).get(f"/{path}")
        assert answer.status_code == 404 and bare.address not in answer.text


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = open_store(str(tmp_path / "empty.sqlite"))
    yield store
    store.close()


def test_home__of_an_empty_board_says_what_to_do(empty: Store, tmp_path: Path) -> None:
    page = _read(_pages(empty), "/")
    assert page.faults == [] and "No entries yet" in page.text and "agentgym leaderboard load" in page.text
    made = export_site(empty, tmp_path / "site")
    assert made.pages == 2 and "No entries yet" in (made.folder / "index.html").read_text("utf-8")


def test_command_show__of_an_empty_board_says_what_to_do(empty: Store) -> None:
    result = CliRunner().invoke(commands, ["show", "--store", empty.address])
    assert result.exit_code == 0 and "agentgym leaderboard load --trust" in " ".join(result.stdout.split())
    assert CliRunner().invoke(commands, ["show", "--store", empty.address, "--json"]).stdout == "[]\n"


def test_command_show__names_the_suites_there_are(bare: Store) -> None:
    result = CliRunner().invoke(commands, ["show", "alone-2", "--store", bare.address])
    assert isinstance(result.exception, errors.UnknownNameError)
    assert "Did you mean 'alone'" in str(result.exception)
