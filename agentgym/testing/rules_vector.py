"""Rules of many environments at once: groups and vectors do what single environments do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from agentgym.api import TextEnv
from agentgym.registry import GroupMember, make_group, make_vec
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, choose, first_difference

__all__: list[str] = []

_LANES = 3
_EPISODES = 3
_STEPS = 40
_TOLD = ("task_id", "split", "action_valid", "state_key", "progress", "score", "success")


@rule("The members of a group share start and chance, episode after episode.")
def group_members_agree(subject: Subject) -> None:
    """Play the same actions in two members, with extra draws in one of them between the episodes."""
    spec = subject.registered()
    members = make_group(spec.id, 2, seed=5, **subject.kwargs)
    try:
        for episode in range(_EPISODES):
            one, other = (_play_member(member) for member in members)
            difference = first_difference(one, other)
            demand(difference is None, f"Episode {episode} of two members of a group: {difference}.")
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


def _play_member(member: GroupMember) -> list[Frame]:
    observation, info = member.reset()
    frames = [Frame(None, observation, 0.0, False, False, info)]
    while not frames[-1].over and len(frames) <= _STEPS:
        action = member.unwrapped.oracle_action()  # type: ignore[attr-defined]
        frames.append(Frame(action, *member.step(action)))
    return frames


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
        actions = [_next(env, frames[lane], lane, rng) for lane, env in enumerate(singles)]
        told = vector.step(tuple(actions))
        frames = [
            begin(env, None) if ended[lane] else advance(env, actions[lane])
            for lane, env in enumerate(singles)
        ]
        if goes_on or not any(frame.over for frame in frames):
            _match(frames, told, mode, turn)


def _next(env: TextEnv, frame: Frame, lane: int, rng: np.random.Generator) -> str:
    """Choose an action; the first lane follows the expert, so that an episode ends soon."""
    if frame.over:
        return ""
    return env.oracle_action() if lane == 0 else choose(env, frame.info, rng)


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
