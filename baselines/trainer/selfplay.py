"""Self-play: the policy holds all seats of a game, or all but those of a past self from the league.

A group is one deal with one seating, played several times. Each seat of the policy is an episode of its own,
in a group of its own, because returns of different seats do not compare; the batch's `agent` tells the roles
apart, a role being a seat of a game. What it yields is in no way different from episodes against the others'
recorded texts: `agentgym replay` executes them.

How it differs from MARS and SPIRAL: several plays of one deal form a group, for estimators that compare
within groups (group_size 1 is theirs); the opponent is the present policy or a copy from the league.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from agentgym.agents.hf import HFAgent
from agentgym.rollout.seats import AgentAtTables, Sitting, play_tables
from agentgym.trajectory import Trajectory
from baselines.models.companion import Play
from baselines.trainer.groups import Group, GroupPlay
from baselines.trainer.policy import Policy
from envs.games.arena.sittings import GameTable, Room, SeatRecord, seat_records
from envs.games.deals import drawn_deal
from envs.games.yardsticks.reading import read_policy, stand

__all__ = ["SelfPlay"]

_STRIDE = 16
"""Groups, episodes and roles of a play are numbered from 16 times its own number: no game has more seats."""


class _Seating(NamedTuple):
    """How a group is played: where, which deal, and which member of the league sits at which seat."""

    room: Room
    deal: str
    member: int | None
    seat: int

    @property
    def learners(self) -> list[int]:
        """The seats of the policy."""
        return [seat for seat in range(self.room.seats) if self.member is None or seat != self.seat]

    @property
    def players(self) -> list[int]:
        """Number of the player at each seat: 0 is the policy, 1 the oldest member of the league."""
        return [0 if seat in self.learners else 1 + (self.member or 0) for seat in range(self.room.seats)]


class SelfPlay:
    """Plays groups with all seats taken, and keeps the league.

    Args:
        policy: Who plays and is trained; `config.selfplay` names the games.

    Raises:
        ArgumentError: An id is no game of several players.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy, self._config = policy, policy.config.selfplay
        self._rooms = [Room(env_id, policy.config.env_options) for env_id in self._config.envs]
        self._league: dict[str, HFAgent] = {}  # by the number of updates after which a copy joined

    def play(self, groups: Sequence[Group], *, noise: int) -> list[GroupPlay]:
        """Play groups; the k-th group plays the game number k modulo their number.

        Args:
            groups: The groups.
            noise: Seed of all players' chance.
        """
        seatings = {group.number: self._seating(group) for group in groups}
        sittings = [
            seatings[group.number].room.sitting(
                group.number * group.size + member,
                seatings[group.number].deal,
                seatings[group.number].players,
            )
            for group in groups
            for member in range(group.size)
        ]
        players = [AgentAtTables(agent) for agent in (self._policy.agent(), *self._league.values())]
        slots = self._policy.config.rollout.slots
        over = {
            s.number: (s, table) for s, table in play_tables(sittings, players, agent_seed=noise, slots=slots)
        }
        return [self._played(group, seatings[group.number], over) for group in groups]

    def after(self, updates: int) -> None:
        """Let a copy of the policy join the league if it is time; the oldest leaves when there is no room."""
        every = self._config.league_every
        if every and updates % every == 0:
            self._join(str(updates), {name: p.detach().clone() for name, p in self._policy.trained()})
            while len(self._league) > self._config.league_size:
                del self._league[next(iter(self._league))]

    def roles(self, play: Play) -> Play:
        """Tell the roles apart: `agent` becomes 16 times the number of the game, plus the seat."""
        number = {room.env_id: k for k, room in enumerate(self._rooms)}
        role = np.array([_STRIDE * number[t.env_id] + t.seat for t in play.trajectories], np.int64)
        return play._replace(batch=play.batch.with_columns(agent=role[play.batch.episode]))

    def summarise(self, trajectories: Sequence[Trajectory]) -> dict[str, float]:
        """Return the mean return of each role."""
        returns: dict[str, list[float]] = {}
        for t in trajectories:
            returns.setdefault(f"return {_name(t.env_id)} {t.seat}", []).append(t.total_reward)
        return {name: float(np.mean(values)) for name, values in sorted(returns.items())}

    def measure(self) -> dict[str, float]:
        """Return the exploitability of the policy in the games where it is to be measured."""
        found, kwargs = {}, self._policy.config.env_options
        for env_id in self._config.measured:
            reading = read_policy(env_id, self._policy.agent(), env_kwargs=kwargs)
            standing = stand(env_id, reading, env_kwargs=kwargs)
            found[f"exploitability {_name(env_id)}"] = standing.exploitability
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return the weights of the league's members."""
        trained = {name for name, _ in self._policy.trained()}
        return {
            joined: {name: p for name, p in agent.model.named_parameters() if name in trained}
            for joined, agent in self._league.items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._league = {}
        for joined, weights in state.items():
            self._join(joined, weights)

    def _join(self, joined: str, weights: Mapping[str, torch.Tensor]) -> None:
        agent = self._policy.agent()
        agent.model = copy.deepcopy(self._policy.model).requires_grad_(False).eval()
        with torch.no_grad():
            for name, parameter in agent.model.named_parameters():
                if name in weights:
                    parameter.copy_(weights[name])
        self._league[joined] = agent

    def _seating(self, group: Group) -> _Seating:
        rng = np.random.default_rng(group.seed)
        room, deal = self._rooms[group.number % len(self._rooms)], drawn_deal("train", rng)
        against = bool(rng.random() < self._config.league_share) and bool(self._league)
        member = int(rng.integers(len(self._league))) if against else None
        return _Seating(room, deal, member, int(rng.integers(room.seats)))

    def _played(
        self, group: Group, seating: _Seating, over: Mapping[int, tuple[Sitting[GameTable], GameTable]]
    ) -> GroupPlay:
        records = []
        for member in range(group.size):
            sitting, table = over[group.number * group.size + member]
            records += [
                SeatRecord(
                    seating.room,
                    sitting,
                    seating.deal,
                    seat,
                    episode=_STRIDE * sitting.number + seat,
                    group=_STRIDE * group.number + seat,
                    agent="hf",
                )
                for seat in seating.learners
                if not table.cut
            ]
        trajectories = list(seat_records(records))
        tokens = sum(t.tokens for t in trajectories)
        return GroupPlay(group, trajectories, node=[], trained=[], value=[], tokens=tokens)


def _name(env_id: str) -> str:
    return env_id.rpartition("/")[2].partition("-")[0]
