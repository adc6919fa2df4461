"""Exact match and F1 of answers, after the normalisation of SQuAD."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable

__all__ = ["best_over", "exact_match", "f1", "normalise"]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(answer: str) -> str:
    """Lower the case, drop punctuation and the articles a, an, the, and even out white space.

    References:
        Rajpurkar et al. 2016, SQuAD, evaluation script v1.1. Deviation: none.
    """
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, golden: str) -> float:
    """1 where both answers are the same after `normalise`, else 0."""
    return float(normalise(given) == normalise(golden))


def f1(given: str, golden: str) -> float:
    """Harmonic mean of precision and recall of words, counted with multiplicity.

    Returns:
        In [0, 1]; where an answer has no words, 1 if both have none, else 0.
    """
    ours, theirs = normalise(given).split(), normalise(golden).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def best_over(metric: Callable[[str, str], float], given: str, golden: Iterable[str]) -> float:
    """Score an answer against the accepted answer that suits it best; 0 where there is none."""
    return max((metric(given, one) for one in golden), default=0.0)
