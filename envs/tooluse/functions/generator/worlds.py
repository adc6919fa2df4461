"""Scenarios of generated tasks, and the values that requests are filled with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from envs.tooluse.functions.generator.words import NAMES, Draw
from envs.tooluse.functions.services.files import GorillaFileSystem
from envs.tooluse.functions.services.flights import CITIES, CLASSES, ROUTES
from envs.tooluse.functions.services.messages import MessageAPI
from envs.tooluse.functions.services.tickets import TicketAPI
from envs.tooluse.functions.services.trading import SYMBOLS, TradingBot
from envs.tooluse.functions.services.travel import TravelAPI
from envs.tooluse.functions.services.tree import Directory, File
from envs.tooluse.functions.services.twitter import TwitterAPI
from envs.tooluse.functions.services.vehicle import ZIP_CODES

__all__ = ["SCENARIOS", "SLOTS", "Slots"]

Slots = Mapping[str, Any]

_EXTENSIONS: Final = (".txt", ".csv", ".md", ".log")
_COMPANIES: Final = ("Apple", "Google", "Tesla", "Microsoft", "Nvidia")
_STOCKS: Final = ("AAPL", "GOOG", "TSLA", "MSFT", "NVDA", "ALPH", "OMEG", "QUAS", "NEPT", "SYNX", "ZETA")
_CURRENCIES: Final = ("EUR", "JPY", "GBP", "CAD", "AUD", "INR", "MXN")
_DOORS: Final = ("driver", "passenger", "rear_left", "rear_right")


def _money(draw: Draw) -> float:
    return draw.between(10, 900) + draw.between(0, 3) / 4


def _date(draw: Draw) -> str:
    return f"2025-{draw.between(1, 12):02d}-{draw.between(1, 28):02d}"


def _files(draw: Draw) -> dict[str, Any]:
    def text() -> dict[str, Any]:
        return {"type": "file", "content": "\n".join(draw.text() for _ in range(draw.between(1, 3)))}

    contents: dict[str, Any] = {
        draw.name() + draw.one_of(_EXTENSIONS): text() for _ in range(draw.between(2, 4))
    }
    for _ in range(draw.between(1, 2)):
        inner = {draw.name() + ".txt": text() for _ in range(draw.between(0, 2))}
        contents[draw.name()] = {"type": "directory", "contents": inner}
    return {"root": {"home": {"type": "directory", "contents": contents}}}


def _files_slots(service: GorillaFileSystem, draw: Draw) -> Slots:
    here = service._current
    files = [name for name, item in here.contents.items() if isinstance(item, File)]
    folders = [name for name, item in here.contents.items() if isinstance(item, Directory)]
    return {
        "file": draw.one_of(files or ["missing.txt"]),
        "folder": draw.one_of(folders or ["missing"]),
        "new_file": draw.name() + draw.one_of(_EXTENSIONS),
        "new_folder": draw.name(),
        "text": draw.text(),
        "word": draw.text().split()[2],
        "lines": draw.between(1, 3),
    }


def _math(draw: Draw) -> dict[str, Any]:
    return {}


def _math_slots(service: Any, draw: Draw) -> Slots:
    numbers = [draw.between(1, 99) for _ in range(draw.between(3, 5))]
    unit_in, unit_out = draw.some_of(("km", "m", "cm", "mm"), 2)
    return {
        "a": draw.between(2, 999),
        "b": draw.between(2, 99),
        "numbers": numbers,
        "listed": ", ".join(map(str, numbers)),
        "digits": draw.between(3, 9),
        "unit_in": unit_in,
        "unit_out": unit_out,
    }


def _messages(draw: Draw) -> dict[str, Any]:
    names = draw.some_of(NAMES, draw.between(3, 5))
    ids = {name: f"USR{number:03d}" for number, name in enumerate(names, 1)}
    inbox = [{draw.one_of(list(ids.values())): draw.text()} for _ in range(draw.between(1, 3))]
    return {
        "user_map": ids,
        "user_count": len(ids),
        "inbox": inbox,
        "message_count": len(inbox),
        "current_user": "USR001",
    }


def _messages_slots(service: MessageAPI, draw: Draw) -> Slots:
    user = draw.one_of(list(service.user_map))
    return {
        "user": user,
        "user_id": service.user_map[user],
        "new_user": draw.one_of(NAMES),
        "text": draw.text(),
        "word": draw.text().split()[2],
    }


def _twitter(draw: Draw) -> dict[str, Any]:
    count = draw.between(2, 4)
    tweets = {
        str(number): {
            "id": number,
            "username": draw.one_of(NAMES).lower(),
            "content": draw.text(),
            "tags": [],
            "mentions": [],
        }
        for number in range(count)
    }
    following = [name.lower() for name in draw.some_of(NAMES, 2)]
    return {
        "username": "me",
        "authenticated": True,
        "tweets": tweets,
        "tweet_counter": count,
        "following_list": following,
    }


def _twitter_slots(service: TwitterAPI, draw: Draw) -> Slots:
    return {
        "tweet": draw.one_of(list(service.tweets)),
        "text": draw.text(),
        "tag": f"#{draw.text().split()[3]}",
        "word": draw.text().split()[3],
        "person": draw.one_of(NAMES).lower(),
        "followed": draw.one_of(service.following_list or ["nobody"]),
    }


def _tickets(draw: Draw) -> dict[str, Any]:
    count = draw.between(2, 4)
    queue = [
        {
            "id": 100 + number,
            "title": draw.text(),
            "description": "",
            "status": "Open",
            "priority": draw.between(1, 5),
            "created_by": "me",
        }
        for number in range(count)
    ]
    return {"ticket_queue": queue, "ticket_counter": 100 + count, "current_user": "me"}


def _tickets_slots(service: TicketAPI, draw: Draw) -> Slots:
    return {
        "ticket": draw.one_of(service.ticket_queue)["id"],
        "text": draw.text(),
        "title": draw.name().replace("_", " "),
        "priority": draw.between(1, 5),
    }


def _trading(draw: Draw) -> dict[str, Any]:
    return {
        "authenticated": True,
        "market_status": "Open",
        "order_counter": 12447,
        "watch_list": draw.some_of(_STOCKS, 2),
        "random_seed": draw.between(1, 1 << 30),
    }


def _trading_slots(service: TradingBot, draw: Draw) -> Slots:
    company = draw.one_of(_COMPANIES)
    return {
        "symbol": draw.one_of(_STOCKS),
        "watched": draw.one_of(service.watch_list or ["none"]),
        "company": company,
        "company_symbol": SYMBOLS[company],
        "order": draw.one_of(list(service.orders)),
        "amount": draw.between(1, 5),
        "price": _money(draw),
        "money": _money(draw),
    }


def _travel(draw: Draw) -> dict[str, Any]:
    card = f"card_{draw.between(100, 999)}"
    return {
        "credit_card_list": {card: {"card_number": "0000", "balance": float(draw.between(20, 90) * 1000)}},
        "access_token": f"token{draw.between(1000, 9999)}",
        "token_expires_in": 3600,
        "random_seed": draw.between(1, 1 << 30),
    }


def _travel_slots(service: TravelAPI, draw: Draw) -> Slots:
    start, goal = draw.one_of(list(ROUTES))
    city = draw.one_of(list(CITIES))
    return {
        "token": service.access_token,
        "card": draw.one_of(list(service.credit_card_list)),
        "booking": draw.one_of(list(service.booking_record) or ["none"]),
        "start": start,
        "goal": goal,
        "city": city,
        "date": _date(draw),
        "class": draw.one_of(list(CLASSES)),
        "money": float(draw.between(1, 99) * 100),
        "currency": draw.one_of(_CURRENCIES),
    }


def _vehicle(draw: Draw) -> dict[str, Any]:
    return {
        "fuelLevel": float(draw.between(1, 30)),
        "doorStatus": {door: draw.one_of(("locked", "unlocked")) for door in _DOORS},
        "headLightStatus": draw.one_of(("on", "off")),
        "random_seed": draw.between(1, 1 << 30),
    }


def _vehicle_slots(service: Any, draw: Draw) -> Slots:
    city = draw.one_of(list(ZIP_CODES))
    return {
        "gallons": draw.between(1, 19),
        "door": draw.one_of(_DOORS),
        "degrees": draw.between(16, 28),
        "part": draw.one_of(("fuel", "battery", "doors", "climate", "headlights", "engine")),
        "light": draw.one_of(("on", "off")),
        "city": city,
        "street": f"{draw.between(1, 99)} {draw.text().split()[3].title()} Street, {city}",
        "miles": draw.between(50, 900),
    }


SCENARIOS: Final[Mapping[str, Callable[[Draw], dict[str, Any]]]] = {
    "GorillaFileSystem": _files,
    "MathAPI": _math,
    "MessageAPI": _messages,
    "TwitterAPI": _twitter,
    "TicketAPI": _tickets,
    "TradingBot": _trading,
    "TravelAPI": _travel,
    "VehicleControlAPI": _vehicle,
}
SLOTS: Final[Mapping[str, Callable[[Any, Draw], Slots]]] = {
    "GorillaFileSystem": _files_slots,
    "MathAPI": _math_slots,
    "MessageAPI": _messages_slots,
    "TwitterAPI": _twitter_slots,
    "TicketAPI": _tickets_slots,
    "TradingBot": _trading_slots,
    "TravelAPI": _travel_slots,
    "VehicleControlAPI": _vehicle_slots,
}
