"""What users of generated tasks ask for, by service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from envs.tooluse.functions.generator.request import Request
from envs.tooluse.functions.generator.requests import (
    files,
    mathematics,
    messages,
    tickets,
    trading,
    travel,
    twitter,
    vehicle,
)

__all__ = ["REQUESTS"]

REQUESTS: Final[Mapping[str, tuple[Request, ...]]] = {
    "GorillaFileSystem": files.REQUESTS,
    "MathAPI": mathematics.REQUESTS,
    "MessageAPI": messages.REQUESTS,
    "TwitterAPI": twitter.REQUESTS,
    "TicketAPI": tickets.REQUESTS,
    "TradingBot": trading.REQUESTS,
    "TravelAPI": travel.REQUESTS,
    "VehicleControlAPI": vehicle.REQUESTS,
}
