"""Names of things, each owned by one split, and plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from numpy.random import Generator

from agentgym.hashing import digest
from envs.tooluse.search.world.relations import Kind

__all__ = ["SPLITS", "draw_names", "value_of"]

SPLITS: Final = ("train", "validation", "test")

_FIRST: Final = (
    "Ada", "Anton", "Berta", "Bruno", "Clara", "Conrad", "Dora", "Edgar", "Elsa", "Emil", "Frieda",
    "Georg", "Greta", "Hanna", "Hugo", "Ida", "Ivan", "Jana", "Jonas", "Karla", "Kaspar", "Lena", "Leo",
    "Magda", "Marek", "Nora", "Oskar", "Paula", "Peter", "Rosa", "Rudolf", "Selma", "Stefan", "Thea",
    "Tobias", "Ursula", "Viktor", "Wanda",
)  # fmt: skip
_LAST: Final = (
    "Adler", "Baumann", "Berg", "Brandt", "Czerny", "Dahl", "Eriksen", "Falk", "Fontane", "Gruber",
    "Haller", "Holm", "Iversen", "Jansen", "Kessler", "Kovar", "Lang", "Lindt", "Marek", "Moser", "Novak",
    "Olsen", "Petri", "Quist", "Radler", "Roth", "Sander", "Sommer", "Tegner", "Thorn", "Ulm", "Vogel",
    "Weiss", "Winter", "Zander",
)  # fmt: skip
_BEGINNINGS: Final = (
    "Al", "Ar", "Bel", "Bor", "Cal", "Dor", "El", "Fal", "Gar", "Hol", "Il", "Kar", "Lor", "Mar", "Nor",
    "Or", "Pel", "Ros", "Sel", "Tar", "Ul", "Vel", "Wes", "Yor", "Zel",
)  # fmt: skip
_MIDDLES: Final = (
    "a", "an", "e", "en", "i", "in", "o", "on", "u", "un", "ar", "er", "or", "il",
)  # fmt: skip
_CITY_ENDS: Final = (
    "berg", "burg", "dal", "ford", "haven", "holm", "mouth", "stad", "ton", "vik", "wick", "worth",
)  # fmt: skip
_COUNTRY_ENDS: Final = (
    "dia", "land", "mark", "nia", "ria", "via",
)  # fmt: skip
_COMPANY_ENDS: Final = (
    "Brothers", "Company", "Foundry", "Industries", "Mills", "Works", "Yards", "& Sons",
)  # fmt: skip
_ADJECTIVES: Final = (
    "Blue", "Broken", "Distant", "Empty", "Endless", "Frozen", "Gentle", "Golden", "Hidden", "Last",
    "Lonely", "Long", "Lost", "Narrow", "Pale", "Quiet", "Red", "Secret", "Silent", "Silver", "Slow",
    "Stolen", "Twelfth", "White", "Wild",
)  # fmt: skip
_NOUNS: Final = (
    "Bridge", "Clock", "Coast", "Door", "Forest", "Garden", "Harbour", "House", "Island", "Key", "Lake",
    "Letter", "Mirror", "Mountain", "Orchard", "Promise", "River", "Road", "Room", "Shadow", "Song",
    "Stair", "Summer", "Tower", "Winter",
)  # fmt: skip

_OCCUPATIONS: Final = (
    "an architect", "a baker", "a botanist", "a cartographer", "a chemist", "a composer", "an engineer",
    "a geologist", "a historian", "a judge", "a painter", "a physician", "a poet", "a sculptor",
    "a surgeon", "a watchmaker",
)  # fmt: skip
_PRODUCTS: Final = (
    "bicycles", "candles", "clocks", "furniture", "glass", "lamps", "paper", "pianos", "porcelain",
    "ropes", "shoes", "soap", "telescopes", "tools", "toys", "typewriters",
)  # fmt: skip


def draw_names(kind: Kind, count: int, split: str, rng: Generator) -> list[str]:
    """Draw different names that belong to a split: a hash of a name decides to which."""
    found: dict[str, None] = {}
    while len(found) < count:
        name = _NAMING[kind](rng)
        if SPLITS[int(digest(name), 16) % len(SPLITS)] == split:
            found[name] = None
    return list(found)


def value_of(relation: str, rng: Generator) -> str:
    """Draw the value of a relation that does not lead to a thing."""
    if relation == "birth year":
        return str(int(rng.integers(1790, 1960)))
    if relation == "year":
        return str(int(rng.integers(1830, 2010)))
    if relation == "occupation":
        return _pick(_OCCUPATIONS, rng)
    if relation == "product":
        return _pick(_PRODUCTS, rng)
    return (
        _pick(_BEGINNINGS, rng) + _pick(_MIDDLES, rng)[0] + _pick(("ba", "ka", "lo", "na", "ro", "ta"), rng)
    )


def _pick(words: Sequence[str], rng: Generator) -> str:
    return words[int(rng.integers(len(words)))]


def _stem(rng: Generator) -> str:
    return _pick(_BEGINNINGS, rng) + _pick(_MIDDLES, rng)


_NAMING: Final[Mapping[Kind, Callable[[Generator], str]]] = {
    "person": lambda rng: f"{_pick(_FIRST, rng)} {_pick(_LAST, rng)}",
    "city": lambda rng: _stem(rng) + _pick(_CITY_ENDS, rng),
    "country": lambda rng: _stem(rng) + _pick(_COUNTRY_ENDS, rng),
    "company": lambda rng: f"{_pick(_LAST, rng)} {_pick(_COMPANY_ENDS, rng)}",
    "book": lambda rng: f"The {_pick(_ADJECTIVES, rng)} {_pick(_NOUNS, rng)}",
}
