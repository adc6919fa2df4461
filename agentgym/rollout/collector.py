"""The collector: plays episodes in slots, and asks the agent only for episodes that are alive.

There is no barrier between episodes. One that ends leaves at once and the next one takes its slot. An agent
that answers turn by turn (`StreamingAgent`) lets each episode go on as soon as its own answer is there, see
`flow`; other agents are asked about all live episodes at once, round after round.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from agentgym.agents.protocol import Agent, StreamingAgent
from agentgym.errors import ArgumentError
from agentgym.rollout.flow import Flow
from agentgym.rollout.isolation import IsolatedEnv, Isolation
from agentgym.rollout.plan import Episode
from agentgym.rollout.pool import EnvPool
from agentgym.rollout.slots import Slot, ask_oracle, begin, begin_again, decide, finish, take_step, turn_of
from agentgym.trajectory import Decision, Trajectory

__all__ = ["collect"]


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
    `slots` (for a language model: up to the rounding of a batch).

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
    stream = agent.stream() if isinstance(agent, StreamingAgent) else None
    try:
        if stream is None:
            ended = _in_rounds(waiting, agent, agent_seed, slots, pool, isolation)
        else:
            ended = _in_flow(waiting, Flow(agent, stream, agent_seed, pool, isolation), slots)
        for slot in ended:
            yield finish(slot, agent, pool)
    finally:
        pool.close()


def _in_flow(waiting: Iterator[Episode], flow: Flow, slots: int) -> Iterator[Slot]:
    """Let every episode go on by itself; yield those that are over."""
    while True:
        flow.begin(waiting, slots)
        if not flow:
            return
        yield from flow.advance()


def _in_rounds(
    waiting: Iterator[Episode],
    agent: Agent,
    agent_seed: int,
    slots: int,
    pool: EnvPool,
    isolation: Isolation | None,
) -> Iterator[Slot]:
    """Let all live episodes take a step together; yield those that are over."""
    live: list[Slot] = []
    while True:
        while len(live) < slots and (episode := next(waiting, None)) is not None:
            live.append(begin(episode, pool))
        if not live:
            return
        for slot in live:
            ask_oracle(slot, agent)
        _advance([slot for slot in live if not slot.over], agent, agent_seed)
        live = [begin_again(slot, pool, isolation) for slot in live]
        yield from (slot for slot in live if slot.over)
        live = [slot for slot in live if not slot.over]


def _advance(live: list[Slot], agent: Agent, agent_seed: int) -> None:
    if not live:
        return
    turns = [turn_of(slot, agent_seed) for slot in live]
    begun = time.perf_counter()
    decisions = decide(agent, turns)
    share = (time.perf_counter() - begun) / len(live)
    for slot, decision in zip(live, decisions, strict=True):
        if isinstance(slot.env, IsolatedEnv) and isinstance(decision, Decision):
            slot.env.post_step(decision.action)  # all act at once
    for slot, decision in zip(live, decisions, strict=True):
        slot.model_s += share
        if isinstance(decision, Exception):
            slot.fail("agent", decision)
        else:
            take_step(slot, decision)
