"""The padding of the long-context category: texts and lists that make answers long.

The benchmark keeps its padding in a source file, `long_context.py`. Where that file lies beside the data it
is read (as literals; it is never run), and outputs are the benchmark's own. Else the padding is ours, of the
same kinds and about the same lengths: the few reference calls that quote the benchmark's padding then differ
from what an agent can read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from agentgym.errors import DataError

__all__ = ["OWN_FILLER", "Filler", "read_filler"]

_MAX_BYTES: Final = 4_000_000


@dataclass(frozen=True)
class Filler:
    """The pieces of padding; a field is named as its constant in `long_context.py`, in lower case.

    Attributes:
        file_content_extension: Appended to every file that is not in `files_tail_used`.
        files_tail_used: Names of files whose last lines are asked for: they stay as they are.
        populate_file_extension: Names of the empty files added to every innermost folder.
        watch_list_extension: Stock symbols appended to a watch list that is shown.
        technology_extension: Stock symbols appended to the sector Technology.
        automobile_extension: Stock symbols appended to the sector Automobile.
        ma_5_extension: Shown as the short moving average of every stock.
        ma_20_extension: Shown as the long moving average of every stock.
        order_detail_extension: Texts shown with every order; `{symbol}` stands for its stock.
        transaction_history_extension: Transactions shown after the true ones.
        credit_card_extension: Further cards, by id.
        booking_record_extension: Further bookings, by id.
        car_status_metadata_extension: Shown with every status of the car.
        parking_brake_instruction: Shown when the parking brake is used.
        intermediary_cities: Shown with every distance.
        long_weather_extension: Shown with the outside temperature.
    """

    file_content_extension: str
    files_tail_used: list[str]
    populate_file_extension: list[str]
    watch_list_extension: list[str]
    technology_extension: list[str]
    automobile_extension: list[str]
    ma_5_extension: list[float]
    ma_20_extension: list[float]
    order_detail_extension: Mapping[str, str]
    transaction_history_extension: list[Mapping[str, Any]]
    credit_card_extension: Mapping[str, Mapping[str, Any]]
    booking_record_extension: Mapping[str, Mapping[str, Any]]
    car_status_metadata_extension: str
    parking_brake_instruction: str
    intermediary_cities: list[str]
    long_weather_extension: Mapping[str, Any]


def _symbols(count: int, offset: int) -> list[str]:
    """Make four-letter symbols, all different, that no real stock of the service has."""
    letters = "BCDFGHJKLM"
    return [
        "X" + "".join(letters[(number + offset) // 10**place % 10] for place in (2, 1, 0))
        for number in range(count)
    ]


def _averages(count: int, centre: float) -> list[float]:
    return [round(centre + (37 * day % 101 - 50) / 4, 2) for day in range(count)]


def _transactions(count: int) -> list[Mapping[str, Any]]:
    return [
        {
            "type": "deposit" if number % 3 else "withdrawal",
            "amount": round(50 + 173 * number % 9901 + 0.25, 2),
            "timestamp": f"2023-{number % 12 + 1:02d}-{number % 28 + 1:02d} {number % 24:02d}:15:00",
        }
        for number in range(count)
    ]


def _cards(count: int) -> dict[str, Mapping[str, Any]]:
    ids = [f"90000000{number:04d}" for number in range(count)]
    return {
        card: {
            "card_number": f"9000-0000-{number:04d}",
            "expiration_date": f"{number % 12 + 1:02d}/2031",
            "cardholder_name": f"Holder {number}",
            "card_verification_number": 100 + number,
            "balance": 1000.0 + 10 * number,
        }
        for number, card in enumerate(ids)
    }


def _bookings(count: int) -> dict[str, Mapping[str, Any]]:
    return {
        f"past_booking_{number}": {
            "card_id": f"90000000{number:04d}",
            "travel_date": f"2023-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            "travel_from": "SFO",
            "travel_to": "LAX",
            "travel_class": "economy",
            "travel_cost": 200.0,
            "transaction_id": f"7000{number:04d}",
        }
        for number in range(count)
    }


def _sentences(subject: str, count: int) -> str:
    return " ".join(
        f"Note {number} on {subject}: nothing has changed since the last one." for number in range(count)
    )


OWN_FILLER: Final = Filler(
    file_content_extension=" " + _sentences("this file", 45),
    files_tail_used=[],
    populate_file_extension=[f"photo_{1000 + 7 * number}.jpg" for number in range(30)],
    watch_list_extension=_symbols(1000, 0),
    technology_extension=_symbols(500, 0),
    automobile_extension=_symbols(500, 500),
    ma_5_extension=_averages(2000, 220.0),
    ma_20_extension=_averages(2000, 222.0),
    order_detail_extension={
        f"section_{number}": "{symbol}: " + _sentences("the market", 20) for number in range(8)
    },
    transaction_history_extension=_transactions(1000),
    credit_card_extension=_cards(22),
    booking_record_extension=_bookings(16),
    car_status_metadata_extension=_sentences("the car", 90),
    parking_brake_instruction=_sentences("the parking brake", 130),
    intermediary_cities=[f"Waypoint {number}" for number in range(800)],
    long_weather_extension={
        f"{day}_day": {"windSpeed": 10.0 + day, "humidity": 50.0, "visibility": 8.0} for day in range(-7, 8)
    },
)


def read_filler(path: Path) -> Filler:
    """Read the benchmark's padding from its source file, as literals; a file that stays is read once.

    Raises:
        DataError: The file is too large, is no Python, or lacks a constant or holds one of another kind.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}). Pass the benchmark's long_context.py.") from error
    if state.st_size > _MAX_BYTES:
        raise DataError(f"{path} has more than {_MAX_BYTES} bytes. Pass the benchmark's long_context.py.")
    return _read(path, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Filler:
    try:
        module = ast.parse(path.read_text("utf-8"))
        found = {
            target.id.lower(): ast.literal_eval(node.value)
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise DataError(
            f"{path} holds no literals: {error}. Pass the benchmark's long_context.py."
        ) from error
    pieces = {}
    for field in fields(Filler):
        own = getattr(OWN_FILLER, field.name)
        if not isinstance(found.get(field.name), type(own)):
            raise DataError(f"{path} has no {field.name.upper()} that is a {type(own).__name__}.")
        pieces[field.name] = found[field.name]
    return Filler(**pieces)
