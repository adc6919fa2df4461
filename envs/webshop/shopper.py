"""The shopper: a scripted agent that sees no more than the pages, and reads the wish in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from envs.webshop.page import Option, Page, ProductLink, Text

__all__ = ["next_action", "searches"]

_LIMIT: Final = re.compile(r",? and price lower than (\d+(?:\.\d+)?) dollars")
_PRICE: Final = re.compile(r"\$(\d+(?:\.\d+)?)")
_WORD: Final = re.compile(r"[^\W_]+(?:[.'-][^\W_]+)*")
_TALK: Final = """
    find me i am looking for need want to buy can you please help show a an the that is and it should be which
    has have must in of with my some are also i'd i'm like prefer make get hello pair on they would
"""
_FILLING: Final = frozenset(_TALK.split())


def next_action(page: Page) -> str:
    """Return the shopper's action on a page: search the wish, take the best title, choose options, buy."""
    wish = next((p.text for p in page.pieces if isinstance(p, Text) and p.role == "instruction"), "")
    if page.kind == "index":
        return f"search[{searches(wish)[0]}]"
    if page.kind == "results":
        asin = _best(page, wish)
        return "click[back to search]" if asin is None else f"click[{asin.lower()}]"
    if page.kind == "item":
        value = _option(page, _said(wish))
        return "click[buy now]" if value is None else f"click[{value}]"
    return "click[< prev]"


def searches(wish: str) -> tuple[str, ...]:
    """Return searches for a wish: its words that matter, and those of them that stand before "with"."""
    said = _said(wish)
    found = dict.fromkeys((_telling(said), _telling(said.split(" with ")[0])))
    return tuple(filter(None, found)) or ("all",)


def _said(wish: str) -> str:
    """Return a wish in lower case without its price limit."""
    return _LIMIT.sub("", wish).lower()


def _telling(text: str) -> str:
    return " ".join(word for word in _WORD.findall(text.lower()) if word not in _FILLING)


def _words(text: str) -> set[str]:
    return set(_telling(text).split())


def _best(page: Page, wish: str) -> str | None:
    """Return the asin whose title shares most words with the wish, among those that cost little enough."""
    limit, wanted = _LIMIT.search(wish), _words(_said(wish))
    best, most = None, -1.0
    for asin, title, price in _offers(page):
        cost = _PRICE.search(price)
        dear = limit is not None and cost is not None and float(cost[1]) > float(limit[1])
        score = len(wanted & _words(title)) - (100.0 if dear else 0.0)
        if best is None or score > most:
            best, most = asin, score
    return best


def _offers(page: Page) -> Iterable[tuple[str, str, str]]:
    """Yield asin, title and price of each product on a page of results."""
    asin, title = "", ""
    for piece in page.pieces:
        if isinstance(piece, ProductLink):
            asin, title = piece.text, ""
        elif isinstance(piece, Text) and piece.role == "title":
            title = piece.text
        elif isinstance(piece, Text) and piece.role == "price" and asin:
            yield asin, title, piece.text


def _option(page: Page, wish: str) -> str | None:
    """Return the best value of the first group in which none is chosen and one fits the wish; else None."""
    groups: dict[str, list[Option]] = {}
    for piece in page.pieces:
        if isinstance(piece, Option):
            groups.setdefault(piece.group, []).append(piece)
    for options in groups.values():
        best = max(options, key=lambda option: _fit(option.text, wish))
        if _fit(best.text, wish) > (0, 0.0) and not any(option.chosen for option in options):
            return best.text
    return None


def _fit(value: str, wish: str) -> tuple[int, float]:
    """Return how well a value fits: its length if the wish says it word for word, then its share of words."""
    words = _WORD.findall(value)
    said = f" {' '.join(_WORD.findall(wish))} "
    whole = len(value) if words and f" {' '.join(words)} " in said else 0
    return whole, len(_words(value) & _words(wish)) / max(1, len(words))
