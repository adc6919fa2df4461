"""The services of ours that can be served, by name."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentgym.errors import ArgumentError, suggest
from envs.tooluse.core import Service, Tool, Toolbox, tool, toolbox
from envs.tooluse.functions.document import own_documents
from envs.tooluse.functions.services import SERVICES, answer_text

__all__ = ["Served", "open_service", "service_names"]


@dataclass(frozen=True, slots=True)
class Served:
    """Tools, and the state behind them.

    Attributes:
        name: The service's name.
        tools: Its tools.
        state: Returns the present state as a JSON value.
    """

    name: str
    tools: Toolbox
    state: Callable[[], Any]


def service_names() -> tuple[str, ...]:
    """List the services."""
    return (*_OPENERS, *SERVICES)


def open_service(name: str) -> Served:
    """Open a service in its first state.

    Args:
        name: One of `service_names()`, or "module:Class" of a `Service` that is made without arguments.

    Raises:
        UnknownNameError: There is none of this name.
        ArgumentError: "module:Class" names no service.
    """
    if name in _OPENERS:
        return _OPENERS[name]()
    if name in SERVICES:
        return _functions(name)
    if ":" in name:
        return _of_service(name, _imported(name))
    raise suggest("service", name, service_names())


def _stockroom() -> Served:
    from envs.tooluse.mcp.stockroom import Stockroom, shelves_of

    room = Stockroom(shelves_of("train/move/0"))

    def prepare(task: str) -> str:
        """Set the shelves up for a task.

        Args:
            task: The id of the task, such as "train/move/0".
        """
        room.load(shelves_of(task))
        return "The shelves are ready."

    return Served("stockroom", toolbox((tool(prepare), *room.tools.values())), room.save)


def _shop() -> Served:
    from envs.tooluse.customer.database import Database
    from envs.tooluse.customer.shop.domain import ShopDomain

    domain = ShopDomain()
    desk = domain.service(Database(domain.base(domain.tasks("train")[0])))
    return _of_service("shop", desk)


def _of_service(name: str, service: Service) -> Served:
    return Served(name, service.tools, service.save)


def _imported(entry_point: str) -> Service:
    module, _, path = entry_point.partition(":")
    try:
        kind = getattr(importlib.import_module(module), path)
    except (ImportError, AttributeError, ValueError) as error:
        raise ArgumentError(f"There is no service {entry_point!r}: {error}. Pass module:Class.") from error
    if not (isinstance(kind, type) and issubclass(kind, Service)):
        raise ArgumentError(f"{entry_point} is no Service. Derive it from envs.tooluse.core.Service.")
    return kind()


def _functions(name: str) -> Served:
    service = SERVICES[name]()

    def answering(function: Callable[..., Any]) -> Callable[..., str]:
        return lambda **arguments: answer_text(function(**arguments))

    tools = [
        document.tool(answering(getattr(service, document.name))) for document in own_documents(name).values()
    ]
    return Served(
        name, toolbox(tools), lambda: json.loads(json.dumps(service.canonical_state(), default=repr))
    )


def _calculator() -> Served:
    from envs.tooluse.python.calculator import calculator

    return _stateless("calculator", tool(calculator))


def _python() -> Served:
    from envs.tooluse.python.notebook import PythonTool
    from envs.tooluse.python.sandbox import Limits, open_sandbox

    limits = Limits()
    return _stateless("python", PythonTool(open_sandbox(limits=limits), limits, notebook=False).python)


def _search() -> Served:
    from envs.tooluse.search.sources import World
    from envs.tooluse.search.tool import SearchTool
    from envs.tooluse.search.world import TYPES

    source = World(TYPES)
    return _stateless("search", SearchTool(source, source.tasks("train")[0], 3).search)


def _stateless(name: str, only: Tool) -> Served:
    return Served(name, toolbox((only,)), lambda: None)


_OPENERS: Final[Mapping[str, Callable[[], Served]]] = {
    "stockroom": _stockroom,
    "shop": _shop,
    "calculator": _calculator,
    "python": _python,
    "search": _search,
}
