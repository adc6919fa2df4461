"""Every page, as a server answers it: whole, linked, and with strangers' text inert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from agentgym.leaderboard.pages.views import slug
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.pages.conftest import SCRIPT
from tests.agentgym.leaderboard.pages.reading import Reading, read


@pytest.fixture(scope="session")
def addresses(board: Store) -> Mapping[str, str]:
    suite = f"/board/suites/{slug(board.suites()[0])}"
    return {
        "home": "/board/",
        "board": suite,
        "breakdown": f"{suite}/types",
        "charts": f"{suite}/charts",
        "entry": "/board/entries/4",
        "failed entry": "/board/entries/5",
        "episode": "/board/entries/4/episodes/1",
        "coloured": "/board/entries/3/episodes/1?colour=gigpo&admissible=shown",
        "comparison": "/board/compare/2/4",
        "environments": "/board/environments",
        "environment": "/board/environments/ToyCorridor-v0",
    }


def _page(site: TestClient, address: str, status: int = 200) -> Reading:
    answer = site.get(address)
    assert answer.status_code == status, answer.text[:500]
    return read(answer.text)


def test_pages__are_whole_and_obey_a_strict_policy(site: TestClient, addresses: Mapping[str, str]) -> None:
    faults = {name: _page(site, address).faults for name, address in addresses.items()}
    assert {name: found for name, found in faults.items() if found} == {}


def test_pages__link_to_pages_that_exist(site: TestClient, addresses: Mapping[str, str]) -> None:
    """Follow every kind of link once; pages of single episodes and environments are alike."""
    waiting, seen = [addresses["home"]], set()
    while waiting:
        address = waiting.pop().partition("#")[0]
        kind = re.sub(r"\d+|(?<=environments/)[\w-]+", "N", address)
        if kind in seen or address == "/board/upload":
            continue
        seen.add(kind)
        answer = site.get(address)
        assert answer.status_code in (200, 400), address
        if answer.headers["content-type"].startswith("text/html"):
            waiting += [urljoin(str(answer.url.path), link) for link in read(answer.text).links]
    assert {"/board/entries/N", "/board/entries/N/episodes/N", "/board/compare/N/N"} <= seen
    assert "/board/entries/N/episodes/N.jsonl" in seen and len(seen) > 25


def test_pages__show_hostile_text_and_run_none_of_it(site: TestClient, addresses: Mapping[str, str]) -> None:
    for name in ("board", "entry", "failed entry", "episode", "charts"):
        page = site.get(addresses[name]).text
        assert SCRIPT not in page and "<img" not in page and "<b>bold" not in page
        assert "\u202e" not in page and "\x1b" not in page and "\x00" not in page
    shown = _page(site, addresses["episode"]).text
    assert SCRIPT in shown and "{{ 7*7 }}" in shown and "U+202E" in shown and "U+001B" in shown
    entry = _page(site, addresses["entry"])
    assert "[click](javascript:alert(1))" in entry.text and SCRIPT in entry.text


def test_board__ranks_marks_and_draws(site: TestClient, board: Store, addresses: Mapping[str, str]) -> None:
    page = _page(site, addresses["board"])
    rows = board.page(board.suites()[0].hash).rows
    for row in rows:
        assert f"{row.success.value:.3f}" in page.text
    assert "≈ not supported" in page.text and "supported" in page.text and "✗ failed" in page.text
    assert site.get(addresses["board"]).text.count('<svg class="bar"') == len(rows)
    assert "random, success" in page.text and "oracle, success" in page.text


def test_board__sorts_and_filters_by_its_address(site: TestClient, addresses: Mapping[str, str]) -> None:
    def ids(query: str) -> list[int]:
        found = re.findall(r'<th scope="row" class="name"><a href="\.\./entries/(\d+)"', _text(query))
        return [int(id) for id in found]

    def _text(query: str) -> str:
        return site.get(f"{addresses['board']}?{query}").text

    assert ids("")[0] == 2 and ids("")[-1] == 5
    assert ids("sort=success&order=down")[0] == 2 and ids("sort=success")[0] != 2
    assert ids("q=WANDER") == [3, 5] and ids("status=failed") == [5]
    assert ids("from=2") == ids("")[2:]
    assert 'aria-sort="descending"' in _text("sort=success&order=down")
    assert "No entry fits" in _text("q=nobody")


@pytest.mark.parametrize("query", ["sort=size", "status=odd"])
def test_board__says_what_is_wrong_with_an_address(
    site: TestClient, addresses: Mapping[str, str], query: str
) -> None:
    assert "There is no such page" in _page(site, f"{addresses['board']}?{query}", 404).text


@pytest.mark.parametrize(
    "path",
    [
        "entries/99",
        "entries/99999999999999999999999",
        "entries/1/episodes/99",
        "entries/1/episodes/99999999999999999999.jsonl",
        "entries/1/episodes/0?colour=nothing",
        "suites/nothing-v1-00000000",
        "suites/%00",
        "compare/1/1",
        "compare/1/99",
        "environments/Nothing-v0",
        "static/..%2f__init__.py",
        "static/nothing.css",
    ],
)
def test_pages__of_nothing_are_not_found(site: TestClient, path: str) -> None:
    assert site.get(f"/board/{path}").status_code == 404


def test_comparison__is_reached_by_ticking_two(site: TestClient) -> None:
    answer = site.get("/board/compare?entry=2&entry=3", follow_redirects=False)
    assert answer.status_code == 303
    assert urljoin("/board/compare", answer.headers["location"]) == "/board/compare/2/3"
    assert "exactly two" in _page(site, "/board/compare?entry=2", 400).text
    assert _page(site, "/board/compare?entry=2&entry=x", 400).faults == []


def test_entry__filters_its_episodes(site: TestClient) -> None:
    assert _page(site, "/board/entries/3?q=4-east").text.count("test/4-east") == 4
    failures = _page(site, "/board/entries/2?result=failure").text
    assert "No episode fits" in failures
    assert "There is no such page" in _page(site, "/board/entries/2?result=odd", 404).text


def test_episode__cuts_long_text_and_says_where_the_rest_is(site: TestClient) -> None:
    answer = site.get("/board/entries/4/episodes/1")
    page = read(answer.text)
    assert "Show more of 60," in page.text and "more characters are in the file of this episode" in page.text
    assert len(answer.text) < 150_000
    file = site.get("/board/entries/4/episodes/1.jsonl")
    assert file.headers["content-disposition"] == "attachment" and "x" * 60_000 in file.text


def test_episode__finds_admissible_actions_and_prints_every_value(site: TestClient) -> None:
    page = _page(site, "/board/entries/3/episodes/1?colour=gigpo&admissible=shown")
    assert "3 admissible actions" in page.text and "go west" in page.text
    chips = re.findall(
        r'class="chip l[pn]?\d">([^<]+)<', site.get("/board/entries/3/episodes/1?colour=gigpo").text
    )
    assert len(chips) == page.text.count("Observation") and any(chip.startswith(("+", "−")) for chip in chips)
    lacking = _page(site, "/board/entries/3/episodes/1?colour=gae_turn").text
    assert "gae_turn gives no numbers here" in lacking


def test_episode__file_is_the_line_that_was_submitted(site: TestClient, board: Store) -> None:
    line = site.get("/board/entries/3/episodes/2.jsonl").text
    assert line == board.trajectory(3, 2).to_json() + "\n"


def test_environments__tell_siblings_apart(site: TestClient) -> None:
    page = _page(site, "/board/environments")
    assert page.faults == [] and '"game": "kuhn_poker"' in page.text and "{}" not in page.text


def test_static__is_kept_by_browsers(site: TestClient) -> None:
    answer = site.get("/board/static/style.css")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
