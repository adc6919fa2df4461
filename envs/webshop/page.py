"""Pages as data: a kind and a sequence of pieces, of which text, rich text, HTML and a site are made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, TypeAlias

from envs.webshop.product import Product, price_tag

__all__ = [
    "PAGE_SIZE",
    "SUB_PAGES",
    "Button",
    "Option",
    "Page",
    "PageKind",
    "Piece",
    "ProductLink",
    "Role",
    "Text",
    "clickables",
    "done_page",
    "index_page",
    "item_page",
    "results_page",
    "sub_page",
]

PAGE_SIZE: Final = 10
SUB_PAGES: Final = ("description", "features", "reviews", "attributes")
PageKind: TypeAlias = Literal["index", "results", "item", "sub", "done"]
Role: TypeAlias = Literal[
    "heading", "label", "instruction", "status", "title", "price", "rating", "group", "detail", "value"
]


@dataclass(frozen=True, slots=True)
class Text:
    """Words that cannot be clicked. `role` says what they are, for pages that are looked at."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the shop itself, e.g. "Back to Search"."""

    text: str


@dataclass(frozen=True, slots=True)
class ProductLink:
    """The link to a product on a page of results; its text is the asin."""

    text: str
    visited: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A value of an option group.

    Attributes:
        text: The value.
        group: The group's name.
        chosen: Whether it is the value chosen in its group.
    """

    text: str
    group: str
    chosen: bool


Piece: TypeAlias = Text | Button | ProductLink | Option


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its kind and its pieces, in reading order."""

    kind: PageKind
    pieces: tuple[Piece, ...]


_BACK: Final = Button("Back to Search")
_PREVIOUS: Final = Button("< Prev")
_NEXT: Final = Button("Next >")
_DETAILS: Final = tuple(Button(name.capitalize()) for name in SUB_PAGES)
_UNTOLD: Final = ("attrs", "category", "query", "product category")
_TARGET: Final = (
    "asin",
    "options",
    "attrs",
    "price upper",
    "instuction text",
    "category",
    "product category",
    "query",
)


def clickables(page: Page) -> dict[str, Piece]:
    """Return what can be clicked, by the lower-cased text that names it in an action.

    Buttons come first, then products, then options. Of several options with one text, the last one counts;
    a button that has an option's text counts before it.
    """
    buttons, links, options = (
        {piece.text.lower(): piece for piece in page.pieces if isinstance(piece, kind)}
        for kind in (Button, ProductLink, Option)
    )
    return {**buttons, **links, **options, **buttons}


def index_page(instruction: str) -> Page:
    """Make the first page: the instruction and the search form."""
    return _page(
        "index",
        Text("WebShop", "heading"),
        Text("Instruction: ", "label"),
        Text(instruction, "instruction"),
        Button("Search"),
    )


def results_page(
    instruction: str,
    hits: Sequence[Product],
    *,
    number: int,
    total: int,
    visited: Sequence[str],
    has_next: bool,
) -> Page:
    """Make a page of results.

    Args:
        instruction: What is wanted.
        hits: The products of this page.
        number: Number of this page, from 1.
        total: Number of results on all pages.
        visited: The asins that were looked at.
        has_next: Whether "Next >" is shown.
    """
    turns = (*((_PREVIOUS,) if number > 1 else ()), *((_NEXT,) if has_next else ()))
    found: list[Piece] = []
    for product in hits:
        found += (
            ProductLink(product.asin, product.asin in visited),
            Text(product.name, "title"),
            Text(price_tag(product), "price"),
        )
    status = Text(f"Page {number} (Total results: {total})", "status")
    return _page("results", *_top(instruction), status, *turns, *found)


def item_page(
    instruction: str, product: Product, chosen: Mapping[str, str], *, show_attributes: bool = True
) -> Page:
    """Make the page of a product."""
    details = _DETAILS if show_attributes else _DETAILS[:-1]
    return _page(
        "item",
        *_top(instruction),
        _PREVIOUS,
        *_options(product, chosen),
        Text(product.name, "title"),
        Text(f"Price: {price_tag(product)}", "price"),
        Text("Rating: N.A.", "rating"),
        *details,
        Button("Buy Now"),
    )


def sub_page(instruction: str, product: Product, name: str) -> Page:
    """Make a page of details.

    Args:
        instruction: What is wanted.
        product: The product.
        name: One of `SUB_PAGES`.
    """
    details: tuple[Piece, ...] = ()
    if name == "description":
        details = (Text(product.description, "detail"),)
    elif name == "features":
        details = tuple(Text(f" {bullet}", "detail") for bullet in product.bullets)
    elif name == "attributes":
        facts = (product.category, product.query, product.product_category)
        details = (
            *(Text(f" {attribute}", "detail") for attribute in product.attributes),
            *(Text(fact, "value") for fact in facts),
        )
    return _page("sub", *_top(instruction), _PREVIOUS, *details)


def done_page(asin: str, options: Mapping[str, str], reward: float) -> Page:
    """Make the last page. It tells what was bought and the reward, and nothing of the goal."""
    bought = {"asin": asin, "options": _as_json(options), **dict.fromkeys(_UNTOLD, "None")}
    purchase = ((Text(name, "label"), Text(value, "value")) for name, value in bought.items())
    return _page(
        "done",
        Text("Thank you for shopping with us!", "heading"),
        Text("Your code: ", "label"),
        Text("None", "value"),
        Text(" (Paste it in your MTurk interface.)", "detail"),
        Text("Purchased", "heading"),
        *chain.from_iterable(purchase),
        Text("Target", "heading"),
        *(Text(name, "label") for name in _TARGET),
        Text("Goal ", "label"),
        Text("None", "value"),
        Text("Reward", "heading"),
        Text("Your score (min 0.0, max 1.0)", "label"),
        Text(str(reward), "value"),
        Text("Reward Details ", "label"),
        Text("None", "value"),
    )


def _page(kind: PageKind, *pieces: Piece) -> Page:
    return Page(kind, tuple(piece for piece in pieces if _shows(piece.text)))


def _shows(text: str) -> bool:
    """Tell whether the original keeps a text: it drops empty ones, and white space with a line break."""
    return bool(text) and not ("\n" in text and text.isspace())


def _top(instruction: str) -> tuple[Piece, ...]:
    return Text("Instruction:", "label"), Text(instruction, "instruction"), _BACK


def _options(product: Product, chosen: Mapping[str, str]) -> Iterator[Piece]:
    for group, values in product.options.items():
        yield Text(group, "group")
        for value in values:
            yield Option(value, group, chosen.get(group) == value)


def _as_json(options: Mapping[str, str]) -> str:
    r"""Write options as the original's templates do: sorted, with \u0027 and the like for what HTML knows."""
    text = json.dumps(options, sort_keys=True)
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
