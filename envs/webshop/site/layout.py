"""Where the pieces of a page go: grouped for the templates, and numbered so that their order can be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from envs.webshop.page import SUB_PAGES, Button, Option, Page, Piece, ProductLink, Text

__all__ = ["Group", "Layout", "Placed", "arrange", "tint"]

_TINTS: Final = 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece in its place.

    Attributes:
        number: Its place in reading order, from 0; agents read the pieces in this order.
        piece: The piece.
        href: Where a click on it leads; "" where it cannot be clicked.
    """

    number: int
    piece: Piece
    href: str = ""

    @property
    def kind(self) -> str:
        """What it is, for whoever reads the page by script."""
        return {Button: "button", ProductLink: "product", Option: "option", Text: "text"}[type(self.piece)]

    @property
    def marked(self) -> bool:
        """Whether it is a product that was looked at, or a chosen option."""
        piece = self.piece
        return (isinstance(piece, ProductLink) and piece.visited) or (
            isinstance(piece, Option) and piece.chosen
        )


@dataclass(slots=True)
class Group:
    """Pieces that stand together: what heads them (an option group's name, a product's link), and they."""

    head: Placed | None = None
    members: list[Placed] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """The pieces of a page by what they are for.

    Attributes:
        by_role: Texts by role, except those in groups.
        buttons: Buttons by lower-cased text.
        groups: Option groups of an item; products of a page of results.
        sections: The same texts in order, a section for each heading.
    """

    by_role: dict[str, list[Placed]] = field(default_factory=dict)
    buttons: dict[str, Placed] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    sections: list[Group] = field(default_factory=list)

    def one(self, role: str) -> Placed | None:
        """Return the first text of a role; the original leaves out empty ones."""
        return next(iter(self.by_role.get(role, ())), None)

    @property
    def details(self) -> list[Placed]:
        """The buttons of an item's pages of details."""
        return [self.buttons[name] for name in SUB_PAGES if name in self.buttons]


def arrange(page: Page, view: int) -> Layout:
    """Arrange a page.

    Args:
        page: The page.
        view: Number of the view that it shows; links say on which view they stand.
    """
    layout, in_groups = Layout(), page.kind == "results"
    for number, piece in enumerate(page.pieces):
        placed = Placed(number, piece, _href(view, piece))
        match piece:
            case Button(text=text):
                layout.buttons[text.lower()] = placed
            case ProductLink() | Text(role="group"):
                layout.groups.append(Group(placed))
            case Option():
                if not layout.groups:  # its group has no name
                    layout.groups.append(Group())
                layout.groups[-1].members.append(placed)
            case Text(role=role) if in_groups and layout.groups:
                layout.groups[-1].members.append(placed)
            case Text(role=role):
                layout.by_role.setdefault(role, []).append(placed)
                _put(layout.sections, placed, role)
    return layout


def _put(sections: list[Group], placed: Placed, role: str) -> None:
    if role == "heading" or not sections:
        sections.append(Group(placed))
    else:
        sections[-1].members.append(placed)


def _href(view: int, piece: Piece) -> str:
    return "" if isinstance(piece, Text) else f"{view}?do={quote_plus(f'click[{piece.text.lower()}]')}"


def tint(asin: str) -> int:
    """Return the number of the colour of a product's picture."""
    return hashlib.blake2b(asin.encode(), digest_size=1).digest()[0] % _TINTS
