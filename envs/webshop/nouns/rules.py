"""Nouns of titles by rules: nearly all words of a title are nouns, so what is none of them is left out."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RuleNouns"]

_WORD: Final = re.compile(r"[^\W\d_][^\W_]*|(?<=\d)[^\W\d_]+")
_FUNCTION: Final = """
    a about all also an and any are as at be been both but by can each every for from get has have how i if in
    into is it its just like made make more most my no not of off on only or other our out over own per s so
    some such than that the their them then there these they this those through to too under up use very via
    was we what when where which while who will with without you your w
"""
_NUMBERS: Final = "one two three four five six seven eight nine ten twelve first second third half"
_QUALITIES: Final = """
    adjustable anti automatic beautiful best big breathable bright casual classic clean clear cold comfortable
    cool cordless cute daily decorative deep different double dry durable easy elastic elegant extra fast fine
    flat flexible foldable free fresh full genuine gluten good great heavy high hot large lightweight little
    long loose low magnetic male medium mini modern multi natural new non old open organic outdoor indoor
    perfect personalized plain portable premium professional pure quick real removable replacement reusable
    rich round safe short silent simple single skinny sleeveless slim small smart smooth soft solid
    special strong super sweet tall thick thin tight traditional transparent ultra universal unique
    upholstered vintage warm washable waterproof wide wireless compatible upgraded smoked scrolled advanced
    stainless free facial
"""
_NO_NOUNS: Final = frozenset(f"{_FUNCTION} {_NUMBERS} {_QUALITIES}".split())


class RuleNouns:
    """Words that begin with a letter, and units after a number, less those that are no nouns."""

    source = "rules"

    def __call__(self, title: str) -> tuple[str, ...]:
        """Return the nouns of a title, lower case, in order, repeated ones included."""
        return tuple(word for word in _WORD.findall(title.lower()) if word not in _NO_NOUNS)
