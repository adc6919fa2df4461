"""What is known about whom: kinds of things, and the relations that documents tell and questions ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

__all__ = ["KINDS", "RELATIONS", "Kind", "Relation", "relations_of"]

Kind = Literal["person", "city", "country", "company", "book"]

KINDS: Final[Mapping[Kind, int]] = {"person": 260, "city": 80, "country": 16, "company": 60, "book": 120}
"""How many there are of each kind."""


class Relation(NamedTuple):
    """One relation, from a thing to another thing or to a plain value.

    Attributes:
        name: Its name.
        source: The kind that has it.
        target: The kind that it leads to; None: a value.
        ask: The question for its target; {} is the source, in words.
        refer: How a longer question speaks of its target; "" for values.
        tell: The sentence of a document; {} is the name of its subject, {value} the target.
    """

    name: str
    source: Kind
    target: Kind | None
    ask: str
    refer: str
    tell: str


RELATIONS: Final = (
    Relation(
        "birthplace", "person", "city", "In which city was {} born?", "the city where {} was born",
        "{} was born in {value}.",
    ),
    Relation(
        "birth year", "person", None, "In which year was {} born?", "", "The year of birth of {} is {value}.",
    ),
    Relation(
        "teacher", "person", "person", "Who was the teacher of {}?", "the teacher of {}",
        "The teacher of {} was {value}.",
    ),
    Relation("occupation", "person", None, "What is the occupation of {}?", "", "{} works as {value}."),
    Relation(
        "country", "city", "country", "In which country does {} lie?", "the country of {}",
        "{} lies in {value}.",
    ),
    Relation(
        "mayor", "city", "person", "Who is the mayor of {}?", "the mayor of {}",
        "The mayor of {} is {value}.",
    ),
    Relation("river", "city", None, "On which river does {} lie?", "", "{} lies on the river {value}."),
    Relation(
        "capital", "country", "city", "What is the capital of {}?", "the capital of {}",
        "The capital of {} is {value}.",
    ),
    Relation(
        "currency", "country", None, "What is the currency of {}?", "", "The currency of {} is the {value}.",
    ),
    Relation(
        "founder", "company", "person", "Who founded {}?", "the founder of {}", "{} was founded by {value}.",
    ),
    Relation(
        "seat", "company", "city", "In which city does {} have its headquarters?",
        "the city where {} has its headquarters", "{} has its headquarters in {value}.",
    ),
    Relation("product", "company", None, "What does {} make?", "", "{} makes {value}."),
    Relation("author", "book", "person", "Who wrote {}?", "the author of {}", "{} was written by {value}."),
    Relation(
        "publisher", "book", "company", "Which company published {}?", "the publisher of {}",
        "{} was published by {value}.",
    ),
    Relation("year", "book", None, "In which year was {} published?", "", "{} came out in the year {value}."),
)  # fmt: skip
"""All relations; those of one kind stand together."""


def relations_of(kind: Kind) -> tuple[Relation, ...]:
    """Return the relations that things of a kind have."""
    return tuple(relation for relation in RELATIONS if relation.source == kind)
