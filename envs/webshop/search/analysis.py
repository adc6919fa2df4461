"""From a text to the terms that are searched, as Anserini's DefaultEnglishAnalyzer makes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from envs.webshop.search.stemmer import stem
from envs.webshop.search.words import words

__all__ = ["terms"]

_STOP_WORDS: Final = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these "
    "they this to was will with"
)
_STOP: Final = frozenset(_STOP_WORDS.split())
_POSSESSIVE: Final = tuple(apostrophe + s for apostrophe in "'’＇" for s in "sS")


def terms(text: str) -> list[str]:
    """Return the terms of a text, in order."""
    return [term for term in map(_term, words(text)) if term]


@lru_cache(maxsize=1 << 17)
def _term(word: str) -> str:
    """Make a term of a word: without a final 's, in lower case, stemmed; "" for a stop word."""
    word = _lower(word[:-2] if word.endswith(_POSSESSIVE) else word)
    return "" if word in _STOP else stem(word)


def _lower(word: str) -> str:
    """Lower each character by itself, as Java does: one for one, and no final sigma."""
    return word.lower() if word.isascii() else "".join(character.lower()[0] for character in word)
