"""A model card: a stranger's Markdown, of which only blocks are understood.

Headings, paragraphs, lists and fenced code become blocks of text. Links, images and HTML stay the characters
that they are: nothing in a card can be followed, loaded or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["Block", "read_card"]

Kind = Literal["heading", "paragraph", "list", "code"]

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_ITEM = re.compile(r"\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+(.*)")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a card.

    Attributes:
        kind: What it is.
        lines: Its lines: the items of a list, else the lines of its text.
    """

    kind: Kind
    lines: tuple[str, ...]


def read_card(text: str) -> tuple[Block, ...]:
    """Cut a card into blocks; every character of it but the marks of the blocks is kept."""
    return tuple(_blocks(iter(text.splitlines())))


def _blocks(lines: Iterator[str]) -> Iterator[Block]:
    gathered: list[str] = []
    kind: Kind = "paragraph"
    for line in lines:
        found, said = _kind_of(line)
        if found == kind and found in ("paragraph", "list") and said:
            gathered.append(said)
            continue
        if gathered and found == "paragraph" and said and kind == "list" and line[:1].isspace():
            gathered[-1] += "\n" + said  # a line that goes on below its item
            continue
        if gathered:
            yield Block(kind, tuple(gathered))
        gathered = [said] if said and found != "code" else []
        kind = found
        if found == "code":
            yield Block("code", tuple(_until_fence(lines)))
            kind = "paragraph"
    if gathered:
        yield Block(kind, tuple(gathered))


def _kind_of(line: str) -> tuple[Kind, str]:
    if line.lstrip().startswith(_FENCE):
        return "code", ""
    for kind, pattern in (("heading", _HEADING), ("list", _ITEM)):
        found = pattern.fullmatch(line)
        if found and found[1]:
            return kind, found[1]  # type: ignore[return-value]
    return "paragraph", line.strip()


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.lstrip().startswith(_FENCE):
            return
        yield line
