"""The words of the word game: themes, and single common words that belong to one of them."""

from __future__ import annotations

from typing import Final

__all__ = ["THEMES", "theme_of"]

_LIST: Final = """
animal: badger camel donkey ferret goat hamster hedgehog kangaroo leopard otter rabbit squirrel
bird: cuckoo falcon flamingo goose heron ostrich parrot peacock pelican penguin sparrow swallow
body: ankle chest elbow eyebrow finger forehead kidney knee liver shoulder stomach thumb
building: barn castle cathedral cottage factory garage hospital hotel library lighthouse museum prison
clothes: apron blouse bonnet cardigan glove jacket mitten overcoat pyjamas sandal scarf shirt
colour: beige black brown crimson golden green grey maroon pink purple scarlet turquoise
dish: casserole curry dumpling lasagne omelette pancake pizza porridge pudding risotto salad sandwich
drink: beer brandy champagne cider cocoa coffee juice lemonade milk tea vodka whisky
fruit: apple apricot banana cherry coconut grape lemon mango melon peach pear pineapple
furniture: armchair bed bench bookcase chair couch cradle cupboard desk drawer sofa wardrobe
instrument: accordion bagpipe banjo bassoon cello clarinet cymbal flute guitar harp piano trombone
landscape: canyon cave cliff desert forest glacier hill island jungle lagoon marsh meadow
metal: aluminium brass bronze chrome cobalt copper iron lead mercury nickel platinum steel
profession: baker barber butcher carpenter dentist farmer gardener lawyer nurse plumber soldier tailor
science: algebra anatomy astronomy biology botany chemistry ecology genetics geology geometry history optics
space: asteroid comet cosmos crater eclipse galaxy meteor moon orbit planet rocket satellite
sport: archery badminton baseball boxing cricket cycling fencing golf hockey judo rowing rugby
tool: axe chisel crowbar drill hammer hoe pliers rake saw screwdriver shovel spade
vegetable: asparagus broccoli cabbage carrot cauliflower celery cucumber garlic leek lettuce onion potato
vehicle: ambulance bicycle bus canoe carriage ferry helicopter lorry motorcycle scooter submarine taxi
weather: blizzard breeze cloud drizzle drought flood fog frost hail hurricane lightning rainbow
"""

THEMES: Final[dict[str, tuple[str, ...]]] = {
    line.partition(": ")[0]: tuple(line.partition(": ")[2].split()) for line in _LIST.strip().splitlines()
}
"""Theme to its words: 21 themes of 12 words. No word stands twice; no theme holds or is part of a word."""

_THEME: Final = {word: theme for theme, words in THEMES.items() for word in words}


def theme_of(word: str) -> str | None:
    """The theme that a word belongs to; None where it is no word of the list."""
    return _THEME.get(word)
