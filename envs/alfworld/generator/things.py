"""Types of objects and receptacles, and what is true of them, as in ALFRED.

The tables follow the facts of ALFWorld's official games. Deviations: all cabinets, drawers and safes can be
opened (some official ones cannot); and what lies in a place can be put there again (a TV stand officially
takes a tissue box alone, a bed no teddy bear).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ABILITIES", "FIXED", "HOLDS", "OPENABLE", "PLACES"]

OPENABLE: Final = frozenset({"Cabinet", "Drawer", "Fridge", "Microwave", "Safe"})

_FOOD = "Apple Bread Egg Potato Tomato"
_CUTLERY = "ButterKnife Fork Knife Ladle Spatula Spoon"
_DISHES = "Bowl Cup Mug Pan Plate Pot"
_DESK_THINGS = "Book CD CellPhone CreditCard KeyChain Pen Pencil RemoteControl Watch"
_ORNAMENTS = "Box Statue TissueBox Vase WateringCan"
_BATH_THINGS = "Candle Cloth DishSponge HandTowel SoapBar SoapBottle SprayBottle TissueBox ToiletPaper"
_SEAT = "Book Box CellPhone CreditCard KeyChain Laptop Newspaper Pillow RemoteControl"
_TABLE = (
    f"{_FOOD} Lettuce {_CUTLERY} {_DISHES} {_DESK_THINGS} {_ORNAMENTS} AlarmClock BaseballBat BasketBall "
    "Candle Cloth DishSponge Glassbottle Kettle Laptop Newspaper PepperShaker SaltShaker SoapBottle "
    "SprayBottle TennisRacket WineBottle"
)
_DESK = f"{_DESK_THINGS} {_ORNAMENTS} AlarmClock BasketBall Bowl Cloth Laptop Mug TennisRacket"

HOLDS: Final = MappingProxyType(
    {
        receptacle: frozenset(objects.split())
        for receptacle, objects in {
            "ArmChair": _SEAT,
            "BathtubBasin": "Cloth DishSponge HandTowel SoapBar",
            "Bed": "BaseballBat BasketBall Book CellPhone Laptop Pillow TeddyBear TennisRacket",
            "Cabinet": f"{_DISHES} {_BATH_THINGS} Book Box CD Glassbottle Kettle Ladle Newspaper "
            "PepperShaker Plunger SaltShaker Vase WateringCan WineBottle",
            "Cart": f"{_BATH_THINGS} Plunger",
            "CoffeeMachine": "Mug",
            "CoffeeTable": f"{_DESK_THINGS} {_ORNAMENTS} Bowl Candle Laptop Newspaper Plate",
            "CounterTop": f"{_FOOD} Lettuce {_CUTLERY} {_DISHES} {_BATH_THINGS} {_DESK_THINGS} AlarmClock "
            "Glassbottle Kettle Laptop PepperShaker SaltShaker Statue Vase WineBottle",
            "Desk": _DESK,
            "DiningTable": _TABLE,
            "Drawer": f"{_CUTLERY} {_DESK_THINGS} {_BATH_THINGS} Newspaper PepperShaker SaltShaker "
            "WateringCan",
            "Dresser": f"{_DESK} Candle Newspaper Plate SoapBottle SprayBottle ToiletPaper",
            "Fridge": f"{_FOOD} Lettuce {_DISHES} Glassbottle WineBottle",
            "GarbageCan": "Apple Bread CD Cloth DishSponge Egg HandTowel Lettuce Newspaper Pen Pencil Potato "
            "SoapBar SoapBottle SprayBottle TissueBox ToiletPaper Tomato WineBottle",
            "HandTowelHolder": "HandTowel",
            "LaundryHamper": "Cloth",
            "Microwave": f"{_FOOD} Bowl Cup Glassbottle Mug Plate",
            "Ottoman": _SEAT,
            "Safe": "CD CellPhone CreditCard KeyChain Statue Vase Watch",
            "Shelf": f"{_DESK_THINGS} {_ORNAMENTS} {_BATH_THINGS} AlarmClock Bowl Cup Glassbottle Kettle Mug "
            "Newspaper PepperShaker Plate Pot SaltShaker WineBottle",
            "SideTable": f"{_TABLE} HandTowel SoapBar ToiletPaper",
            "SinkBasin": f"{_CUTLERY} {_DISHES} Apple Cloth DishSponge Egg Glassbottle HandTowel Kettle "
            "Lettuce Potato SoapBar Tomato",
            "Sofa": _SEAT,
            "StoveBurner": "Kettle Pan Pot",
            "TVStand": "Box CreditCard KeyChain Laptop Newspaper RemoteControl Statue TissueBox Vase Watch",
            "Toaster": "",
            "Toilet": "Candle Cloth DishSponge HandTowel SoapBar SoapBottle SprayBottle TissueBox "
            "ToiletPaper",
            "ToiletPaperHanger": "ToiletPaper",
            "TowelHolder": "Towel",
        }.items()
    }
)
"""For each type of receptacle, the types of objects that it can contain; they lie nowhere else."""

_LAMP_STANDS: Final = ("CoffeeTable", "Desk", "DiningTable", "Dresser", "Shelf", "SideTable")

FIXED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "DeskLamp": _LAMP_STANDS,
        "FloorLamp": ("CoffeeTable", "DiningTable", "Dresser", "SideTable"),
        "HousePlant": (*_LAMP_STANDS, "CounterTop"),
        "Television": ("CoffeeTable", "Dresser", "TVStand"),
    }
)
"""Objects that nobody can pick up, and the types of receptacles where they stand."""

PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{
            thing: tuple(place for place in HOLDS if thing in HOLDS[place])
            for thing in sorted(frozenset().union(*HOLDS.values()))
        },
        **FIXED,
    }
)
"""For each type of object, the types of receptacles where it may lie at the start."""

_RECEPTACLE_OBJECTS = f"{_DISHES} Box"

ABILITIES: Final = MappingProxyType(
    {
        "pickupable": frozenset(PLACES.keys() - FIXED.keys()),
        "cleanable": frozenset(
            f"{_CUTLERY} {_DISHES} Apple Cloth DishSponge Egg Kettle Lettuce Potato SoapBar Tomato".split()
        ),
        "heatable": frozenset(f"{_FOOD} Cup Mug Plate".split()),
        "coolable": frozenset(f"{_FOOD} Lettuce {_DISHES} WineBottle".split()),
        "sliceable": frozenset(f"{_FOOD} Lettuce".split()),
        "toggleable": frozenset({"DeskLamp", "FloorLamp"}),
        "isReceptacleObject": frozenset(_RECEPTACLE_OBJECTS.split()),
    }
)
"""For each ability, in PDDL's words, the types of objects that have it."""
