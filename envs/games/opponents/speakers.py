"""Players who read: any function, and the agents of the suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentgym.agents import make_agent
from agentgym.agents.protocol import Agent, decisions_of
from agentgym.trajectory import Turn
from envs.games.match import Match

__all__ = ["AgentPlayer", "Callback", "Speaker"]

Speaker = Callable[[str, dict[str, Any]], str]
"""(observation, what it is told besides) -> text."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A function that reads an observation and says something.

    Attributes:
        speaker: Called with the observation and the dictionary of `told_to`.
    """

    speaker: Speaker
    name: str = "callback"

    def speak(self, match: Match, seat: int, rng: np.random.Generator) -> str:
        """Ask the function."""
        return self.speaker(match.observation(seat), told_to(match, seat))


class AgentPlayer:
    """An agent of the suite at another seat.

    It sees each observation by itself, which holds the position and the public history; the rules are in its
    instruction.

    Args:
        spec: As for `agentgym.agents.make_agent`, e.g. "hf:<folder>".
    """

    def __init__(self, spec: str) -> None:
        self.name = f"agent:{spec}"
        self._agent: Agent = make_agent(spec)

    def speak(self, match: Match, seat: int, rng: np.random.Generator) -> str:
        """Ask the agent."""
        turn = Turn(
            env_id=match.game.facts.name,
            episode=0,
            seed=int(rng.integers(1 << 31)),
            observation=match.observation(seat),
            info=told_to(match, seat),
            history=(),
        )
        (decision,) = decisions_of(self._agent, [turn])
        return decision.action


def told_to(match: Match, seat: int) -> dict[str, Any]:
    """Return what a seat is told beside the observation; nothing in it is secret from the seat."""
    return {
        "instruction": match.prefaces[seat],
        "admissible_actions": match.legal(seat),
        "seat": seat,
        "infostate_key": match.infostate_key(seat),
    }
