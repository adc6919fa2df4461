"""Text from strangers as HTML: escaped, and what cannot be seen is made visible.

`agentgym.plain.plain` is the same care for a terminal, where one line is all there is room for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

__all__ = ["inert", "inert_line", "visible"]

_UNUSUAL = re.compile(r"[^\n\x20-\x7e]")
_BREAKS = re.compile(r"\r\n?|[\n\u2028\u2029\u0085\v\f]")
_STACKED = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3,}")
_MOST_STACKED = 2


def inert(text: str) -> Markup:
    """Escape a text; control, format, surrogate and private characters become marks with their names.

    Line feeds stay: show the result where the style keeps white space. The marks are `<span class="mark">`
    elements that read e.g. "U+202E", with the character's name as title, so a bidirectional override turns
    nothing around and a terminal escape is seen for what it is. Of combining characters piled upon one
    letter, two stay.
    """
    # Most text is plain ASCII, and a page may hold a thousand turns of it.
    if text.isascii():
        return Markup(_UNUSUAL.sub(_mark_ascii, str(escape(text))))
    thinned = _STACKED.sub(lambda pile: pile[0][:_MOST_STACKED] + "\ufffd", text)
    return Markup(_UNUSUAL.sub(_mark, str(escape(thinned))))


def inert_line(text: object, limit: int = 80) -> Markup:
    """Escape a text as one line of at most `limit` characters, "…" where it was longer."""
    line = _BREAKS.sub(" ", str(text)[: limit + 1])
    return inert(line if len(line) <= limit else line[: limit - 1] + "…")


def visible(text: str) -> bool:
    """Whether anything but blanks and invisible characters is in a text."""
    return any(not c.isspace() and unicodedata.category(c)[0] != "C" for c in text)


def _mark_ascii(found: re.Match[str]) -> str:
    return "\t" if found[0] == "\t" else _mark_of(found[0])


def _mark(found: re.Match[str]) -> str:
    return _mark_of(found[0])


@lru_cache(maxsize=4096)
def _mark_of(character: str) -> str:
    if character == "\t":
        return "\t"
    category = unicodedata.category(character)
    if category[0] != "C" and category not in ("Zl", "Zp"):
        return character
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "control character" if category == "Cc" else "no character")
    return f'<span class="mark" title="{point} {escape(name)}">{point}</span>'
