"""Colour names, as the reward evens them out: "dark blue" and "navy blue" are both "blue"."""

from __future__ import annotations

from typing import Final

__all__ = ["COLOURS", "normalise_colour"]

_NAMES: Final = """
    alabaster apricot aqua ash asphalt azure banana beige black blue blush bordeaux bronze brown burgundy
    camel camo caramel champagne charcoal cheetah chestnut chocolate christmas coffee cognac copper coral
    cranberry cream crystal dark denim eggplant elephant espresso fuchsia gold granite grape graphite grass
    gray green grey heather indigo ivory ivy khaki lavender lemon leopard light lilac lime magenta maroon
    mauve merlot midnight mint mocha multicolor mushroom mustard natural navy nude olive orange peach pewter
    pink plum purple rainbow red rose royal rust sand sapphire seashell silver skull slate steel stone
    stonewash sunflower tan taupe teal tiger turquoise violet walnut wheat white wine yellow
"""
COLOURS: Final = tuple(_NAMES.split())


def normalise_colour(value: str) -> str:
    """Return the alphabetically first colour that occurs anywhere in a value; else the value itself."""
    return next((colour for colour in COLOURS if colour in value), value)
