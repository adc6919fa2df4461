"""Porter's stemmer with its author's two later rules, as Lucene's PorterStemFilter has it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

__all__ = ["stem"]

_STEP_2: Final = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "logi": "log",
}
_STEP_3: Final = {
    "icate": "ic",
    "ative": "",  # codespell:ignore ative
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
_STEP_4: Final = (
    "ement",
    "ance",
    "ence",
    "able",
    "ible",
    "ment",  # codespell:ignore ment
    "ant",
    "ent",
    "ism",
    "ate",
    "iti",
    "ous",
    "ive",
    "ize",
    "ion",
    "al",
    "er",
    "ic",
    "ou",
)


def stem(word: str) -> str:
    """Reduce a lower-case word to its stem; words of fewer than three letters stay as they are.

    References:
        Porter 1980, "An algorithm for suffix stripping", and the author's page of 2006 on the algorithm.
        Deviation from the paper: step 2 has the rules -bli to -ble (for -abli to -able) and -logi to -log.
    """
    if len(word) < 3:
        return word
    word = _participle(_plural(word))
    if word.endswith("y") and any(_vowels(word[:-1])):
        word = word[:-1] + "i"
    word = _replace(word, _STEP_2)
    word = _replace(word, _STEP_3)
    return _tidy(_strip(word))


def _plural(word: str) -> str:
    """Step 1a."""
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _participle(word: str) -> str:
    """Step 1b."""
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return _mend(rest) if any(_vowels(rest)) else word
    return word


def _mend(rest: str) -> str:
    """Give back the letter that a participle took, or take the one that it doubled."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if len(rest) > 1 and rest[-1] == rest[-2] and not _vowels(rest)[-1]:
        return rest if rest[-1] in "lsz" else rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _ends_short(rest) else rest


def _replace(word: str, rules: dict[str, str]) -> str:
    """Replace the first suffix that fits, where something that can be said is left before it (steps 2, 3)."""
    if not word.endswith(tuple(rules)):
        return word
    for suffix, replacement in rules.items():
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return rest + replacement if _measure(rest) > 0 else word
    return word


def _strip(word: str) -> str:
    """Step 4."""
    if not word.endswith(_STEP_4):
        return word
    for suffix in _STEP_4:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            if suffix == "ion" and not rest.endswith(("s", "t")):
                return word
            return rest if _measure(rest) > 1 else word
    return word


def _tidy(word: str) -> str:
    """Step 5: a final e, and one of two final l."""
    if word.endswith("e"):
        rest = word[:-1]
        measure = _measure(rest)
        if measure > 1 or (measure == 1 and not _ends_short(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _vowels(word: str) -> list[bool]:
    """Say of each letter whether it is a vowel: a y is one after a consonant."""
    vowels: list[bool] = []
    for letter in word:
        vowels.append(letter in "aeiou" or (letter == "y" and bool(vowels) and not vowels[-1]))
    return vowels


def _measure(word: str) -> int:
    """Count the changes from a vowel to a consonant."""
    vowels = _vowels(word)
    return sum(before and not after for before, after in pairwise(vowels))


def _ends_short(word: str) -> bool:
    """Say whether a word ends consonant, vowel, consonant other than w, x or y."""
    return _vowels(word)[-3:] == [False, True, False] and word[-1] not in "wxy"
