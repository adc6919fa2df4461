"""One live episode: how it begins, takes a step, and ends in a trajectory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

from agentgym.agents.protocol import Agent
from agentgym.errors import AgentGymError
from agentgym.profiling import timed
from agentgym.rollout.isolation import Isolation
from agentgym.rollout.plan import Episode
from agentgym.rollout.pool import EnvPool, PooledEnv
from agentgym.trajectory import EXTRA_COLUMNS, Decision, Step, Trajectory, Turn

__all__ = [
    "Slot",
    "ask_oracle",
    "begin",
    "begin_again",
    "decide",
    "finish",
    "reason",
    "record_step",
    "take_step",
    "turn_of",
]

_LONGEST_REASON: Final = 4_000
"""Characters; a leaderboard refuses far longer ones."""


@dataclass(slots=True)
class Slot:
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

    def fail(self, where: str, error: Exception) -> None:
        """Break the episode off."""
        self.error, self.over = reason(where, error), True


def begin(episode: Episode, pool: EnvPool, tries: int = 1) -> Slot:
    """Reset an environment for an episode."""
    slot = Slot(episode, pool.take(episode), tries)
    options = None if episode.task is None else {"task": episode.task}
    begun = time.perf_counter()
    try:
        with timed("environment"):
            slot.observation, slot.info = slot.env.reset(seed=episode.seed, options=options)
    except AgentGymError:
        raise  # a wrong id or task is the caller's mistake, not a failed episode
    except Exception as error:
        slot.fail("reset", error)
    slot.env_s += time.perf_counter() - begun
    return slot


def begin_again(slot: Slot, pool: EnvPool, isolation: Isolation | None) -> Slot:
    """Begin an episode anew whose environment failed, if it may be tried again."""
    if isolation is None or slot.error is None or slot.tries > isolation.retries or not slot.env_failed:
        return slot
    pool.drop(slot.env)
    return begin(slot.episode, pool, slot.tries + 1)


def ask_oracle(slot: Slot, agent: Agent) -> None:
    """Ask the environment for the expert's action, if the agent lives on it."""
    if agent.wants_oracle and not slot.over:
        try:
            slot.oracle_action = slot.env.oracle_action()
        except Exception as error:
            slot.fail("oracle", error)


def turn_of(slot: Slot, agent_seed: int) -> Turn:
    """What the agent sees now."""
    return Turn(
        env_id=slot.episode.env_id,
        episode=slot.episode.number,
        seed=agent_seed,
        observation=slot.observation,
        info=slot.info,
        history=slot.steps,
        oracle_action=slot.oracle_action,
    )


def decide(agent: Agent, turns: list[Turn]) -> list[Decision | Exception]:
    """Ask an agent for a decision on each turn; the exception where it raises on that turn alone."""
    if not turns:
        return []
    try:
        with timed("agent"):
            return list(agent.act(turns))
    except AgentGymError:
        raise
    except Exception as error:
        if len(turns) == 1:
            return [error]
    return [decision for turn in turns for decision in decide(agent, [turn])]  # find who raised


def take_step(slot: Slot, decision: Decision) -> None:
    """Act in the environment, or take the outcome of the action that was posted."""
    begun = time.perf_counter()
    try:
        with timed("environment"):
            outcome = slot.env.step(decision.action)
    except Exception as error:
        slot.fail("step", error)
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


def finish(slot: Slot, agent: Agent, pool: EnvPool) -> Trajectory:
    """Give the environment back and return the episode."""
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


def reason(where: str, error: Exception) -> str:
    """Say why an episode broke off, at some length: an error may quote the whole answer of a server."""
    told = f"{where}: {type(error).__name__}: {error}"
    return told if len(told) <= _LONGEST_REASON else told[: _LONGEST_REASON - 1] + "…"
