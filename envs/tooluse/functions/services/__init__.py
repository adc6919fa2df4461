"""The eight stateful services of the Berkeley function-calling benchmark, implemented anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from envs.tooluse.functions.services.files import GorillaFileSystem
from envs.tooluse.functions.services.filler import OWN_FILLER, Filler, read_filler
from envs.tooluse.functions.services.mathematics import MathAPI
from envs.tooluse.functions.services.messages import MessageAPI
from envs.tooluse.functions.services.service import FunctionService, Scenario, answer_text
from envs.tooluse.functions.services.tickets import TicketAPI
from envs.tooluse.functions.services.trading import TradingBot
from envs.tooluse.functions.services.travel import TravelAPI
from envs.tooluse.functions.services.twitter import TwitterAPI
from envs.tooluse.functions.services.vehicle import VehicleControlAPI

__all__ = ["OWN_FILLER", "SERVICES", "Filler", "FunctionService", "Scenario", "answer_text", "read_filler"]

SERVICES: Final[Mapping[str, type[FunctionService]]] = {
    service.__name__: service
    for service in (
        GorillaFileSystem,
        MathAPI,
        MessageAPI,
        TwitterAPI,
        TicketAPI,
        TradingBot,
        TravelAPI,
        VehicleControlAPI,
    )
}
