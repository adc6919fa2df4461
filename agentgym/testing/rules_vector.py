"""Rules of many environments at once: groups and vectors do what single environments do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from agentgym.registry import make_group, make_vec
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, choose, first_difference

__all__: list[str] = []

_LANES = 3
_STEPS = 40
_TOLD = ("task_id", "split", "action_valid", "state_key", "progress", "score", "success")


@rule("The members of a group share start and chance, episode after episode.")
def group_members_agree(subject: Subject) -> None:
    """Play the same actions in two members, with extra draws in one of them."""
    spec = subject.registered()
    members = make_group(spec.id, 2, seed=5, **subject.kwargs)
    try:
        for _ in range(3):
            starts = [Frame(None, o, 0.0, False, False, i) for o, i in (m.reset() for m in members)]
            difference = first_difference(starts[:1], starts[1:])
            demand(difference is None, f"Two members of a group start differently: {difference}.")
            actions = [frame.action for frame in subject.mastered[0][1:4]]
            steps = [[Frame(a, *member.step(str(a))) for a in actions[:1]] for member in members]
            difference = first_difference(*steps)
            demand(difference is None, f"Two members of a group part after equal actions: {difference}.")
            members[0].unwrapped.np_random.random(7)
    finally:
        for member in members:
            member.close()


@rule("A synchronous vector steps as single environments do.")
def vector_sync(subject: Subject) -> None:
    """Compare with single instances."""
    _compare(subject, "sync")


@rule("An asynchronous vector, in other processes, steps as single environments do.")
def vector_async(subject: Subject) -> None:
    """Compare with single instances."""
    if not subject.effort.processes:
        raise RuleSkippedError("other processes are switched off")
    _compare(subject, "async")


@rule("The id's own vector environment, where it has one, steps as single environments do.")
def vector_own(subject: Subject) -> None:
    """Compare with single instances."""
    if subject.registered().vector_entry_point is None:
        raise RuleSkippedError("the id has no vector environment of its own")
    _compare(subject, "vector_entry_point")


def _compare(subject: Subject, mode: str) -> None:
    spec = subject.registered()
    vector = make_vec(spec.id, _LANES, vectorization_mode=mode, **subject.kwargs)
    try:
        _lockstep(subject, vector, mode)
    finally:
        vector.close()


def _lockstep(subject: Subject, vector: VectorEnv[Any, Any, Any], mode: str) -> None:
    """Step a vector and single instances with the same actions, through the end of episodes."""
    singles = [subject.fresh() for _ in range(_LANES)]
    rng = np.random.default_rng(3)
    observations, infos = vector.reset(seed=[11, 12, 13])  # type: ignore[arg-type]
    frames = [begin(env, 11 + lane) for lane, env in enumerate(singles)]
    zeros = np.zeros(_LANES)
    _match(frames, (observations, zeros, zeros, zeros, infos), mode, 0)
    goes_on = vector.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP) == AutoresetMode.NEXT_STEP
    for turn in range(1, _STEPS):
        ended = [frame.over for frame in frames]
        if any(ended) and not goes_on:
            return
        actions = [
            "" if ended[lane] else choose(env, frames[lane].info, rng) for lane, env in enumerate(singles)
        ]
        told = vector.step(tuple(actions))
        frames = [
            begin(env, None) if ended[lane] else advance(env, actions[lane])
            for lane, env in enumerate(singles)
        ]
        if goes_on or not any(frame.over for frame in frames):
            _match(frames, told, mode, turn)


def _match(
    frames: list[Frame], told: tuple[Any, Any, Any, Any, Mapping[str, Any]], mode: str, turn: int
) -> None:
    observations, rewards, terminations, truncations, infos = told
    for lane, frame in enumerate(frames):
        where = f"Environment {lane} of a vector ({mode}) at turn {turn}"
        seen = (observations[lane], rewards[lane], bool(terminations[lane]), bool(truncations[lane]))
        expected = (frame.observation, frame.reward, frame.terminated, frame.truncated)
        demand(seen == expected, f"{where} says {seen}; alone it says {expected}.")
        for key in _TOLD:
            got, wanted = infos[key][lane], frame.info[key]
            demand(got == wanted, f"{where} has info[{key!r}] {got!r}; alone it has {wanted!r}.")
