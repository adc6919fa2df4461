"""Cutting a text into words as Lucene's StandardTokenizer does: Unicode Standard Annex 29, and emoji.

Lucene 9 was built from the tables of Unicode 9 and of Emoji 11. The differences to later tables that touch
characters which shops use are written out below; all others are left to the library `regex`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from agentgym.errors import require

if TYPE_CHECKING:
    from re import Pattern

__all__ = ["words"]

_LONGEST: Final = 255
"""Longest word, in characters; a longer one is cut here and goes on as another."""

_ASCII: Final = re.compile(
    r"[A-Za-z0-9_]+(?:(?:(?<=[A-Za-z])[.:'](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9]))[A-Za-z0-9_]+)*"
)

# Letters since Unicode 11, and modifiers that joined words then: Lucene knows neither.
_YOUNG_LETTERS: Final = "˂-˅˒-˗˞˟˥-˫˭˯-˿՚-՜՞֊꜈-꜖꜠꜡꞉꞊꭛"
_SKIN: Final = "\U0001f3fb-\U0001f3ff"
# Pictographs of Emoji 11 that later tables gave up.
_OLD_PICTOGRAPHS: Final = "\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2763-\u2767"


def words(text: str) -> list[str]:
    """Return the words of a text, in order, as they are written there.

    A word is a run of letters, digits and underscores with the marks on them. One of `. : ' ’ ·` joins it
    between two letters, one of `. , ; ' ’ ⁄` between two digits. An ideograph is a word, and so
    are a hiragana sign, a run of katakana, a run of a south-east Asian script and an emoji. Everything else
    parts words. Time is linear in the length of the text.
    """
    pattern = _ASCII if text.isascii() else _unicode()
    found: list[str] = pattern.findall(text)
    if len(max(found, key=len, default="")) > _LONGEST:
        found = [part for word in found for part in _parts(pattern, word)]
    return found if "_" not in text else [word for word in found if word.strip("_")]


def _parts(pattern: Pattern[str], run: str) -> Iterator[str]:
    """Cut a run that is longer than a word may be, beginning anew after each cut."""
    start = 0
    while start < len(run):
        match = pattern.match(run, start, start + _LONGEST)
        if match is None:  # a sign that joined two words before the cut
            start += 1
            continue
        start = match.end()
        yield match.group()


@cache
def _unicode() -> Any:
    """Compile the pattern for any text. Loops are possessive: it never goes back over what it has read."""
    regex = require("regex", extra="webshop", who="The search of WebShop")
    mark = rf"[[\p{{WB=Format}}\p{{WB=Extend}}\p{{WB=ZWJ}}]--[{_SKIN}]]*+"
    hebrew = rf"\p{{WB=Hebrew_Letter}}{mark}"
    letter = rf"(?:{hebrew}(?:'{mark}|\"{mark}(?={hebrew}))?|[\p{{WB=ALetter}}--[{_YOUNG_LETTERS}]]{mark})"
    digit = rf"(?:[\p{{WB=Numeric}}０-９]{mark})"
    between_letters = rf"[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}:']{mark}"
    between_digits = rf"[\p{{WB=MidNum}}\p{{WB=MidNumLet}}']{mark}"
    low = rf"(?:\p{{WB=ExtendNumLet}}{mark})"
    katakana = rf"(?:\p{{WB=Katakana}}{mark})"
    core = (
        rf"(?:{katakana}++(?:{low}++{katakana}++)*+"
        rf"|(?:{digit}++(?:{between_digits}{digit}++)*+|{letter}++(?:{between_letters}{letter}++)*+)++)"
    )
    word = rf"{low}*+{core}(?:{low}++{core})*+{low}*+|{low}++"
    asian = rf"(?:\p{{LB=SA}}{mark})++|[\p{{Script=Han}}\p{{Script=Hiragana}}]{mark}"
    return regex.compile(rf"{word}|{asian}|{_emoji(mark)}", regex.VERSION1)


def _emoji(mark: str) -> str:
    """Write the pattern of an emoji: pictographs joined by U+200D, flags, and signs in key caps."""
    plain_mark = rf"[[\p{{WB=Format}}\p{{WB=Extend}}\p{{WB=ZWJ}}]--[\uFE0E\uFE0F{_SKIN}]]*+"
    picture = (
        rf"[[\p{{Emoji}}\p{{Extended_Pictographic}}{_OLD_PICTOGRAPHS}]"
        rf"--[0-9#*{_SKIN}\p{{WB=Regional_Indicator}}]]"
    )
    person = rf"(?:\u200D*+\p{{Emoji_Modifier_Base}}{plain_mark})?+[{_SKIN}]{plain_mark}"
    one = rf"(?:{person}|\u200D*+{picture}{plain_mark}\uFE0F?+)"
    joined = rf"(?:(?:(?=\u200D)|(?<=\u200D)){one})*+"
    flag = rf"(?:\p{{WB=Regional_Indicator}}{mark}){{2}}"
    key = rf"[0-9#*]{plain_mark}\uFE0F?+\u20E3{plain_mark}"
    return rf"{one}(?:[\U000e0020-\U000e007e]++\U000e007f|{joined})|{flag}|{key}"
