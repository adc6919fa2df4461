"""The four kinds of rooms: which receptacles stand there, and which objects lie about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from envs.alfworld.goal import TaskType

__all__ = ["ROOMS", "ROOMS_OF_TASK", "SHARING", "Furniture", "Room", "RoomKind"]

RoomKind: TypeAlias = Literal["kitchen", "living room", "bedroom", "bathroom"]


class Furniture(NamedTuple):
    """A type of receptacle in a room.

    Attributes:
        type: "CounterTop".
        first: Weight with which the first one is drawn: 30 and above stand in nearly every room.
        more: Weight with which each further one is drawn.
        most: Number of them that a room can hold.
    """

    type: str
    first: float
    more: float
    most: int


@dataclass(frozen=True, slots=True)
class Room:
    """A kind of room.

    Attributes:
        scene: Number before its first floor plan in ALFRED: kitchens are 1 to 30, bedrooms 301 to 330, ...
        furniture: What can stand there.
        surfaces: Types of receptacles of which it always has one, so that most objects can lie somewhere.
        common: Types of objects that lie in nearly every such room.
        rare: Types of objects that lie in some.
    """

    scene: int
    furniture: tuple[Furniture, ...]
    surfaces: tuple[str, ...]
    common: tuple[str, ...]
    rare: tuple[str, ...]

    @property
    def objects(self) -> tuple[str, ...]:
        """All types of objects that may lie there."""
        return self.common + self.rare


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _furniture(rows: Sequence[tuple[str, float, float, int]]) -> tuple[Furniture, ...]:
    return tuple(Furniture(*row) for row in rows)


ROOMS: Final = MappingProxyType[RoomKind, Room](
    {
        "kitchen": Room(
            scene=0,
            furniture=_furniture(
                [
                    ("Cabinet", 20, 10, 27),
                    ("CoffeeMachine", 25, 0, 1),
                    ("CounterTop", 30, 2, 4),
                    ("DiningTable", 3, 1, 3),
                    ("Drawer", 18, 8, 27),
                    ("Fridge", 30, 0, 1),
                    ("GarbageCan", 30, 0, 1),
                    ("Microwave", 30, 0, 1),
                    ("Safe", 0.2, 0, 1),
                    ("Shelf", 1.5, 2, 12),
                    ("SideTable", 1, 0.5, 2),
                    ("SinkBasin", 30, 0, 1),
                    ("StoveBurner", 20, 15, 4),
                    ("Toaster", 20, 0, 1),
                ]
            ),
            surfaces=("CounterTop",),
            common=_words(
                "Apple Bowl Bread ButterKnife Cup DishSponge Egg Fork Knife Lettuce Mug Pan PepperShaker "
                "Plate Pot Potato SaltShaker SoapBottle Spatula Spoon Tomato"
            ),
            rare=_words(
                "Book CellPhone CreditCard Glassbottle HousePlant Kettle Ladle Pen Pencil SprayBottle "
                "Statue Vase WineBottle"
            ),
        ),
        "living room": Room(
            scene=200,
            furniture=_furniture(
                [
                    ("ArmChair", 25, 8, 3),
                    ("Cabinet", 2, 2, 8),
                    ("CoffeeTable", 12, 3, 3),
                    ("Desk", 0.5, 0, 1),
                    ("DiningTable", 6, 1, 2),
                    ("Drawer", 10, 6, 21),
                    ("Dresser", 5, 1, 2),
                    ("GarbageCan", 30, 0, 1),
                    ("Ottoman", 3, 1, 2),
                    ("Safe", 0.5, 0, 1),
                    ("Shelf", 5, 3, 14),
                    ("SideTable", 12, 4, 5),
                    ("Sofa", 30, 1, 2),
                    ("TVStand", 5, 1, 2),
                ]
            ),
            surfaces=("CoffeeTable", "DiningTable", "SideTable"),
            common=_words("Box CreditCard KeyChain Laptop Newspaper Pillow RemoteControl Statue Vase Watch"),
            rare=_words(
                "Book Bowl Candle CellPhone DeskLamp HousePlant Pen Pencil Plate Television TissueBox "
                "WateringCan"
            ),
        ),
        "bedroom": Room(
            scene=300,
            furniture=_furniture(
                [
                    ("ArmChair", 2, 1, 3),
                    ("Bed", 30, 2, 2),
                    ("Cabinet", 1, 2, 4),
                    ("CounterTop", 0.5, 0.5, 3),
                    ("Desk", 12, 0.5, 2),
                    ("DiningTable", 2, 0, 1),
                    ("Drawer", 25, 12, 17),
                    ("Dresser", 7, 1, 3),
                    ("GarbageCan", 30, 0, 1),
                    ("LaundryHamper", 3, 0, 1),
                    ("Safe", 3, 0, 1),
                    ("Shelf", 10, 4, 14),
                    ("SideTable", 12, 3, 3),
                ]
            ),
            surfaces=("Desk", "Dresser", "SideTable"),
            common=_words("AlarmClock Book CD CellPhone CreditCard KeyChain Laptop Pen Pencil Pillow"),
            rare=_words(
                "BaseballBat BasketBall Bowl Box Cloth DeskLamp HousePlant Mug RemoteControl Statue "
                "TeddyBear Television TennisRacket TissueBox Vase Watch"
            ),
        ),
        "bathroom": Room(
            scene=400,
            furniture=_furniture(
                [
                    ("BathtubBasin", 15, 0, 1),
                    ("Cabinet", 12, 10, 9),
                    ("Cart", 1, 0, 1),
                    ("CounterTop", 20, 2, 2),
                    ("Drawer", 9, 6, 8),
                    ("Dresser", 1.5, 0, 1),
                    ("GarbageCan", 30, 0, 1),
                    ("HandTowelHolder", 25, 5, 4),
                    ("Shelf", 5, 3, 12),
                    ("SideTable", 1, 0.5, 2),
                    ("SinkBasin", 30, 8, 2),
                    ("Toilet", 30, 0, 1),
                    ("ToiletPaperHanger", 25, 0, 1),
                    ("TowelHolder", 25, 5, 2),
                ]
            ),
            surfaces=("CounterTop", "Shelf"),
            common=_words("Candle Cloth HandTowel SoapBar SoapBottle SprayBottle ToiletPaper Towel"),
            rare=_words("DishSponge Plunger TissueBox"),
        ),
    }
)

ROOMS_OF_TASK: Final = MappingProxyType[TaskType, tuple[RoomKind, ...]](
    {
        "pick_and_place_simple": ("kitchen", "living room", "bedroom", "bathroom"),
        "look_at_obj_in_light": ("living room", "bedroom"),
        "pick_clean_then_place_in_recep": ("kitchen", "bathroom"),
        "pick_heat_then_place_in_recep": ("kitchen",),
        "pick_cool_then_place_in_recep": ("kitchen",),
        "pick_two_obj_and_place": ("kitchen", "living room", "bedroom", "bathroom"),
    }
)
"""Where each type of task is set, as in ALFRED."""

SHARING: Final = MappingProxyType(
    {
        ("Cabinet", "Cabinet"): 0.3,
        ("CoffeeMachine", "CounterTop"): 0.25,
        ("CounterTop", "Toaster"): 0.3,
        ("Desk", "Drawer"): 0.1,
        ("Drawer", "Drawer"): 0.25,
        ("Drawer", "Dresser"): 0.2,
        ("Drawer", "SideTable"): 0.1,
        ("HandTowelHolder", "TowelHolder"): 0.05,
        ("Shelf", "Shelf"): 0.2,
        ("StoveBurner", "StoveBurner"): 0.6,
    }
)
"""Chance that a receptacle stands at the location of one of another type: the agent faces both at once."""
