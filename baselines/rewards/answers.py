"""How well an answer matches the reference: exact match and token F1 after SQuAD's normalisation."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

__all__ = ["exact_match", "normalised", "token_f1"]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Lower the case, take out ASCII punctuation and English articles, and single the spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(prediction: str, references: Sequence[str]) -> float:
    """1 if the normalised answer equals a normalised reference, else 0.

    References:
        Rajpurkar et al. 2016, SQuAD, https://arxiv.org/abs/1606.05250. Deviation from the paper: none.
    """
    return float(normalised(prediction) in {normalised(reference) for reference in references})


def token_f1(prediction: str, references: Sequence[str], *, distinct: bool = False) -> float:
    """Greatest F1 of the answer's words against a reference's: 2 P R / (P + R), in [0, 1].

    Args:
        prediction: The answer.
        references: Right answers; the best match counts.
        distinct: Count each word once, as MatchTIR does; else as often as it occurs.

    References:
        Rajpurkar et al. 2016, SQuAD, https://arxiv.org/abs/1606.05250. Deviation from the paper: none. An
        empty answer matches an empty reference alone.
    """
    said = _words(prediction, distinct)
    return max((_f1(said, _words(reference, distinct)) for reference in references), default=0.0)


def _words(text: str, distinct: bool) -> Counter[str]:
    words = normalised(text).split()
    return Counter(set(words) if distinct else words)


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    return 2.0 * (said & wanted).total() / (said.total() + wanted.total())
