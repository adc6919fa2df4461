"""Where the nouns of a title come from."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from typing import Any, Final, Protocol

from envs.webshop.nouns.rules import RuleNouns

__all__ = ["Nouns", "SpacyNouns", "best_nouns"]

_MODEL: Final = "en_core_web_sm"
_KEPT: Final = 1 << 16


class Nouns(Protocol):
    """An extractor of nouns."""

    @property
    def source(self) -> str:
        """Name of the extractor, for `info["extra"]["noun_source"]`."""
        ...

    def __call__(self, title: str) -> tuple[str, ...]:
        """Return the nouns of a title, lower case, in order, repeated ones included."""
        ...


class SpacyNouns:
    """The original's extractor: tokens that spaCy's small English model tags as nouns or proper nouns."""

    source = f"spacy/{_MODEL}"

    def __init__(self) -> None:
        import spacy

        self._parse: Any = spacy.load(_MODEL)

    def __call__(self, title: str) -> tuple[str, ...]:
        """Return the nouns of a title."""
        return tuple(token.text.lower() for token in self._parse(title) if token.pos_ in ("NOUN", "PROPN"))


class _Remembered:
    """An extractor that keeps what it found: titles come again, and reading one takes long."""

    def __init__(self, nouns: Nouns) -> None:
        self.source = nouns.source
        self._call = lru_cache(_KEPT)(nouns)

    def __reduce__(self) -> tuple[Any, ...]:
        return best_nouns, ()

    def __call__(self, title: str) -> tuple[str, ...]:
        return self._call(title)


@lru_cache(1)
def best_nouns() -> Nouns:
    """Return spaCy's extractor where it and its model are installed, else our own rules."""
    installed = all(importlib.util.find_spec(name) is not None for name in ("spacy", _MODEL))
    return _Remembered(SpacyNouns() if installed else RuleNouns())
