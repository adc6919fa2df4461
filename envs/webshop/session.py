"""The session: one visit to the shop as a state machine, without a browser, a server or a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Protocol, get_args

from agentgym.errors import DataError
from envs.webshop.goal import Goal
from envs.webshop.grammar import LONGEST, parse
from envs.webshop.nouns import Nouns
from envs.webshop.page import (
    PAGE_SIZE,
    SUB_PAGES,
    Button,
    Option,
    Page,
    PageKind,
    Piece,
    ProductLink,
    clickables,
    done_page,
    index_page,
    item_page,
    results_page,
    sub_page,
)
from envs.webshop.product import Product
from envs.webshop.reward import Reward, judge
from envs.webshop.rules import ORIGINAL, Rules

__all__ = ["Outcome", "Session", "Shop", "State"]

_GREATEST_PAGE: Final = 1_000_000


class Shop(Protocol):
    """What a session needs of a catalogue."""

    def product(self, asin: str) -> Product:
        """Return a product; a LookupError where there is none."""
        ...

    def price(self, asin: str) -> float:
        """Return what a buyer pays for a product, in dollars."""
        ...

    def search(self, query: str) -> tuple[str, ...]:
        """Return the asins of the best products for a query, best first, at most 50."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """Where a visitor stands.

    Attributes:
        page: Kind of the present page.
        query: The last search; "" before the first.
        number: Number of the page of results, from 1.
        asin: The product that is looked at; "" for none.
        detail: Which page of details is shown; "" for none.
        options: The options chosen, group to value, in the order of choosing.
        visited: The asins looked at since the index page.
        reward: What the purchase was worth; None before it.
    """

    page: PageKind = "index"
    query: str = ""
    number: int = 1
    asin: str = ""
    detail: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    visited: tuple[str, ...] = ()
    reward: float | None = None


class Outcome(NamedTuple):
    """What an action did.

    Attributes:
        reward: The reward of a purchase, else 0.
        done: Whether it was a purchase.
        valid: Whether it did anything.
        reason: Why it did nothing; "" where it did.
    """

    reward: float = 0.0
    done: bool = False
    valid: bool = True
    reason: str = ""


class Session:
    """A visit to the shop with a goal.

    Args:
        shop: The catalogue.
        goal: What is wanted.
        rules: Which faults of the original are kept.
        nouns: Extractor of a title's nouns.
        show_attributes: Whether products have a page of attributes.
    """

    def __init__(
        self,
        shop: Shop,
        goal: Goal,
        *,
        nouns: Nouns,
        rules: Rules = ORIGINAL,
        show_attributes: bool = True,
    ) -> None:
        self.shop = shop
        self.goal = goal
        self.rules = rules
        self.show_attributes = show_attributes
        self._nouns = nouns
        self._go(State())

    @property
    def state(self) -> State:
        """Where the visitor stands."""
        return self._state

    @property
    def page(self) -> Page:
        """The present page."""
        return self._page

    @property
    def clickables(self) -> Mapping[str, Piece]:
        """What can be clicked now, by its lower-cased text."""
        return self._clickables

    @property
    def has_search_bar(self) -> bool:
        """Whether the present page shows the search form."""
        return self._state.page == "index"

    def act(self, action: str) -> Outcome:
        """Carry out an action. One that is not understood or not possible changes nothing."""
        state = self._state
        if state.page == "done" and self.rules.purchase_ends:
            return Outcome(valid=False, reason="The purchase is made; the visit is over.")
        command = parse(action)
        if command is None:
            return Outcome(valid=False, reason="An action is search[words] or click[name].")
        if command.verb == "search":
            self._go(State("results", query=command.argument, visited=state.visited))
            return Outcome()
        if command.verb != "click":
            return Outcome(valid=False, reason=f"There is no action {command.verb[:40]!r}.")
        piece = self._clickables.get(command.argument)
        if piece is None or command.argument == "search":
            return Outcome(valid=False, reason=f"There is nothing named {command.argument[:40]!r} to click.")
        return self._click(piece)

    def verdict(self) -> Reward:
        """Judge the product that is looked at, as if it were bought with the options chosen so far."""
        return self._judge(self._state)

    def _judge(self, state: State) -> Reward:
        product = self.shop.product(state.asin)
        return judge(
            self.goal,
            product,
            price=self.shop.price(product.asin),
            options=state.options,
            nouns=(self._nouns(self.goal.name), self._nouns(product.name)),
            rules=self.rules,
        )

    def save(self) -> dict[str, Any]:
        """Return the state as a JSON object."""
        state = self._state
        return {
            "page": state.page,
            "query": state.query,
            "number": state.number,
            "asin": state.asin,
            "detail": state.detail,
            "options": dict(state.options),
            "visited": list(state.visited),
            "bought": state.reward is not None,
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Take up a state that `save` returned.

        Raises:
            DataError: It is no such state. The present one is left as it was.
        """
        state = _read_state(saved, self.shop)
        if state.page == "done":
            state = replace(state, reward=self._judge(state).value)
        self._go(state)

    def _click(self, piece: Piece) -> Outcome:
        state = self._state
        if isinstance(piece, ProductLink):
            visited = tuple(dict.fromkeys((*state.visited, piece.text)))
            self._go(replace(state, page="item", asin=piece.text, visited=visited))
        elif isinstance(piece, Option):
            self._go(replace(state, options={**state.options, piece.group: piece.text}))
        elif isinstance(piece, Button):
            return self._press(piece.text.lower())
        return Outcome()

    def _press(self, name: str) -> Outcome:
        state = self._state
        if name == "buy now":
            reward = self.verdict().value
            self._go(replace(state, page="done", reward=reward))
            return Outcome(reward, done=True)
        if name == "back to search":
            self._go(State())
        elif name == "next >":
            self._go(replace(state, number=min(state.number + 1, _GREATEST_PAGE)))
        elif name in SUB_PAGES:
            self._go(replace(state, page="sub", detail=name))
        elif state.page == "sub":
            self._go(replace(state, page="item", detail=""))
        else:  # "< Prev" of an item goes to its results, "< Prev" of results to the page before
            number = state.number if state.page == "item" else state.number - 1
            self._go(State("results", state.query, number, visited=state.visited))
        return Outcome()

    def _go(self, state: State) -> None:
        self._page = self._show(state)
        self._state = state
        self._clickables = clickables(self._page)

    def _show(self, state: State) -> Page:
        wish = self.goal.instruction
        if state.page == "index":
            return index_page(wish)
        if state.page == "results":
            return self._show_results(state)
        product = self.shop.product(state.asin)
        if state.page == "item":
            return item_page(wish, product, state.options, show_attributes=self.show_attributes)
        if state.page == "sub":
            return sub_page(wish, product, state.detail)
        return done_page(state.asin, state.options, state.reward or 0.0)

    def _show_results(self, state: State) -> Page:
        found = self.shop.search(state.query)
        start = (state.number - 1) * PAGE_SIZE
        return results_page(
            self.goal.instruction,
            [self.shop.product(asin) for asin in found[start : start + PAGE_SIZE]],
            number=state.number,
            total=len(found),
            visited=state.visited,
            has_next=not self.rules.last_page or start + PAGE_SIZE < len(found),
        )


def _read_state(saved: Mapping[str, Any], shop: Shop) -> State:
    """Check a saved state piece by piece; nothing in it is believed."""
    options, visited = saved["options"], saved["visited"]
    if not (isinstance(options, dict) and isinstance(visited, list) and isinstance(saved["bought"], bool)):
        raise DataError("its options, visited products or purchase are not of the right type")
    state = State(
        page=saved["page"],
        query=saved["query"],
        number=saved["number"],
        asin=saved["asin"],
        detail=saved["detail"],
        options=dict(options),
        visited=tuple(visited),
    )
    if not (isinstance(state.query, str) and type(state.number) is int):
        raise DataError("its query or page number is not of the right type")
    if len(state.query) > LONGEST or not 1 <= state.number <= _GREATEST_PAGE:
        raise DataError("its query is too long or its page number out of range")
    if state.page not in get_args(PageKind) or state.detail not in ("", *SUB_PAGES):
        raise DataError(f"there is no page {state.page!r} or {state.detail!r}")
    if (state.page == "sub") != bool(state.detail) or (state.page == "done") != saved["bought"]:
        raise DataError("its page does not agree with its detail or purchase")
    for asin in state.visited:
        shop.product(asin)
    if (state.page in ("item", "sub", "done")) != bool(state.asin):
        raise DataError("its page does not agree with its product")
    offered = shop.product(state.asin).options if state.asin else {}
    if any(value not in offered.get(group, ()) for group, value in options.items()):
        raise DataError("it has an option that its product has not")
    return state
