"""Rules of what is told at each turn: `Info`, reward and flags."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from agentgym.api import Info
from agentgym.testing.rule import demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin

__all__: list[str] = []

_TURNS = 30
_KEYS = tuple(Info.__annotations__)
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "task_id": str,
    "split": str,
    "instruction": str,
    "admissible_actions": (tuple, type(None)),
    "action_valid": bool,
    "state_key": str,
    "progress": float,
    "score": float,
    "success": bool,
    "extra": dict,
}


@rule("`info` has exactly the keys of `Info`, in every environment, at every reset and step.")
def info_keys(subject: Subject) -> None:
    """Compare the key sets."""
    for where, frame in _frames(subject):
        missing = [key for key in _KEYS if key not in frame.info]
        unknown = [key for key in frame.info if key not in _KEYS]
        demand(not missing, f"`info` lacks {missing} {where}.")
        demand(
            not unknown, f"`info` has the unknown keys {unknown} {where}. Own facts go under info['extra']."
        )


@rule("The values in `info` have the types of `Info`; admissible actions are texts.")
def info_types(subject: Subject) -> None:
    """Exact types: a numpy float or bool is none of Python's."""
    for where, frame in _frames(subject):
        for key, kind in _TYPES.items():
            value = frame.info[key]
            kinds = kind if isinstance(kind, tuple) else (kind,)
            demand(type(value) in kinds, f"info[{key!r}] is a {type(value).__name__} {where}.")
        actions = frame.info["admissible_actions"] or ()
        demand(
            all(isinstance(a, str) for a in actions), f"An admissible action is no text {where}: {actions!r}."
        )
        demand(bool(frame.info["instruction"]), f"info['instruction'] is empty {where}.")
        demand(0 < len(frame.info["state_key"]) <= 64, f"info['state_key'] is no short hash {where}.")


@rule("`progress` and `score` are in [0, 1]; rewards are finite floats.")
def info_ranges(subject: Subject) -> None:
    """At every reset and step."""
    for where, frame in _frames(subject):
        for key in ("progress", "score"):
            value = frame.info[key]
            demand(0.0 <= value <= 1.0, f"info[{key!r}] is {value!r} {where}. It must be in [0, 1].")
        fits = isinstance(frame.reward, float) and math.isfinite(frame.reward)
        demand(fits, f"The reward is {frame.reward!r} {where}. It must be a finite float.")


@rule("`info` names a task of the split asked for, the same throughout an episode.")
def info_task(subject: Subject) -> None:
    """Look the task up in `tasks(split)`."""
    env = subject.fresh()
    for number, episode in enumerate(subject.played):
        named = {(frame.info["task_id"], frame.info["split"]) for frame in episode}
        demand(len(named) == 1, f"Episode {number} names several tasks: {sorted(named)}.")
        task, split = named.pop()
        demand(
            split == env.split, f"Episode {number} is of split {split!r}; the environment's is {env.split!r}."
        )
        demand(
            task in env.tasks(split),
            f"Episode {number} plays {task!r}, which tasks({split!r}) does not list.",
        )


@rule("After a reset, the last action counts as valid and nothing is won.")
def info_at_start(subject: Subject) -> None:
    """Look at the first frame of each episode."""
    for episode in (*subject.played, *subject.mastered):
        info = episode[0].info
        demand(info["action_valid"] is True, "info['action_valid'] is False after a reset.")
        demand(info["success"] is False, f"Task {info['task_id']!r} is a success before the first action.")


@rule("What was told stays as it was told: no later step changes an earlier `info`.")
def info_is_not_reused(subject: Subject) -> None:
    """Write each info down at once and look again when the episode is over."""
    env = subject.fresh()
    for seed in range(subject.effort.episodes):
        frames, written = [begin(env, seed)], []
        while not frames[-1].over and len(frames) < _TURNS:
            written.append(repr(frames[-1].info))
            frames.append(advance(env, env.oracle_action()))
        for turn, (frame, text) in enumerate(zip(frames, written, strict=False)):
            demand(repr(frame.info) == text, f"The `info` of turn {turn} has changed since: {text[:300]}.")


def _frames(subject: Subject) -> Iterator[tuple[str, Frame]]:
    for episode in (*subject.played, *subject.mastered):
        for turn, frame in enumerate(episode):
            where: Any = "after a reset" if turn == 0 else f"at step {turn} (action {frame.action!r})"
            yield where, frame
