"""Reading a page of the shop out of the browser, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from envs.webshop.page import Button, Option, Page, Piece, ProductLink, Text

__all__ = ["READ", "Reading", "reading_of"]

READ: Final = """
const at = document.querySelector('[data-page]');
if (document.readyState === 'loading' || !at || +at.dataset.shown <= arguments[0]) return null;
const pieces = [...document.querySelectorAll('[data-n]')].map(e => [
  +e.dataset.n, e.dataset.kind, e.textContent, e.dataset.role || '', e.dataset.group || '',
  e.getAttribute('aria-current') === 'true' || e.dataset.visited === 'true']);
return {page: at.dataset.page, shown: +at.dataset.shown, address: at.dataset.address, pieces: pieces};
"""
"""JavaScript: the page as data, once it is a later one than that of a given number; else null."""


class Reading(NamedTuple):
    """What a browser shows.

    Attributes:
        page: The page.
        address: Its address as the original's observations have it.
        shown: Number of the page among all that the site has rendered.
    """

    page: Page
    address: str
    shown: int


def reading_of(found: Mapping[str, Any]) -> Reading:
    """Make a page of what `READ` returned."""
    pieces = tuple(_piece(*rest) for _, *rest in sorted(found["pieces"]))
    return Reading(Page(found["page"], pieces), found["address"], found["shown"])


def _piece(kind: str, text: str, role: Any, group: str, marked: bool) -> Piece:
    match kind:
        case "button":
            return Button(text)
        case "product":
            return ProductLink(text, marked)
        case "option":
            return Option(text, group, marked)
        case _:
            return Text(text, role)
