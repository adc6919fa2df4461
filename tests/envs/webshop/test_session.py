"""The session: transitions, what is clickable, saved states, both sets of rules."""

from __future__ import annotations

from typing import Any

import pytest

from agentgym.errors import DataError
from envs.webshop.catalogue import LoadedCatalogue
from envs.webshop.generator import open_generated
from envs.webshop.nouns import RuleNouns
from envs.webshop.render import address, as_html, rich_text, text
from envs.webshop.rules import FIXED, ORIGINAL, Rules
from envs.webshop.session import Session
from tests.envs.webshop.shop import MUG, SHIRT, SOAP, goal_of


def _session(shop: LoadedCatalogue, asin: str = MUG, rules: Rules = ORIGINAL, **goal: Any) -> Session:
    return Session(shop, goal_of(asin, **goal), nouns=RuleNouns(), rules=rules)


def _walk(session: Session, *actions: str) -> Session:
    for action in actions:
        assert session.act(action).valid, action
    return session


def _look(session: Session) -> str:
    return rich_text(session.page, address(session.state, "7"))


def test_session__buys_what_is_wanted(small_shop: LoadedCatalogue) -> None:
    session = _session(small_shop, attributes=("dishwasher safe",), options={"color": "rose red"})
    _walk(session, "search[stoneware MUG]", f"click[{MUG}]", "click[rose red]")
    assert session.verdict().value == 1.0
    assert session.act("click[Buy Now]") == (1.0, True, True, "")
    assert (session.state.page, session.state.reward, list(session.clickables)) == ("done", 1.0, [])


def test_session__goes_back_the_way_the_original_does(small_shop: LoadedCatalogue) -> None:
    session = _walk(_session(small_shop), "search[mug]", f"click[{MUG}]", "click[blue]", "click[Features]")
    assert _walk(session, "click[< prev]").state.options == {"color": "blue"}
    assert _walk(session, "click[< prev]").state.options == {}
    assert (session.state.page, session.state.visited) == ("results", (MUG,))
    assert f"[clicked button] {MUG} [clicked button_]" in _look(session)
    assert _walk(session, "search[rug]", "click[back to search]").state.visited == ()


def test_session__ignores_what_it_does_not_understand(small_shop: LoadedCatalogue) -> None:
    session = _session(small_shop)
    for action in ("hello", "click[search]", "click[blue]", "think[x]", "Search[x]", "search[]"):
        outcome = session.act(action)
        assert (outcome.valid, bool(outcome.reason), session.state.page) == (False, True, "index")


def test_session__takes_the_last_of_two_options_with_one_name(small_shop: LoadedCatalogue) -> None:
    session = _walk(_session(small_shop), "search[shirt]", f"click[{SHIRT}]", "click[SMALL]")
    assert session.state.options == {"fit": "small"}
    assert list(session.clickables)[-3:] == ["small", "x-large", 'ümlaut "wide"']


def test_rich_text__marks_chosen_options_by_the_address(small_shop: LoadedCatalogue) -> None:
    session = _walk(_session(small_shop), "search[shirt]", f"click[{SHIRT}]", 'click[Ümlaut "wide"]')
    assert session.state.options == {"fit": 'ümlaut "wide"'}
    assert "clicked" not in _look(session)  # JSON writes it in another way
    session = _walk(_session(small_shop), "search[mug]", f"click[{MUG}]", "click[8 oz]", "click[blue]")
    assert _look(session).startswith("You have clicked 8 oz.\nYou have clicked blue.\nInstruction:\n")
    assert "  [clicked button] blue [clicked button_]\n" in _look(session)


def test_text__drops_blank_lines_and_keeps_blanks(small_shop: LoadedCatalogue) -> None:
    session = _walk(_session(small_shop), "search[mug]", f"click[{MUG}]", "click[features]")
    assert text(session.page).endswith("< Prev [SEP] dishwasher safe mug [SEP] ")
    assert _look(session).endswith("\n dishwasher safe mug \n  \n")


def test_html__escapes_hostile_texts(small_shop: LoadedCatalogue) -> None:
    session = _walk(_session(small_shop), "search[soap]", f"click[{SOAP}]")
    page = as_html(session.page)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(&#x27;soap&#x27;)&lt;/script&gt; Soap" in page


def test_done_page__tells_nothing_of_the_goal(small_shop: LoadedCatalogue) -> None:
    session = _session(small_shop, MUG, attributes=("secret attribute",), instruction="secret wish")
    _walk(session, "search[soap]", f"click[{SOAP}]", "click[buy now]")
    assert "secret" not in _look(session)
    assert MUG not in _look(session)


def test_done_page__writes_options_as_the_original_does(small_shop: LoadedCatalogue) -> None:
    session = _walk(
        _session(small_shop), "search[mug]", f"click[{MUG}]", "click[8 oz]", "click[blue]", "click[buy now]"
    )
    assert '\noptions\n{"color": "blue", "size": "8 oz"}\n' in _look(session)
    assert address(session.state, "7").endswith(f"/done/7/{MUG}/{{'size': '8 oz', 'color': 'blue'}}")


def test_fixed__next_ends_with_the_last_page() -> None:
    shop = open_generated(60)
    goal = shop.goals("synthetic")[0]
    for rules, pages in ((ORIGINAL, 9), (FIXED, 5)):
        session = _walk(Session(shop, goal, nouns=RuleNouns(), rules=rules), "search[color size]")
        while session.state.number < 9 and session.act("click[next >]").valid:
            pass
        assert session.state.number == pages


def test_fixed__nothing_follows_a_purchase(small_shop: LoadedCatalogue) -> None:
    for rules, page in ((ORIGINAL, "results"), (FIXED, "done")):
        session = _session(small_shop, rules=rules)
        _walk(session, "search[mug]", f"click[{MUG}]", "click[buy now]")
        assert session.act("search[rug]").valid is (rules is ORIGINAL)
        assert session.state.page == page


@pytest.mark.parametrize(
    "actions",
    [
        (),
        ("search[mug]",),
        ("search[mug]", "click[next >]", "click[next >]"),
        ("search[mug]", f"click[{MUG}]", "click[blue]", "click[description]"),
        ("search[mug]", f"click[{MUG}]", "click[blue]", "click[buy now]"),
    ],
)
def test_save__is_taken_up_exactly(small_shop: LoadedCatalogue, actions: tuple[str, ...]) -> None:
    session, twin = _walk(_session(small_shop), *actions), _session(small_shop)
    twin.load(session.save())
    assert (twin.state, twin.page, list(twin.clickables)) == (
        session.state,
        session.page,
        list(session.clickables),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"page": "attic"},
        {"page": "item"},
        {"page": "done"},
        {"bought": True},
        {"number": 0},
        {"number": True},
        {"number": 10**9},
        {"query": 7},
        {"query": "x" * 200_000},
        {"asin": "B0NONE"},
        {"visited": ["B0NONE"]},
        {"visited": [[]]},
        {"detail": "attic"},
        {"options": {"color": "blue"}},
        {"options": []},
    ],
)
def test_load__believes_nothing(small_shop: LoadedCatalogue, changes: dict[str, Any]) -> None:
    session = _walk(_session(small_shop), "search[mug]")
    before = session.state
    with pytest.raises((DataError, LookupError, TypeError)):
        session.load({**session.save(), **changes})
    assert session.state is before


def test_search__answers_queries_of_any_kind(small_shop: LoadedCatalogue) -> None:
    session = _session(small_shop)
    for query in ("mug " * 25_000, "<script>mug</script>", "' OR 1=1 --", "🛒 mug", "％", "mug+%2e%2e/?x"):
        assert session.act(f"search[{query}]").valid
        assert session.state.query == query.lower()
