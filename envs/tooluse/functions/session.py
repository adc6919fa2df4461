"""The services of one episode, and the running of calls on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.services import SERVICES, Filler, Scenario, answer_text

__all__ = ["Session", "State", "state_digest"]

State: TypeAlias = Mapping[str, Mapping[str, Any]]


class Session:
    """Fresh instances of services.

    Args:
        services: Their names. Where two have a function of one name, the later one answers.
        scenario: Initial fields by service.
        filler: Padding of answers; None for none.

    Raises:
        DataError: A field of the scenario has a value of the wrong kind.
    """

    def __init__(
        self, services: Sequence[str], scenario: Mapping[str, Scenario], filler: Filler | None = None
    ) -> None:
        self.services = {name: SERVICES[name](scenario.get(name), filler=filler) for name in services}

    def run(self, call: ToolCall) -> str:
        """Run a call and return its answer as text. What a function raises is told, never raised."""
        for service in reversed(self.services.values()):
            function = getattr(service, call.name, None)
            if function is not None and not call.name.startswith("_"):
                break
        else:
            return f"Error during execution: name '{call.name}' is not defined"
        try:
            return answer_text(function(**call.arguments))
        except Exception as error:  # whatever a function raises is told to the agent, as a server would
            return f"Error during execution: {error}"

    def state(self) -> State:
        """Copy the public state, which is what the checker compares."""
        return {name: service.canonical_state() for name, service in self.services.items()}

    def private_state(self) -> dict[str, str]:
        """Tell what decides the future and is not compared, by service; the generators aside."""
        return {name: service.private_state() for name, service in self.services.items()}


def state_digest(state: State) -> str:
    """SHA-256 of a state's canonical JSON; what JSON cannot hold is written by `repr`."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), default=repr)
    return sha256(text.encode("ascii")).hexdigest()
