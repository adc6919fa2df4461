"""Words of the shop's worlds: people, places and what is sold."""

from __future__ import annotations

from typing import Final

__all__ = ["CARRIERS", "CATALOGUE", "CITIES", "FIRST", "LAST", "STREETS"]

FIRST: Final = (
    "Ada", "Bruno", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Irma", "Jonas", "Kaya", "Luca",
    "Mina", "Nils", "Odile", "Pavel", "Quentin", "Rosa", "Sven", "Tilda", "Umar", "Vera", "Wanda", "Yara",
)  # fmt: skip
LAST: Final = (
    "Abel", "Brandt", "Costa", "Dahl", "Engel", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen", "Kaiser",
    "Lindt", "Moreau", "Novak", "Okafor", "Peters", "Quist", "Rossi", "Santos", "Tanaka", "Ude", "Vogel",
)  # fmt: skip
STREETS: Final = (
    "Mill Road", "Station Street", "Garden Lane", "Harbour Way", "Church Hill", "Linden Avenue",
    "Market Square", "River Bank", "School Lane", "Castle Street", "Orchard Close", "Bridge Street",
)  # fmt: skip
CITIES: Final = (
    "Ashford", "Brookham", "Coldwater", "Dunmere", "Eastbrook", "Fairhaven", "Greenfield", "Highmoor",
    "Kingsport", "Lakeside", "Milltown", "Northgate",
)  # fmt: skip
CARRIERS: Final = ("Swift Parcel", "Blue Van", "City Courier")

_COLOURS: Final = ("black", "white", "red", "green", "blue", "grey")

CATALOGUE: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "desk lamp": {"colour": _COLOURS, "light": ("warm", "cold")},
    "backpack": {"colour": _COLOURS, "volume": ("20 litres", "30 litres")},
    "water bottle": {"colour": _COLOURS, "material": ("steel", "glass")},
    "headphones": {"colour": _COLOURS, "kind": ("wired", "wireless")},
    "office chair": {"colour": _COLOURS, "arms": ("fixed", "movable")},
    "rain jacket": {"colour": _COLOURS, "size": ("small", "medium", "large")},
    "running shoes": {"colour": _COLOURS, "size": ("38", "40", "42", "44")},
    "coffee grinder": {"colour": ("black", "white", "red"), "drive": ("electric", "manual")},
    "kettle": {"colour": ("black", "white", "grey"), "volume": ("1 litre", "2 litres")},
    "notebook": {"colour": _COLOURS, "pages": ("plain", "lined", "squared")},
    "yoga mat": {"colour": _COLOURS, "thickness": ("4 mm", "6 mm")},
    "wall clock": {"colour": _COLOURS, "shape": ("round", "square")},
    "keyboard": {"colour": ("black", "white", "grey"), "layout": ("German", "French", "English")},
    "mouse": {"colour": ("black", "white", "grey"), "hand": ("left", "right")},
    "umbrella": {"colour": _COLOURS, "size": ("small", "large")},
    "blanket": {"colour": _COLOURS, "fabric": ("wool", "cotton")},
}
