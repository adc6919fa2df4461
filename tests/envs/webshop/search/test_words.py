"""Words, stop words and stems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.webshop.search.analysis import terms
from envs.webshop.search.stemmer import stem
from envs.webshop.search.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't 3.5,7 a.b x:y 3.a a;b", ["don't", "3.5,7", "a.b", "x:y", "3", "a", "a", "b"]),
        ("_ __ a_b _c d_ 4_5", ["a_b", "_c", "d_", "4_5"]),
        ("men’s x·y 1⁄2 a⁄b 5：6", ["men’s", "x·y", "1⁄2", "a", "b", "5", "6"]),
        ("t-shirt/top (red) & 100% C++", ["t", "shirt", "top", "red", "100", "C"]),
        ("漢字ひらカタカナkana", ["漢", "字", "ひ", "ら", "カタカナ", "kana"]),
        ("ไทยแลนด์ 일품 de\u0301cor", ["ไทยแลนด์", "일품", "de\u0301cor"]),
        ("★☆ ™® ❤️❤ ✔ ° ●", ["★", "™", "®", "❤️", "❤", "✔"]),
        ("👨‍💼👍🏽 🇫🇷🇩🇪 1️⃣ #️⃣ ❤️‍🔥", ["👨‍💼", "👍🏽", "🇫🇷", "🇩🇪", "1️⃣", "#️⃣", "❤️‍🔥"]),
        ("a\x00b\x07c\ud800d\u202ee", ["a", "b", "c", "d\u202ee"]),
        ("<script>alert('x')</script>", ["script", "alert", "x", "script"]),
        ("x" * 300 + " y", ["x" * 255, "x" * 45, "y"]),
        ("\n", []),
    ],
)
def test_words__are_those_of_the_annex(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_words__of_ascii_are_the_same_by_both_patterns(text: str) -> None:
    assert words(text) == words(f"{text} ä")[:-1]


@given(st.text())
def test_words__stand_in_the_text_in_their_order(text: str) -> None:
    at = 0
    for word in words(text):
        at = text.index(word, at) + len(word)


@pytest.mark.parametrize("unit", ["_", "a.", "1,", "'", "é_", "👨‍", "\u0301", 'א"', "#\ufe0f", "カ_", "🇫"])
def test_words__take_linear_time(unit: str) -> None:
    assert len("".join(words(unit * 50_000))) <= 50_000 * len(unit)


@pytest.mark.parametrize(
    ("word", "expected"),
    [  # the examples of the paper's steps, then its author's later rules
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("cats", "cat"),
        ("feed", "feed"),
        ("agreed", "agre"),  # codespell:ignore agre
        ("plastered", "plaster"),
        ("bled", "bled"),
        ("motoring", "motor"),
        ("sing", "sing"),
        ("conflated", "conflat"),
        ("troubled", "troubl"),
        ("hopping", "hop"),
        ("falling", "fall"),
        ("hissing", "hiss"),
        ("failing", "fail"),
        ("filing", "file"),
        ("happy", "happi"),
        ("sky", "sky"),
        ("relational", "relat"),
        ("rational", "ration"),
        ("vietnamization", "vietnam"),
        ("triplicate", "triplic"),
        ("hopefulness", "hope"),
        ("goodness", "good"),
        ("adoption", "adopt"),
        ("replacement", "replac"),
        ("irritant", "irrit"),
        ("probate", "probat"),
        ("rate", "rate"),
        ("cease", "ceas"),
        ("controll", "control"),  # codespell:ignore controll
        ("roll", "roll"),
        ("possibly", "possibl"),
        ("ecology", "ecolog"),
        ("geology", "geologi"),
        ("fully", "fulli"),
        ("is", "is"),
        ("yyy", "yyi"),
    ],
)
def test_stem__follows_porter(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_terms__leave_out_stop_words_and_possessives() -> None:
    assert terms("The Women's shoes, it’s NOT for THE dogs' walk") == ["women", "shoe", "dog", "walk"]
    assert terms("İ ΟΔΟΣ") == ["i", "οδοσ"]
