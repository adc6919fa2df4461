"""Strangers' text becomes one harmless line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.plain import plain


@given(st.text(alphabet=st.characters(codec=None)), st.integers(1, 50))
def test_plain__is_one_short_printable_line(text: str, limit: int) -> None:
    line = plain(text, limit=limit)
    assert len(line) <= limit
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in line)
    line.encode("utf-8")


@pytest.mark.parametrize("text", ["", "hf:runs/demo", "déjà vu", "二つ", "[bold]x[/bold]"])
def test_plain__leaves_ordinary_text_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(("text", "shown"), [("a\nb\tc", "a b c"), ("\x1b[2J", "�[2J"), ("x" * 9, "xxxx…")])
def test_plain__replaces_what_would_act_on_a_terminal(text: str, shown: str) -> None:
    assert plain(text, limit=5) == shown
