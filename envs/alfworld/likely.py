"""Where things usually lie: a little common sense about households, for whoever has to look for something.

The order follows how often, in 240 of the official training games, a receptacle of the kind holds such a
thing at the start; things that lie alike share a line. It is no rule: every thing may lie elsewhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

__all__ = ["OFTEN_CLOSED", "rank_places"]

OFTEN_CLOSED: Final = frozenset({"cabinet", "drawer", "fridge", "microwave", "safe"})

_PLACES: Final[dict[str, str]] = {
    "apple bread egg lettuce potato tomato": (
        "diningtable fridge countertop sidetable microwave garbagecan sinkbasin"
    ),
    "bowl cup mug plate glassbottle winebottle": (
        "desk diningtable coffeetable dresser countertop coffeemachine fridge sidetable sinkbasin garbagecan "
        "microwave shelf cabinet"
    ),
    "kettle pan pot": "stoveburner diningtable countertop fridge sinkbasin cabinet",
    "butterknife fork knife ladle spatula spoon": "diningtable countertop sinkbasin sidetable drawer",
    "dishsponge peppershaker saltshaker": (
        "diningtable sidetable countertop sinkbasin shelf garbagecan drawer cabinet"
    ),
    "candle cloth soapbar soapbottle spraybottle tissuebox": (
        "cart bathtubbasin toilet countertop diningtable desk coffeetable sidetable dresser shelf sinkbasin "
        "garbagecan cabinet drawer"
    ),
    "toiletpaper": "toilet countertop toiletpaperhanger garbagecan sidetable shelf cabinet drawer",
    "towel": "towelholder countertop",
    "handtowel": "handtowelholder countertop",
    "laptop pillow teddybear": "bed sofa desk diningtable coffeetable tvstand ottoman armchair",
    "keychain": "safe desk coffeetable diningtable tvstand sidetable dresser sofa drawer ottoman shelf",
    "desklamp floorlamp": "desk dresser sidetable coffeetable diningtable shelf",
}
_ANYWHERE: Final = (
    "diningtable desk dresser coffeetable tvstand countertop bed sofa sidetable armchair ottoman safe "
    "garbagecan shelf drawer cabinet"
)


@lru_cache(maxsize=128)
def rank_places(thing: str) -> dict[str, int]:
    """Rank the kinds of receptacles where a kind of thing ("mug") may lie: 0 is the likeliest."""
    found = next((places for things, places in _PLACES.items() if thing in things.split()), _ANYWHERE)
    return {place: rank for rank, place in enumerate(found.split())}
