"""The oracle: it knows which product a goal was made of, finds it, chooses its options and buys it."""

from __future__ import annotations

from functools import partial
from typing import Final

from envs.webshop.goal import Goal
from envs.webshop.page import PAGE_SIZE, Option
from envs.webshop.session import Session, Shop
from envs.webshop.shopper import searches

__all__ = ["Oracle"]

_LAST: Final = 5  # at most 50 products are found


class Oracle:
    """An expert for one goal. It keeps no memory of the visit.

    Args:
        shop: The catalogue.
        goal: What is wanted.
        only_words: Whether to search for words of the instruction alone, never for the title. One goal in 300
            of the original's 1,000 products is not found so.
    """

    def __init__(self, shop: Shop, goal: Goal, *, only_words: bool = False) -> None:
        self._shop = shop
        self._goal = goal
        self._only_words = only_words
        self._words: str | None = None

    def next_action(self, session: Session) -> str:
        """Return the next action towards the purchase."""
        state = session.state
        if state.page == "index":
            return f"search[{self._search()}]"
        if state.page == "results":
            return self._towards(session)
        if state.asin != self._goal.asin:
            return "click[back to search]"
        if state.page == "sub":
            return "click[< prev]"
        return self._choose(session) or "click[buy now]"

    def _search(self) -> str:
        """Return the search that finds the product soonest; kept, because it is asked for at each turn.

        The words of the wish come first: an agent can learn to search as they do.
        """
        if self._words is None:
            goal = self._goal
            name = " ".join(_printable(goal.name).split())
            tries = [*searches(goal.instruction)]
            if not self._only_words:
                tries += [goal.query, f"{goal.query} {name}", name]
            page = partial(_page, self._shop, asin=goal.asin)
            self._words = min(filter(None, tries), key=page, default=goal.asin)
        return self._words

    def _towards(self, session: Session) -> str:
        """Turn the pages of results to the product; where it is on none, search again."""
        page = _page(self._shop, session.state.query, asin=self._goal.asin)
        if page > _LAST:
            return "click[back to search]"
        if page != session.state.number:
            return "click[next >]" if page > session.state.number else "click[< prev]"
        return f"click[{self._goal.asin.lower()}]"

    def _choose(self, session: Session) -> str | None:
        """Choose the next option that is wanted; None where all that are on offer are chosen."""
        chosen, wanted = session.state.options, self._goal.option_values
        for value in wanted:
            piece = session.clickables.get(value)
            if value in chosen.values() or not isinstance(piece, Option):
                continue
            if (
                chosen.get(piece.group) not in wanted
            ):  # two values of one group are wanted: the first one stays
                return f"click[{value}]"
        return None


def _page(shop: Shop, query: str, *, asin: str) -> int:
    """Return the number of the page of results that holds a product; beyond the last one where none does."""
    hits = shop.search(query.lower())
    return hits.index(asin) // PAGE_SIZE + 1 if asin in hits else _LAST + 1


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
