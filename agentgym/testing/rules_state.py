"""Rules of `state_key`: equal exactly when the future is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentgym.api import TextEnv
from agentgym.testing.rule import demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, play

__all__: list[str] = []

_PAIRS = 40
_PROBES = 4
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Visit:
    """A state in passing: where it was met, its key, what is saved of it and what may be done in it."""

    task: str
    key: str
    saved: str
    frozen: dict[str, Any]
    actions: tuple[str, ...]


@rule("One state has one key: two visits that save the same state have the same `state_key`.")
def state_key_is_stable(subject: Subject) -> None:
    """Compare visits within and across instances, and across a restore."""
    keys: dict[tuple[str, str], str] = {}
    for visit in _visits(subject):
        known = keys.setdefault((visit.task, visit.saved), visit.key)
        demand(
            known == visit.key,
            f"A state of task {visit.task!r} has the keys {known!r} and {visit.key!r}: does it count steps?",
        )
    _check_restore(subject)


@rule(
    "One key is one future: from two visits with the same `state_key`, equal chance and actions do the same."
)
def state_key_is_complete(subject: Subject) -> None:
    """Restore both visits of a pair under the same chance and act."""
    env = subject.fresh()
    first: dict[str, _Visit] = {}
    pairs = 0
    for visit in _visits(subject):
        other = first.setdefault(visit.key, visit)
        if other.saved == visit.saved and other.task == visit.task:
            continue
        pairs += 1
        if pairs > _PAIRS:
            return
        for action in visit.actions[:_PROBES]:
            ours, theirs = _future(env, other, action), _future(env, visit, action)
            told = f"Two visits, in tasks {other.task!r} and {visit.task!r}, share the key {visit.key!r}, but"
            demand(ours == theirs, f"{told} {action!r} leads to {_parting(ours, theirs)}.")


def _visits(subject: Subject) -> Iterator[_Visit]:
    env = subject.fresh()
    for seed, episode in enumerate(subject.played):
        frame = begin(env, seed)
        yield _visit(env, frame)
        for recorded in episode[1:]:
            frame = advance(env, str(recorded.action))
            if frame.over:
                break
            yield _visit(env, frame)


def _visit(env: TextEnv, frame: Frame) -> _Visit:
    frozen = json.loads(env.snapshot())
    legal = frame.info["admissible_actions"]
    return _Visit(
        task=str(frame.info["task_id"]),
        key=frame.info["state_key"],
        saved=json.dumps(frozen["state"], sort_keys=True),
        frozen=frozen,
        actions=(env.oracle_action(), *(legal or ())),
    )


def _future(env: TextEnv, visit: _Visit, action: str) -> list[dict[str, Any]]:
    """Act a few times under one fixed chance and clock; say what came of it, words aside."""
    begin(env, 7)
    chance = json.loads(env.snapshot())["chance"]
    env.restore(json.dumps({**visit.frozen, "chance": chance, "steps": 0, "valid": True}).encode("ascii"))
    told: list[dict[str, Any]] = []
    for _ in range(min(_DEPTH, env.max_steps)):
        frame = advance(env, action)
        facts = {key: frame.info[key] for key in ("action_valid", "state_key", "success")}
        legal = sorted(frame.info["admissible_actions"] or ())
        told.append({"reward": frame.reward, "terminated": frame.terminated, "legal": legal, **facts})
        if frame.over:
            break
    return told


def _check_restore(subject: Subject) -> None:
    env, twin = subject.fresh(), subject.fresh()
    for seed in range(subject.effort.episodes):
        frames = play(env, seed, steps=4)
        if frames[-1].over:
            continue
        twin.restore(env.snapshot())
        ours, theirs = (advance(e, "").info["state_key"] for e in (env, twin))
        demand(ours == theirs, f"After a restore the state has the key {theirs!r} instead of {ours!r}.")


def _parting(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> str:
    for one, other in zip(ours, theirs, strict=False):
        for key in one:
            if one[key] != other[key]:
                return f"{key} {one[key]!r} in one and {other[key]!r} in the other"
    return "episodes of different lengths"
