"""Nouns of titles by rules: a title is nearly all nouns, so what is none of them is left out."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RuleNouns"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_OTHERS: Final = frozenset(
    """a an and are as at be but by for from in into is it no not of on or so such that the their then there
these they this to was will with your our my you we all any each more most very""".split()
)


class RuleNouns:
    """Words of letters that are not known to be something else."""

    source = "rules"

    def __call__(self, title: str) -> tuple[str, ...]:
        """Return the nouns of a title, lower case, in order, repeated ones included."""
        return tuple(word for word in _WORD.findall(title.lower()) if word not in _OTHERS)
