"""Who may enter the arena: strategies of the suite, and agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout.seats import AgentAtTables, Asked, Player
from agentgym.trajectory import Decision
from envs.games.arena.sittings import GameTable
from envs.games.opponents import Strategy, make_strategy, opponent_specs
from envs.games.protocol import TextGame

__all__ = ["Contestant", "contestant"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody in the arena.

    Attributes:
        spec: As it was given, e.g. "mcts:100" or "hf:runs/selfplay/mars/model".
        name: Versioned name of a strategy; the specification of an agent.
        player: Who answers.
        strategy: Whether it is a strategy of the suite, which plays the same on every machine.
    """

    spec: str
    name: str
    player: Player[GameTable]
    strategy: bool


@dataclass(frozen=True, slots=True)
class _StrategyAtTables:
    """A strategy as a player: it looks at the states."""

    strategy: Strategy

    def answer(self, asked: Sequence[Asked[GameTable]]) -> Sequence[Decision]:
        """Choose for each seat by the turn's own chance."""
        return [Decision(self.strategy.act(one.table.match.state, one.seat, one.turn.rng())) for one in asked]


def contestant(spec: str, game: TextGame, **options: Any) -> Contestant:
    """Make a contestant.

    Args:
        spec: A strategy such as "random", "expert", "minimax", "mcts:100" or "nash", else an agent such as
            "hf:<folder>" or "openai:<url>#<model>".
        game: The game.
        options: Options of an agent, e.g. temperature.

    Raises:
        UnknownNameError: It is neither.
        ArgumentError: It cannot play the game.
    """
    kind = spec.partition(":")[0]
    known = {form.partition(":")[0].partition("[")[0] for form in opponent_specs()} - {"agent", "self"}
    if kind in known:
        strategy = make_strategy(spec, game)
        return Contestant(spec, strategy.name, _StrategyAtTables(strategy), True)
    try:
        agent = make_agent(spec.removeprefix("agent:"), **options)
    except UnknownNameError as error:
        raise UnknownNameError(f"{error} Strategies of the arena: {', '.join(sorted(known))}.") from error
    if agent.wants_oracle:
        raise ArgumentError(f"{spec!r} waits to be told what the expert does. Pass 'expert' instead.")
    return Contestant(spec, agent.spec, AgentAtTables(agent), False)
