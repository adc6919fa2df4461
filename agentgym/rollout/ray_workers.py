"""Rollouts on many machines: Ray actors play shares of a run, each with agents and environments of its own.

All chance of an episode comes from the run's seeds and the episode's number, so it does not matter who plays
it, or beside which others: the trajectories are those of the local collector (for a language model: up to the
rounding of a padded batch).
"""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agentgym.errors import AgentGymError, ArgumentError, require
from agentgym.rollout.isolation import Isolation
from agentgym.rollout.plan import Episode
from agentgym.trajectory import Trajectory

__all__ = ["RayWorkers"]

_Share = tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class RayWorkers:
    """Who plays.

    Attributes:
        address: Of a Ray cluster, e.g. "auto" or "ray://host:10001"; None: one on this machine.
        count: Number of actors; 0: one for each GPU of the cluster, or for each CPU where it has none.
        retries: How often an episode is played again whose actor died, before it counts as a failure.
        modules: What actors import first: modules that register environments or agents of your own.

    Raises:
        ArgumentError: A number is negative.
    """

    address: str | None = None
    count: int = 0
    retries: int = 2
    modules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 0 or self.retries < 0:
            raise ArgumentError(f"count={self.count}, retries={self.retries}: both must be at least 0.")

    @classmethod
    def parse(cls, text: str) -> RayWorkers:
        """Read "ray" or "ray:<address>".

        Raises:
            ArgumentError: It is neither.
        """
        kind, _, address = text.partition(":")
        if kind != "ray":
            raise ArgumentError(f"{text!r} names no workers. Write ray or ray:<address>.")
        return cls(address or None)

    def collect(
        self,
        episodes: Sequence[Episode],
        agent: str,
        options: Mapping[str, Any],
        *,
        agent_seed: int = 0,
        slots: int = 64,
        isolation: Isolation | None = None,
    ) -> Iterator[Trajectory]:
        """Play episodes and yield each trajectory when its share is done.

        An actor that dies is replaced. Its share is halved and played again, until the episode that kills
        actors stands alone; that one becomes a trajectory with an error.

        Args:
            episodes: What to play.
            agent: Specification of the agent, which every actor makes for itself.
            options: Keywords of the agent.
            agent_seed: Seed of the agent's own chance.
            slots: Number of episodes alive at once in one actor.
            isolation: See `agentgym.rollout.collect`.

        Raises:
            AgentGymError: What `collect` raises.
            MissingExtraError: Ray is not installed.
        """
        ray = require("ray", extra="ray", who="--workers ray")
        if not ray.is_initialized():
            ray.init(address=self.address, log_to_driver=False, include_dashboard=False)
        setting = {
            "agent": agent,
            "options": dict(options),
            "agent_seed": agent_seed,
            "slots": slots,
            "isolation": isolation,
            "modules": self.modules,
        }
        cluster = ray.cluster_resources()
        gpus = int(cluster.get("GPU", 0))
        kind = ray.remote(num_cpus=1, num_gpus=1 if gpus else 0)(_Actor)
        count = self.count or gpus or max(1, int(cluster.get("CPU", 1)))
        team = _Team(ray, kind, count, setting)
        try:
            yield from team.play(deque(_shares(episodes, len(team.idle), slots)), self.retries)
        finally:
            team.dismiss()


class _Team:
    """Actors at work. `idle` holds those that wait for a share."""

    def __init__(self, ray: Any, kind: Any, count: int, setting: Mapping[str, Any]) -> None:
        self._ray, self._kind, self._setting = ray, kind, dict(setting)
        self.idle = [self._hire() for _ in range(count)]
        self._busy: dict[Any, tuple[Any, _Share]] = {}

    def play(self, waiting: deque[_Share], retries: int) -> Iterator[Trajectory]:
        """Hand out shares and yield what comes back."""
        deaths: dict[int, int] = {}
        while waiting or self._busy:
            while waiting and self.idle:
                actor, share = self.idle.pop(), waiting.popleft()
                self._busy[actor.play.remote([asdict(episode) for episode in share])] = actor, share
            (done,), _ = self._ray.wait(list(self._busy), num_returns=1)
            actor, share = self._busy.pop(done)
            try:
                lines = self._ray.get(done)
            except self._ray.exceptions.ActorDiedError:
                self.idle.append(self._hire())
                yield from self._mourn(share, waiting, deaths, retries)
                continue
            except self._ray.exceptions.RayTaskError as error:
                raise error.cause if isinstance(error.cause, AgentGymError) else error from None
            self.idle.append(actor)
            yield from map(Trajectory.from_json, lines)

    def dismiss(self) -> None:
        """End all actors."""
        for actor in [*self.idle, *(actor for actor, _ in self._busy.values())]:
            self._ray.kill(actor)

    def _hire(self) -> Any:
        return self._kind.remote(self._setting)

    def _mourn(
        self, share: _Share, waiting: deque[_Share], deaths: dict[int, int], retries: int
    ) -> Iterator[Trajectory]:
        """Play the share of an actor that died again, in halves; give up an episode that dies too often."""
        if len(share) > 1:
            waiting.extend((share[: len(share) // 2], share[len(share) // 2 :]))
            return
        (episode,) = share
        deaths[episode.number] = deaths.get(episode.number, 0) + 1
        if deaths[episode.number] <= retries:
            waiting.append(share)
            return
        yield _failed(episode, self._setting["agent"], f"worker: it died {deaths[episode.number]} times")


class _Actor:
    """Plays shares; lives in a process of Ray's."""

    def __init__(self, setting: Mapping[str, Any]) -> None:
        self._setting = setting
        self._agent: Any = None

    def play(self, share: Sequence[Mapping[str, Any]]) -> list[str]:
        """Play episodes; return their trajectories as JSON."""
        from agentgym.agents import make_agent
        from agentgym.rollout.tries import play

        setting = self._setting
        if self._agent is None:  # here and not at the start, so that a mistake is told as it is
            for module in setting["modules"]:
                importlib.import_module(module)
            self._agent = make_agent(setting["agent"], **setting["options"])
        played = play(
            [Episode(**episode) for episode in share],
            self._agent,
            agent_seed=setting["agent_seed"],
            slots=setting["slots"],
            isolation=setting["isolation"],
        )
        return [trajectory.to_json() for trajectory in played]


def _shares(episodes: Sequence[Episode], actors: int, slots: int) -> list[_Share]:
    """Cut episodes into shares: large enough to fill the slots, and at least four an actor."""
    size = max(1, min(slots, -(-len(episodes) // (4 * actors))))
    return [tuple(episodes[k : k + size]) for k in range(0, len(episodes), size)]


def _failed(episode: Episode, agent: str, why: str) -> Trajectory:
    return Trajectory(
        env_id=episode.env_id,
        env_kwargs=episode.env_kwargs,
        seed=episode.seed,
        task_id=episode.task or "",
        split="",
        episode=episode.number,
        group=episode.group,
        agent=agent,
        steps=(),
        final_observation="",
        error=why,
    )
