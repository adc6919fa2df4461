"""`World`: the things of a split and all that is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.random import Generator

from envs.tooluse.search.world.names import SPLITS, draw_names, value_of
from envs.tooluse.search.world.relations import KINDS, Kind, relations_of

__all__ = ["Thing", "World", "world_of"]

_SEED: Final = 20_250_311


@dataclass(frozen=True, slots=True)
class Thing:
    """A person, a city, a country, a company or a book.

    Attributes:
        kind: What it is.
        name: Its name; no other thing of its world has it.
        facts: The target of each of its relations: the name of a thing, or a value.
    """

    kind: Kind
    name: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """All things of a split.

    Attributes:
        things: The things by name, kind after kind.
    """

    things: Mapping[str, Thing]

    def of_kind(self, kind: Kind) -> list[Thing]:
        """Return the things of a kind."""
        return [thing for thing in self.things.values() if thing.kind == kind]


@lru_cache(maxsize=len(SPLITS))
def world_of(split: str) -> World:
    """Make the world of a split: always the same, and without a name that another split has."""
    rng = np.random.default_rng([_SEED, SPLITS.index(split)])
    names: dict[Kind, list[str]] = {
        kind: draw_names(kind, count, split, rng) for kind, count in KINDS.items()
    }
    things = {
        name: Thing(kind, name, _facts(kind, name, names, rng)) for kind in KINDS for name in names[kind]
    }
    return World(_with_capitals(things))


def _facts(kind: Kind, name: str, names: Mapping[Kind, list[str]], rng: Generator) -> dict[str, str]:
    facts = {}
    for relation in relations_of(kind):
        if relation.target is None:
            facts[relation.name] = value_of(relation.name, rng)
        else:
            others = [other for other in names[relation.target] if other != name]
            facts[relation.name] = others[int(rng.integers(len(others)))]
    return facts


def _with_capitals(things: dict[str, Thing]) -> dict[str, Thing]:
    """Let each capital lie in its country; no city is the capital of two."""
    taken: set[str] = set()
    for country in [thing for thing in things.values() if thing.kind == "country"]:
        cities = [t for t in things.values() if t.kind == "city" and t.name not in taken]
        capital = next((c for c in cities if c.facts["country"] == country.name), cities[0])
        taken.add(capital.name)
        things[capital.name] = Thing("city", capital.name, {**capital.facts, "country": country.name})
        things[country.name] = Thing("country", country.name, {**country.facts, "capital": capital.name})
    return things
