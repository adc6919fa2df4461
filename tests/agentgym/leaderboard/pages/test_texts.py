"""Text of strangers: nothing of it is markup, and nothing of it is hidden."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from agentgym.leaderboard.pages.card import Block, read_card
from agentgym.leaderboard.pages.inert import inert, inert_line, visible
from agentgym.leaderboard.pages.numbers import fixed, money, short, signed, signed_short, thinned

_MARK = re.compile(r'<span class="mark" title="U\+[0-9A-F]{4,6} [^"<>]*">U\+[0-9A-F]{4,6}</span>')


def test_inert__marks_what_cannot_be_seen() -> None:
    shown = str(inert("a\u202eb\x1b[2J\x00\u200b\ud800"))
    for point, name in (("202E", "RIGHT-TO-LEFT OVERRIDE"), ("200B", "ZERO WIDTH SPACE")):
        assert f'title="U+{point} {name}">U+{point}</span>' in shown
    for point in ("001B", "0000", "D800"):
        assert f">U+{point}</span>" in shown


def test_inert__leaves_letters_of_every_script_and_line_feeds() -> None:
    text = "Größe\nדג 東京\tعربي"
    assert str(inert(text)) == text


def test_inert__thins_piles_of_combining_characters() -> None:
    assert len(inert("Z" + "\u0301" * 5_000 + "!")) < 10


@given(st.text(st.characters(), max_size=60))
def test_inert__holds_no_markup_but_its_own_marks(text: str) -> None:
    shown = str(inert(text))
    rest = _MARK.sub("", shown)
    assert not set("<>\"'") & set(rest)
    assert not re.search(r"&(?!(lt|gt|amp|#34|#39);)", rest)
    assert "\x1b" not in shown and "\u202e" not in shown


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_inert__changes_nothing_that_a_keyboard_types(text: str) -> None:
    assert html.unescape(str(inert(text))) == text


def test_inert_line__is_one_line_and_cut() -> None:
    assert str(inert_line("a\r\nb\u2028c\nd")) == "a b c d"
    assert str(inert_line("x" * 100, 10)) == "x" * 9 + "…"


def test_visible__tells_blank_from_text() -> None:
    assert not visible("") and not visible(" \u200b\u2800\n".replace("\u2800", "")) and visible(" a")


def test_card__knows_blocks_and_nothing_else() -> None:
    card = (
        "# Title #\nOne\ntwo\n\n- a\n  more\n- [b](javascript:x)\n1. c\n\n```py\n# no title\n```\n<b>end</b>"
    )
    assert read_card(card) == (
        Block("heading", ("Title",)),
        Block("paragraph", ("One", "two")),
        Block("list", ("a\nmore", "[b](javascript:x)", "c")),
        Block("code", ("# no title",)),
        Block("paragraph", ("<b>end</b>",)),
    )


@given(st.text(st.sampled_from("#-*+1.)` \nab"), max_size=80))
def test_card__loses_no_letter(card: str) -> None:
    kept = "".join(line for block in read_card(card) for line in block.lines)
    fences = re.findall(r"^\s*```(.*)$", card, re.MULTILINE)  # words behind a fence are its language
    letters = [c for c in card if c in "ab"]
    assert len([c for c in kept if c in "ab"]) >= len(letters) - sum(len(f) for f in fences)


def test_numbers__are_written_for_people() -> None:
    assert fixed(1234.5, 1) == "1,234.5" and fixed(-0.0001, 2) == "0.00" and fixed(-2, 0) == "−2"
    assert signed(0.25, 2) == "+0.25" and signed(0.0, 2) == "0.00" and signed(0.001, 2) == "0.00"
    assert short(0.000123456) == "0.0001235" and signed_short(-1.5) == "−1.5" and signed_short(0) == "0"
    assert money(0) == "–" and money(0.00123) == "0.00123"


def test_thinned__keeps_the_ends() -> None:
    points = [(float(k), 0.0) for k in range(1_000)]
    kept = thinned(points)
    assert len(kept) <= 61 and kept[0] == points[0] and kept[-1] == points[-1]
