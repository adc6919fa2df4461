"""The PettingZoo view for turn games, and for simultaneous ones with the moves collected one by one."""

from __future__ import annotations

from typing import Any

from pettingzoo import AECEnv

from agentgym.errors import suggest
from envs.games.table import Table

__all__ = ["GameAEC"]


class GameAEC(AECEnv):  # type: ignore[misc]
    """A game as a PettingZoo `AECEnv`: `pettingzoo.make("aec", "agentgym/kuhn_poker-v0")`.

    Agents are "player_0", "player_1", ...; their spaces and infos are those of `Table`. The info of an agent
    that waits is empty. A reward is what the agent got since it last acted, forfeits included.

    Args:
        game: Registered name.
        max_cycles: Number of steps (one action of one agent each) after which all are truncated; None: never.
        render_mode: "ansi" or None.
        table: Further keywords of `Table`: params, numeric, on_illegal, max_retries, show_legal, split.

    Attributes:
        table: The table, whose `match` holds the play.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
    """

    def __init__(
        self, game: str, *, max_cycles: int | None = None, render_mode: str | None = None, **table: Any
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise suggest("render mode", str(render_mode), ("ansi",))
        self.metadata = {"render_modes": ["ansi"], "name": f"{game}_v0", "is_parallelizable": False}
        self.table = Table(game, **table)
        self.max_cycles, self.render_mode = max_cycles, render_mode
        self.possible_agents = list(self.table.agents)
        self.agents: list[str] = []

    def observation_space(self, agent: str) -> Any:
        """Return the space of an agent's observations, always the same object."""
        return self.table.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Return the space of an agent's actions, always the same object."""
        return self.table.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin a play: see `Table.deal_out`."""
        self.table.deal_out(seed, options)
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self._returns = self.table.match.returns()
        self._steps = 0
        self._skip_agent_selection = None
        self._select()

    def step(self, action: Any) -> None:
        """Let the selected agent act; an agent that is out acts with None.

        Args:
            action: A text or, in the numeric view, the number of an action. It may be illegal.
        """
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self.table.say(self.possible_agents.index(agent), action)
        self._steps += 1
        self._cumulative_rewards[agent] = 0.0
        self._pay()
        if self.table.match.over:
            self.terminations = dict.fromkeys(self.agents, True)
        elif self.max_cycles is not None and self._steps >= self.max_cycles:
            self.truncations = dict.fromkeys(self.agents, True)
        self._select()

    def observe(self, agent: str) -> dict[str, Any]:
        """Return what an agent sees now."""
        return self.table.seats.observe(self.possible_agents.index(agent))

    def render(self) -> str | None:
        """Return what the selected agent sees, for "ansi"; else None."""
        seat = self.possible_agents.index(self.agent_selection)
        return None if self.render_mode is None else self.table.match.observation(seat)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _pay(self) -> None:
        returns = self.table.match.returns()
        if returns == self._returns:
            self.rewards = dict.fromkeys(self.possible_agents, 0.0)
            return
        gained = zip(self.possible_agents, returns, self._returns, strict=True)
        self.rewards = {agent: now - then for agent, now, then in gained}
        self._returns = returns
        self._accumulate_rewards()

    def _select(self) -> None:
        actors = self.table.match.actors
        acting = actors[0] if actors else 0
        self.agent_selection = self.possible_agents[acting]
        done = not actors or self.truncations[self.agent_selection]
        self.infos = {
            agent: self.table.info(seat) if done or seat == acting else {}
            for seat, agent in enumerate(self.possible_agents)
        }
