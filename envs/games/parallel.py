"""The PettingZoo view for games in which seats act at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pettingzoo import ParallelEnv

from agentgym.errors import ArgumentError, suggest
from envs.games.table import Table

__all__ = ["GameParallel"]

_Told = dict[str, Any]


class GameParallel(ParallelEnv):  # type: ignore[misc]
    """A game as a PettingZoo `ParallelEnv`: `pettingzoo.make("parallel", "agentgym/goofspiel-v0")`.

    Spaces, observations and infos are those of `Table`. In each step every agent says something; while one is
    asked again after an illegal text, what the others said stands, and what they say meanwhile is ignored.

    Args:
        game: Registered name of a game in which seats act at once.
        max_cycles: Number of steps after which all are truncated; None: never.
        render_mode: "ansi" or None.
        table: Further keywords of `Table`: params, numeric, on_illegal, max_retries, show_legal, split.

    Attributes:
        table: The table, whose `match` holds the play.

    Raises:
        ArgumentError: An argument has a value that cannot be used, or players take turns in this game.
    """

    def __init__(
        self, game: str, *, max_cycles: int | None = None, render_mode: str | None = None, **table: Any
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise suggest("render mode", str(render_mode), ("ansi",))
        self.metadata = {"render_modes": ["ansi"], "name": f"{game}_v0", "is_parallelizable": True}
        self.table = Table(game, **table)
        if not self.table.match.game.facts.simultaneous:
            raise ArgumentError(f"In {game} players take turns. Use pettingzoo.make('aec', ...).")
        self.max_cycles, self.render_mode = max_cycles, render_mode
        self.possible_agents = list(self.table.agents)
        self.agents: list[str] = []

    def observation_space(self, agent: str) -> Any:
        """Return the space of an agent's observations, always the same object."""
        return self.table.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Return the space of an agent's actions, always the same object."""
        return self.table.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, _Told], dict[str, _Told]]:
        """Begin a play (see `Table.deal_out`); return observations and infos by agent."""
        self.table.deal_out(seed, options)
        self.agents = list(self.possible_agents)
        self._returns = self.table.match.returns()
        self._steps = 0
        return self._observations(), self._infos()

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, _Told], dict[str, float], dict[str, bool], dict[str, bool], dict[str, _Told]]:
        """Let everybody act at once.

        Args:
            actions: A text, or the number of an action, of every agent. They may be illegal.

        Returns:
            Observations, rewards, terminations, truncations and infos by agent.
        """
        match = self.table.match
        for seat in match.actors:
            self.table.say(seat, actions[self.possible_agents[seat]])
        self._steps += 1
        before, self._returns = self._returns, match.returns()
        gained = zip(self.possible_agents, self._returns, before, strict=True)
        rewards = {agent: now - then for agent, now, then in gained}
        truncated = not match.over and self.max_cycles is not None and self._steps >= self.max_cycles
        if match.over or truncated:
            self.agents = []
        over = dict.fromkeys(self.possible_agents, match.over)
        cut = dict.fromkeys(self.possible_agents, truncated)
        return self._observations(), rewards, over, cut, self._infos()

    def render(self) -> str | None:
        """Return what player 0 sees, for "ansi"; else None."""
        return None if self.render_mode is None else self.table.match.observation(0)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _observations(self) -> dict[str, _Told]:
        return {agent: self.table.seats.observe(seat) for seat, agent in enumerate(self.possible_agents)}

    def _infos(self) -> dict[str, _Told]:
        return {agent: self.table.info(seat) for seat, agent in enumerate(self.possible_agents)}
