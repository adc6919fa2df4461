"""The collector: plays episodes in slots, and asks the agent only for episodes that are alive.

There is no barrier. An episode that ends leaves the batch at once and the next one takes its slot in the
same round.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agentgym.agents.protocol import Agent
from agentgym.api import TextEnv
from agentgym.errors import AgentGymError, ArgumentError
from agentgym.hashing import canonical_json
from agentgym.profiling import timed
from agentgym.registry import make_env
from agentgym.rollout.isolation import IsolatedEnv, Isolation
from agentgym.rollout.plan import Episode
from agentgym.trajectory import EXTRA_COLUMNS, Decision, Step, Trajectory, Turn

__all__ = ["EnvPool", "PooledEnv", "collect", "decide", "reason", "record_step"]

PooledEnv: TypeAlias = TextEnv | IsolatedEnv


class EnvPool:
    """Environments of a run: those that are lent, and by what they were made of those that are free.

    Args:
        isolation: None: they live in this process; else each in a process of its own.
    """

    def __init__(self, isolation: Isolation | None = None) -> None:
        self._idle: dict[bytes, list[PooledEnv]] = defaultdict(list)
        self._lent: dict[int, PooledEnv] = {}
        self._isolation = isolation

    def take(self, episode: Episode) -> PooledEnv:
        """Lend a free environment for the episode, made now if there is none."""
        idle = self._idle[_setting(episode)]
        env = idle.pop() if idle else self._make(episode)
        self._lent[id(env)] = env
        return env

    def give(self, episode: Episode, env: PooledEnv) -> None:
        """Take back an environment that works."""
        del self._lent[id(env)]
        self._idle[_setting(episode)].append(env)

    def drop(self, env: PooledEnv) -> None:
        """Close an environment that raised: nobody may trust its state any more."""
        del self._lent[id(env)]
        with suppress(Exception):  # it may raise again, and it has been reported
            env.close()

    def close(self) -> None:
        """Close all environments, lent ones too: a run that is broken off leaves none open."""
        with ExitStack() as stack:
            for env in (*self._lent.values(), *(env for idle in self._idle.values() for env in idle)):
                stack.callback(env.close)
        self._lent.clear()
        self._idle.clear()

    def _make(self, episode: Episode) -> PooledEnv:
        if self._isolation is None:
            return make_env(episode.env_id, **episode.env_kwargs)
        return IsolatedEnv(episode.env_id, episode.env_kwargs, limit_s=self._isolation.limit_s)


@dataclass(slots=True)
class _Slot:
    """One live episode."""

    episode: Episode
    env: PooledEnv
    tries: int = 1
    observation: str = ""
    info: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    model_s: float = 0.0
    env_s: float = 0.0
    oracle_action: str | None = None
    error: str | None = None
    over: bool = False

    @property
    def env_failed(self) -> bool:
        """Whether the episode broke off because of its environment."""
        return self.error is not None and not self.error.startswith("agent:")


def collect(
    episodes: Iterable[Episode],
    agent: Agent,
    *,
    agent_seed: int = 0,
    slots: int = 64,
    isolation: Isolation | None = None,
) -> Iterator[Trajectory]:
    """Play episodes and yield each trajectory as its episode ends.

    An environment that raises ends its own episode with `Trajectory.error`; so does an agent that raises on
    one turn. The order in which trajectories come depends on their lengths; their contents do not depend on
    `slots` (for a language model: up to the rounding of a padded batch).

    Args:
        episodes: What to play, started in this order. It is asked for more whenever a slot is free, also
            after it had none.
        agent: Who acts.
        agent_seed: Seed of the agent's own chance.
        slots: Number of episodes alive at once.
        isolation: Environments get processes of their own, so that one that hangs or dies is replaced, and
            its episode played again from the start before it counts as a failure. None: they are trusted.

    Raises:
        ArgumentError: `slots` is not positive.
        UnknownNameError: An environment or task does not exist.
    """
    if slots < 1:
        raise ArgumentError(f"`slots` is {slots}. At least 1 episode must be alive at a time.")
    pool, waiting = EnvPool(isolation), iter(episodes)
    live: list[_Slot] = []
    try:
        while True:
            while len(live) < slots and (episode := next(waiting, None)) is not None:
                live.append(_start(episode, pool))
            if not live:
                return
            _prepare(live, agent)
            _advance([slot for slot in live if not slot.over], agent, agent_seed)
            live = [_again(slot, pool, isolation) for slot in live]
            for slot in live:
                if slot.over:
                    yield _finish(slot, agent, pool)
            live = [slot for slot in live if not slot.over]
    finally:
        pool.close()


def _again(slot: _Slot, pool: EnvPool, isolation: Isolation | None) -> _Slot:
    """Begin an episode anew whose environment failed, if it may be tried again."""
    if isolation is None or slot.error is None or slot.tries > isolation.retries or not slot.env_failed:
        return slot
    pool.drop(slot.env)
    return _start(slot.episode, pool, slot.tries + 1)


def _start(episode: Episode, pool: EnvPool, tries: int = 1) -> _Slot:
    slot = _Slot(episode, pool.take(episode), tries)
    options = None if episode.task is None else {"task": episode.task}
    begun = time.perf_counter()
    try:
        with timed("environment"):
            slot.observation, slot.info = slot.env.reset(seed=episode.seed, options=options)
    except AgentGymError:
        raise  # a wrong id or task is the caller's mistake, not a failed episode
    except Exception as error:
        slot.error, slot.over = reason("reset", error), True
    slot.env_s += time.perf_counter() - begun
    return slot


def _advance(live: list[_Slot], agent: Agent, agent_seed: int) -> None:
    if not live:
        return
    turns = [_turn(slot, agent_seed) for slot in live]
    begun = time.perf_counter()
    decisions = decide(agent, turns)
    share = (time.perf_counter() - begun) / len(live)
    for slot, decision in zip(live, decisions, strict=True):
        if isinstance(slot.env, IsolatedEnv) and isinstance(decision, Decision):
            slot.env.post_step(decision.action)  # all act at once
    for slot, decision in zip(live, decisions, strict=True):
        slot.model_s += share
        if isinstance(decision, Exception):
            slot.error, slot.over = reason("agent", decision), True
        else:
            _step(slot, decision)


def _prepare(live: list[_Slot], agent: Agent) -> None:
    """Ask the environments for the expert's actions, if the agent lives on them."""
    for slot in live:
        if agent.wants_oracle and not slot.over:
            try:
                slot.oracle_action = slot.env.oracle_action()
            except Exception as error:
                slot.error, slot.over = reason("oracle", error), True


def _turn(slot: _Slot, agent_seed: int) -> Turn:
    return Turn(
        env_id=slot.episode.env_id,
        episode=slot.episode.number,
        seed=agent_seed,
        observation=slot.observation,
        info=slot.info,
        history=slot.steps,
        oracle_action=slot.oracle_action,
    )


def decide(agent: Agent, turns: list[Turn]) -> Sequence[Decision | Exception]:
    """Ask an agent for a decision on each turn; the exception where it raises on that turn alone."""
    if not turns:
        return []
    try:
        with timed("agent"):
            return agent.act(turns)
    except AgentGymError:
        raise
    except Exception as error:
        if len(turns) == 1:
            return [error]
    return [decision for turn in turns for decision in decide(agent, [turn])]  # find who raised


def _step(slot: _Slot, decision: Decision) -> None:
    begun = time.perf_counter()
    try:
        with timed("environment"):
            outcome = slot.env.step(decision.action)
    except Exception as error:
        slot.error, slot.over = reason("step", error), True
        return
    slot.env_s += time.perf_counter() - begun
    slot.steps.append(record_step(slot.observation, slot.info["state_key"], decision, outcome))
    slot.observation, _, terminated, truncated, slot.info = outcome
    slot.over = terminated or truncated


def record_step(
    observation: str, state: str, decision: Decision, outcome: tuple[str, float, bool, bool, dict[str, Any]]
) -> Step:
    """Write a decision down with what it was made on, and with what the environment returned."""
    _, reward, terminated, truncated, info = outcome
    return Step(
        observation=observation,
        state=state,
        decision=decision,
        reward=reward,
        terminated=terminated,
        truncated=truncated,
        valid=info["action_valid"],
        progress=info["progress"],
        score=info["score"],
        success=info["success"],
        extra={name: info["extra"][name] for name in EXTRA_COLUMNS if name in info["extra"]},
    )


def _finish(slot: _Slot, agent: Agent, pool: EnvPool) -> Trajectory:
    if slot.error is None:
        pool.give(slot.episode, slot.env)
    else:
        pool.drop(slot.env)
    return Trajectory(
        env_id=slot.episode.env_id,
        env_kwargs=slot.episode.env_kwargs,
        seed=slot.episode.seed,
        task_id=slot.info.get("task_id") or slot.episode.task or "",
        split=slot.info.get("split", ""),
        episode=slot.episode.number,
        group=slot.episode.group,
        agent=agent.spec,
        steps=tuple(slot.steps),
        final_observation=slot.observation,
        error=slot.error,
        model_s=slot.model_s,
        env_s=slot.env_s,
        final_info=slot.info,
    )


def _setting(episode: Episode) -> bytes:
    return canonical_json([episode.env_id, dict(episode.env_kwargs)])


def reason(where: str, error: Exception) -> str:
    """Say why an episode broke off."""
    return f"{where}: {type(error).__name__}: {error}"
