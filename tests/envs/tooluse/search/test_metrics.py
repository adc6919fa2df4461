from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.tooluse.search import best_over, exact_match, f1, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Eiffel Tower!", "eiffel tower"),
        ("an apple a day", "apple day"),
        ("Theatre", "theatre"),
        ("U.S.", "us"),
        ("  ", ""),
        ("a-an-the", "aanthe"),
    ],
)
def test_normalise__as_squad_does(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_f1__worked_numbers() -> None:
    assert f1("the cat sat", "cat sat down") == pytest.approx(2 * 2 / (2 + 3))
    assert f1("cat cat", "cat") == pytest.approx(2 / 3)
    assert f1("dog", "cat") == 0.0
    assert f1("", "cat") == 0.0
    assert f1("the", "a") == 1.0


def test_best_over__takes_the_best() -> None:
    assert best_over(exact_match, "NYC", ["New York City", "nyc"]) == 1.0
    assert best_over(exact_match, "NYC", []) == 0.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_metrics__agree_with_each_other(one: str, other: str) -> None:
    assert exact_match(one, one) == 1.0
    assert 0.0 <= f1(one, other) <= 1.0
    assert f1(one, other) == pytest.approx(f1(other, one))
    if exact_match(one, other):
        assert f1(one, other) == 1.0
