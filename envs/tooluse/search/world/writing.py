"""Documents of a world: an article on each thing, and notices that mention things without helping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.random import Generator

from envs.tooluse.search.document import Document
from envs.tooluse.search.world.facts import Thing, World
from envs.tooluse.search.world.names import SPLITS
from envs.tooluse.search.world.relations import Kind, relations_of

__all__ = ["write_documents"]

_NOTICES: Final = 150
_SEED: Final = 7
_OPENINGS: Final[dict[Kind, str]] = {
    "person": "{} is a person of note.",
    "city": "{} is a city.",
    "country": "{} is a country.",
    "company": "{} is a company.",
    "book": "{} is a novel.",
}
_CLOSINGS: Final = (
    "Little else is on record.",
    "Accounts of this differ in details.",
    "An archive keeps letters and drawings.",
    "Visitors ask about it every summer.",
)


def write_documents(world: World, split: str) -> list[Document]:
    """Write the encyclopaedia of a world; ids are the positions as text."""
    rng = np.random.default_rng([_SEED, SPLITS.index(split)])
    pages = [*(_article(thing, rng) for thing in world.things.values()), *_notices(world, rng)]
    return [Document(str(place), title, text) for place, (title, text) in enumerate(pages)]


def _article(thing: Thing, rng: Generator) -> tuple[str, str]:
    told = [
        relation.tell.format(thing.name, value=thing.facts[relation.name])
        for relation in relations_of(thing.kind)
    ]
    order = rng.permutation(len(told))
    sentences = [_OPENINGS[thing.kind].format(thing.name), *(told[int(place)] for place in order)]
    return thing.name, " ".join([*sentences, _CLOSINGS[int(rng.integers(len(_CLOSINGS)))]])


def _notices(world: World, rng: Generator) -> Iterator[tuple[str, str]]:
    """Write notices in which people and cities meet by chance."""
    people, cities = world.of_kind("person"), world.of_kind("city")
    for number in range(_NOTICES):
        one, other = (people[int(place)].name for place in rng.choice(len(people), 2, replace=False))
        city = cities[int(rng.integers(len(cities)))].name
        year = 1900 + int(rng.integers(100))
        yield (
            f"Notice {number + 1} of {year}",
            f"In {year} {one} gave a speech in {city}. {other} was there, and the mayor was not. "
            f"{one} was not born in {city}, and no book on the speech was published.",
        )
