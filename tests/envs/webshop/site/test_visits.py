"""Visits: views, going back, the end, and how many there may be."""

from __future__ import annotations

import pytest

from envs.webshop.catalogue import LoadedCatalogue
from envs.webshop.nouns import RuleNouns
from envs.webshop.session import Session
from envs.webshop.site import Visit, Visits
from tests.envs.webshop.shop import MUG, goal_of


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def visit(small_shop: LoadedCatalogue) -> Visit:
    return Visit(Session(small_shop, goal_of(MUG), nouns=RuleNouns()), "7")


def test_visit__goes_on_from_the_view_that_was_clicked(visit: Visit) -> None:
    visit.act(0, "search[mug]")
    visit.act(1, f"click[{MUG.lower()}]")
    visit.act(2, "click[blue]")
    assert (visit.view, visit.session.state.options) == (3, {"color": "blue"})
    visit.show(1)
    assert visit.session.state.page == "results"
    visit.act(2, "click[rose red]")
    assert (visit.view, visit.session.state.options) == (4, {"color": "rose red"})


def test_visit__stays_where_an_action_is_not_possible(visit: Visit) -> None:
    visit.act(0, "click[buy now]")
    assert (visit.view, visit.outcome.valid) == (0, False)
    visit.act(99, "search[mug]")
    assert (visit.view, visit.session.state.page) == (0, "index")


def test_visit__ends_with_the_purchase(visit: Visit) -> None:
    for view, action in enumerate(("search[mug]", f"click[{MUG.lower()}]", "click[buy now]")):
        visit.act(view, action)
    visit.act(2, "click[blue]")
    visit.act(3, "search[mug]")
    visit.show(0)
    assert (visit.view, visit.session.state.page) == (3, "done")


def test_visit__forgets_old_views(visit: Visit) -> None:
    for view in range(150):
        visit.act(view, "search[mug]")
    visit.show(0)
    assert visit.view == 150
    visit.show(100)
    assert visit.view == 100


def test_visits__have_names_that_nobody_guesses(visit: Visit) -> None:
    visits = Visits()
    tokens = {visits.admit(visit) for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 22 for token in tokens)  # 128 bits
    assert visits.find("") is None
    assert visits.find(next(iter(tokens))[:-1]) is None


def test_visits__are_no_more_than_fit(visit: Visit) -> None:
    visits = Visits(most=3)
    first, second, third = (visits.admit(visit) for _ in range(3))
    visits.find(first)
    fourth = visits.admit(visit)
    assert [visits.find(token) is None for token in (first, second, third, fourth)] == [0, 1, 0, 0]
    assert len(visits) == 3


def test_visits__are_forgotten_when_idle(small_shop: LoadedCatalogue) -> None:
    clock = Clock()
    visits = Visits(idle_s=10, clock=clock)
    sessions = [Session(small_shop, goal_of(MUG), nouns=RuleNouns()) for _ in range(2)]
    kept, idle = (visits.admit(Visit(session, "7")) for session in sessions)
    clock.now = 9
    assert visits.find(kept) is not None
    clock.now = 12
    assert visits.find(kept) is not None
    assert visits.find(idle) is None
    assert len(visits) == 1
