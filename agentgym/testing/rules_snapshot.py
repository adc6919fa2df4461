"""Rules of `snapshot` and `restore`: exact, safe, and without side effects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from agentgym.api import TextEnv
from agentgym.errors import DataError
from agentgym.testing.rule import ContractViolation, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, choose, first_difference, play, repeat

__all__: list[str] = []


@rule(
    "A restored snapshot goes on exactly as the original did, chance included, here and in another instance."
)
def snapshot_continues(subject: Subject) -> None:
    """Freeze in mid-episode, play on, and play the same again from the snapshot."""
    env = subject.fresh()
    for seed in range(subject.effort.episodes):
        for before in (0, 2, 7):
            over = play(env, seed, steps=before)[-1].over
            frozen = env.snapshot()
            original = _play_on(env, seed, over)
            actions = [frame.action for frame in original]
            for where, twin in (("the same", env), ("a fresh", subject.fresh()), ("a used", _used(subject))):
                twin.restore(frozen)
                demand(twin.snapshot() == frozen, f"snapshot() after restore() in {where} instance differs.")
                difference = first_difference(original, repeat(twin, actions))
                demand(
                    difference is None, f"Restored in {where} instance after {before} steps, {difference}."
                )


@rule("A snapshot is JSON, and taking one, asking the expert, rendering or listing tasks changes nothing.")
def queries_change_nothing(subject: Subject) -> None:
    """Play an episode with and without questions in between."""
    quiet, asked = subject.fresh(), subject.fresh()
    for seed in range(subject.effort.episodes):
        original = play(quiet, seed)
        frames = [begin(asked, seed)]
        for frame in original[1:]:
            _ask(asked)
            frames.append(advance(asked, str(frame.action)))
        difference = first_difference(original, frames)
        demand(difference is None, f"With questions between the steps, {difference}.")


@rule("A corrupt snapshot raises DataError and leaves the running episode as it was.")
def snapshot_rejects(subject: Subject) -> None:
    """Break a snapshot in every way we know."""
    env, donor = subject.fresh(), subject.fresh()
    _enter(env)
    present, action = env.snapshot(), env.oracle_action()
    expected = advance(env, action)
    env.restore(present)
    tasks = env.tasks(env.split)
    for task in dict.fromkeys((tasks[0], tasks[len(tasks) // 2], tasks[-1])):
        begin(donor, 1, task)
        for how, broken in _corruptions(donor.snapshot()):
            demand(_refuses(env, broken), f"A snapshot {how} is accepted. restore() must raise DataError.")
            difference = first_difference([expected], [advance(env, action)])
            env.restore(present)
            demand(difference is None, f"A snapshot {how} is refused but changes the episode: {difference}.")


def _enter(env: TextEnv) -> None:
    """Play two steps, or fewer where the episode is over by then."""
    for steps in (2, 1, 0):
        if not play(env, 0, steps=steps)[-1].over:
            return


def _refuses(env: TextEnv, broken: bytes) -> bool:
    before = env.snapshot()
    try:
        env.restore(broken)
    except DataError:
        demand(env.snapshot() == before, "A refused snapshot changes what snapshot() returns.")
        return True
    return False


def _play_on(env: TextEnv, seed: int, over: bool) -> list[Frame]:
    """Play on from the present state and, in the end, start one episode more without a seed."""
    rng = np.random.default_rng([1, seed])
    frames: list[Frame] = []
    while not over and len(frames) < 30:
        action = choose(env, frames[-1].info, rng) if frames else env.oracle_action()
        frames.append(advance(env, action))
        over = frames[-1].over
    return [*frames, begin(env, None)]


def _used(subject: Subject) -> TextEnv:
    env = subject.fresh()
    play(env, 99, steps=4)
    return env


def _ask(env: TextEnv) -> None:
    before = env.snapshot()
    try:
        json.loads(before.decode("utf-8"))
    except ValueError as error:
        raise ContractViolation(f"A snapshot is no JSON: {error}.") from error
    questions = {
        "snapshot": env.snapshot,
        "oracle_action": env.oracle_action,
        "render": env.render,
        "tasks": lambda: env.tasks(env.split),
    }
    for name, ask in questions.items():
        ask()  # type: ignore[no-untyped-call]
        demand(env.snapshot() == before, f"{name}() changes the state or draws from its chance.")


def _corruptions(snapshot: bytes) -> Iterator[tuple[str, bytes]]:
    yield "of no bytes", b""
    yield "cut in half", snapshot[: len(snapshot) // 2]
    yield "that is no text", b"\xff\xfe\x00" + snapshot
    yield "that is deeply nested", b"[" * 100_000
    for word in (b"null", b"7", b"[]", b"{}", b'"x"'):
        yield f"that is {word.decode()}", word
    whole: dict[str, Any] = json.loads(snapshot)
    yield from _without_each(whole, whole, "")
    yield "of another environment", json.dumps({**whole, "env": "Stranger"}).encode()
    yield "of an unknown task", json.dumps({**whole, "task": "no such task"}).encode()
    yield "with an unknown split", json.dumps({**whole, "split": "no such split"}).encode()
    wrongs: list[Any] = [None, 7, "x", [], {}]
    for wrong in wrongs:
        if wrong != whole["state"]:
            yield f"whose state is {wrong!r}", json.dumps({**whole, "state": wrong}).encode()
    for key, value in (("steps", 1e400), ("steps", -1), ("steps", "many"), ("chance", {}), ("over", "no")):
        yield f"whose {key} is {value!r}", json.dumps({**whole, key: value}).encode()
    if isinstance(whole["state"], dict):
        yield from _without_each(whole, whole["state"], "state ")


def _without_each(whole: dict[str, Any], part: dict[str, Any], name: str) -> Iterator[tuple[str, bytes]]:
    for key in list(part):
        kept = part.pop(key)
        yield f"without its {name}{key!r}", json.dumps(whole).encode()
        part[key] = kept
