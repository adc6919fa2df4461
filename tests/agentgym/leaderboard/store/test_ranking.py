"""Boards: places, pages, filters, and comparisons made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from agentgym import errors
from agentgym.leaderboard import Query, Submission, board, boards
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.table import is_separated
from tests.agentgym.leaderboard.store.making import START, numbered

Make = Callable[..., Submission]


@pytest.fixture
def filled(store: Store, make: Make) -> Store:
    """Entries 1 to 4: two wanderers, the oracle, and one that failed."""
    store.add(numbered(make("wanderer:2"), 1, name="Walker"))
    store.add(numbered(make(), 2, name="walker, too"))
    store.add(numbered(make("oracle"), 3, name="the 100 % expert"))
    store.add(replace(numbered(make("oracle"), 4, name="thief_x"), status="failed", reason="turn 3"))
    return store


def _names(store: Store, **query: object) -> list[int]:
    (found,) = boards(store, query=Query(**query))  # type: ignore[arg-type]
    return [row.entry.id for row in found.rows]


def test_board__ranks_by_success_and_puts_what_failed_last(filled: Store) -> None:
    (found,) = boards(filled)
    assert [(row.place, row.entry.id) for row in found.rows] == [(1, 3), (2, 2), (3, 1), (None, 4)]
    assert found.total == 4 and found.rows[3].entry.reason == "turn 3"


def test_board__marks_steps_that_are_not_supported(filled: Store) -> None:
    (found,) = boards(filled)
    assert [row.separated for row in found.rows] == [True, True, False, False]
    gap = found.rows[2].versus_above
    assert gap is not None and not gap.success.supported and gap.starts == 24
    assert found.rows[0].versus_above is None and found.rows[3].versus_above is None


def test_board__ranks_equal_success_by_score_then_by_age(store: Store, entry: Submission) -> None:
    better = replace(entry.metrics, score=replace(entry.metrics.score, value=0.99))
    store.add(replace(numbered(entry, 1), submitted_at=START.replace(year=2027)))
    store.add(numbered(entry, 2))
    store.add(replace(numbered(entry, 3), metrics=better, submitted_at=START.replace(year=2028)))
    assert _names(store) == [3, 2, 1]


def test_board__ranks_by_what_its_suite_ranks_by(store: Store, make: Make) -> None:
    """A suite may rank by score alone."""
    ids = []
    for number, (agent, score) in enumerate((("oracle", 0.1), ("random", 0.9)), start=1):
        entry = numbered(make(agent), number)
        metrics = replace(entry.metrics, score=replace(entry.metrics.score, value=score))
        suite = replace(entry.suite, metrics=("score",))
        ids.append(store.add(replace(entry, suite=suite, metrics=metrics)))
    assert _names(store) == [ids[1], ids[0]]


def test_is_separated__goes_by_the_first_metric_that_differs(filled: Store) -> None:
    gap = filled.gaps([(3, 2)])[3, 2]
    assert gap.success.supported and is_separated(gap, ("success", "score"))
    unsure = replace(gap.success, supported=False)
    assert not is_separated(replace(gap, success=unsure), ("success", "score"))
    even = replace(unsure, value=0.0)
    assert is_separated(replace(gap, success=even), ("success", "score"))
    assert not is_separated(replace(gap, success=even), ("success",))


def test_board__keeps_places_under_another_order_and_on_every_page(filled: Store) -> None:
    (suite,) = filled.suites()
    by_age = board(filled, suite, Query(sort="submitted_at", descending=True, limit=2))
    assert [(row.place, row.entry.id) for row in by_age.rows] == [(1, 3), (2, 2)]
    rest = board(filled, suite, Query(sort="submitted_at", descending=True, offset=2))
    assert [(row.place, row.entry.id) for row in rest.rows] == [(3, 1), (None, 4)]
    assert (by_age.total, rest.total) == (4, 4)
    last = board(filled, suite, Query(offset=2, limit=1)).rows[0]
    assert last.place == 3 and last.versus_above == boards(filled)[0].rows[2].versus_above


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "WALKER"}, [2, 1]),
        ({"text": "oracle"}, [3, 4]),
        ({"text": "100 %"}, [3]),
        ({"text": "%"}, [3]),
        ({"text": "f_x"}, [4]),
        ({"text": "_"}, [4]),
        ({"text": "'; --"}, []),
        ({"status": "failed"}, [4]),
        ({"sort": "name", "descending": True, "status": "verified"}, [2, 3, 1]),
        ({"sort": "turns", "limit": 1}, [3]),
    ],
)
def test_board__sorts_and_filters(filled: Store, query: dict[str, object], found: list[int]) -> None:
    if query.get("sort") == "name":  # how capitals sort is the database's own affair
        assert sorted(_names(filled, **query)) == sorted(found)
    else:
        assert _names(filled, **query) == found


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"sort": "x"}, {"status": "x"}]
)
def test_query__refuses_what_makes_no_page(query: dict[str, object]) -> None:
    with pytest.raises(errors.ArgumentError):
        Query(**query)  # type: ignore[arg-type]


def test_board__never_mixes_suites(filled: Store, entry: Submission) -> None:
    second = replace(numbered(entry, 9), suite=replace(entry.suite, version=2))
    filled.add(second)
    found = boards(filled, "toy")
    assert [(b.suite.version, b.total) for b in found] == [(2, 1), (1, 4)]
    assert boards(filled, "other") == []


def test_set_status__takes_the_place_and_gives_it_back(filled: Store) -> None:
    filled.set_status(3, "failed", "it does not reproduce")
    assert filled.summary(3).place is None and filled.summary(2).place == 1
    filled.set_status(3, "verified", None)
    assert filled.summary(3).place == 1 and filled.summary(3).reason is None


def test_gaps__are_worked_out_once(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = filled.gaps([(3, 2), (2, 1)])

    def refuse(*_: object) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr("agentgym.leaderboard.gaps.compare", refuse)
    assert filled.gaps([(2, 1), (3, 2)]) == first
    with pytest.raises(AssertionError, match="compared again"):
        filled.gaps([(3, 1)])


def test_compare_neighbours__leaves_readers_nothing_to_work_out(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for id in filled.ids():
        filled.compare_neighbours(id)
    monkeypatch.setattr("agentgym.leaderboard.gaps.compare", None)
    assert [row.versus_above is not None for row in boards(filled)[0].rows] == [False, True, True, False]


def test_gaps__report_what_was_altered(filled: Store) -> None:
    filled.gaps([(3, 2)])
    with filled._database.altering() as connection:
        connection.execute(text("UPDATE gaps SET record_json = '{}'"))
    with pytest.raises(errors.StoreError, match="comparison was altered"):
        filled.gaps([(3, 2)])


def test_alike__finds_entries_that_acted_the_same(filled: Store, make: Make) -> None:
    known = filled.alike(make("oracle").suite.hash, make("oracle").episodes)
    same = {entry.title.split(",")[0]: len(set(entry.actions.values())) for entry in known}
    assert "entry 3" in same and "entry 4" in same
    assert filled.alike("0" * 32, make("oracle").episodes) == []


def test_alike__leaves_out_the_submitters_own(filled: Store, make: Make) -> None:
    played = make("oracle")

    def found(but_of: str | None = None) -> list[str]:
        known = filled.alike(played.suite.hash, played.episodes, but_of=but_of)
        return [entry.title for entry in known]

    before = found()
    number = filled.add(numbered(played, 5, name="a copy of one's own"), owner="eve")
    assert found() == [*before, f"entry {number}, a copy of one's own,"]
    assert found(but_of="eve") == before
