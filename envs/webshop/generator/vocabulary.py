"""The words of the generated catalogue, read from `vocabulary.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Department", "Kind", "Vocabulary", "vocabulary"]


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the shop.

    Attributes:
        root: First part of its paths of categories.
        attributes: Phrases that any of its products may have.
        uses: What its products are for.
    """

    root: str
    attributes: tuple[str, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product.

    Attributes:
        noun: What one of it is called.
        query: The search that finds it.
        department: Name of its department.
        path: The other parts of its path of categories.
        dollars: Least and greatest price.
        groups: Its option groups, name to the values on offer.
        attributes: Phrases of its own.
    """

    noun: str
    query: str
    department: str
    path: str
    dollars: tuple[float, float]
    groups: Mapping[str, tuple[str, ...]]
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words: syllables of brands, departments by name, and kinds of products."""

    syllables: tuple[str, ...]
    departments: Mapping[str, Department]
    kinds: tuple[Kind, ...]


@cache
def vocabulary() -> Vocabulary:
    """Read the words, once in a process."""
    words = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
    departments = {
        name: Department(record["root"], tuple(record["attributes"]), tuple(record["uses"]))
        for name, record in words["departments"].items()
    }
    values = {name: tuple(known) for name, known in words["values"].items()}
    kinds = []
    for record in words["kinds"]:
        groups = {}
        for group in record.pop("groups"):
            name, _, scheme = group.partition(": ")
            groups[name] = values[scheme or name]
        attributes, (low, high) = tuple(record.pop("attributes")), record.pop("dollars")
        kinds.append(Kind(**record, groups=groups, attributes=attributes, dollars=(low, high)))
    return Vocabulary(tuple(words["syllables"]), departments, tuple(kinds))
