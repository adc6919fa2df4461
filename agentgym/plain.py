"""Text from strangers made safe to print: no control characters, no terminal escapes, no endless lines."""

from __future__ import annotations

import unicodedata

__all__ = ["plain"]


def plain(text: object, *, limit: int = 120) -> str:
    """Return one printable line.

    Control, format (bidirectional overrides, zero-width), surrogate, private and unassigned characters become
    "�"; line breaks and tabs become spaces. Printing it through `rich.text.Text` keeps markup inert as well.

    Args:
        text: Anything; its `str` is taken.
        limit: Greatest number of characters; a longer text ends in "…".
    """
    raw = str(text)
    line = "".join(_safe(c) for c in raw[:limit])
    return line if len(raw) <= limit else line[: limit - 1] + "…"


def _safe(character: str) -> str:
    if character in "\n\r\t\u2028\u2029":
        return " "
    return "�" if unicodedata.category(character).startswith("C") else character
