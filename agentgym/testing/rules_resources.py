"""Rules of resources: instances share nothing, and none grows."""

from __future__ import annotations

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

from agentgym.api import TextEnv
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, first_difference, play

__all__: list[str] = []

_ALLOWANCE = 64 * 1024


@rule("Two instances share no state: played in turns, each plays as it does alone.")
def instances_apart(subject: Subject) -> None:
    """Play two recorded episodes again, alternately, in two fresh instances."""
    first, second = subject.played[0], subject.mastered[-1]
    one, other = subject.fresh(), subject.fresh()
    ours = [begin(one, 0)]
    theirs = [begin(other, 0, str(second[0].info["task_id"]))]
    alone = _alone(subject, second)
    for turn in range(1, max(len(first), len(second))):
        ours += [advance(one, str(frame.action)) for frame in first[turn : turn + 1]]
        theirs += [advance(other, str(frame.action)) for frame in second[turn : turn + 1]]
    for recorded, mixed in ((first, ours), (alone, theirs)):
        difference = first_difference(recorded, mixed)
        demand(difference is None, f"Stepping another instance in between matters: {difference}.")


@rule("Instances in several threads play as one does alone.")
def threads_agree(subject: Subject) -> None:
    """Play one episode per seed, each in an instance and a thread of its own."""
    seeds = range(subject.effort.episodes)
    envs = [subject.fresh() for _ in seeds]
    alone = subject.played
    with ThreadPoolExecutor(max_workers=len(envs)) as pool:
        together = list(pool.map(play, envs, seeds))
    for seed in seeds:
        difference = first_difference(alone[seed], together[seed])
        demand(difference is None, f"The episode of seed {seed} in a thread: {difference}.")


@rule("Live memory stays flat over many resets.")
def memory_is_flat(subject: Subject) -> None:
    """Trace what is alive after a warm-up and at the end."""
    resets = subject.effort.resets
    if resets < 2:
        raise RuleSkippedError("fewer than two resets")
    env, warm = subject.fresh(), max(1, resets // 10)
    growth = _growth(env, range(warm), range(warm, resets))
    bound = _ALLOWANCE + subject.effort.growth_bytes * (resets - warm)
    demand(
        growth <= bound,
        f"Live memory grows by {growth / 1024:.0f} KiB over {resets - warm} resets, "
        f"{growth / (resets - warm):.0f} bytes each; {bound / 1024:.0f} KiB are allowed.",
    )


def _alone(subject: Subject, episode: list[Frame]) -> list[Frame]:
    env = subject.fresh()
    start = begin(env, 0, str(episode[0].info["task_id"]))
    return [start, *(advance(env, str(frame.action)) for frame in episode[1:])]


def _growth(env: TextEnv, warm: range, seeds: range) -> int:
    """Measure the bytes that resetting with `seeds` leaves behind.

    The warm-up is traced too: what a full cache lets go of then counts against what it takes up.
    """
    traced_before = tracemalloc.is_tracing()
    gc.collect()
    if not traced_before:
        tracemalloc.start()
    try:
        for seed in warm:
            env.reset(seed=seed)
        gc.collect()
        start = tracemalloc.get_traced_memory()[0]
        for seed in seeds:
            env.reset(seed=seed)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - start
    finally:
        if not traced_before:
            tracemalloc.stop()
