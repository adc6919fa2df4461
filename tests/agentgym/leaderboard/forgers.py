"""The single moves of an adversary: each makes a file out of an honest case."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from agentgym import Trajectory
from agentgym.leaderboard.bundle.frames import close_frame
from agentgym.rollout import Episode
from tests.agentgym.leaderboard.forging import Case, dumps, raw_frame, trailer_of
from tests.agentgym.leaderboard.talker import TALKER
from tests.agentgym.tampering import play, with_step
from tests.toys import TOY_ID

VICTIM: Final = 4
"""An episode in which the talker takes the wrong door: worth forging."""


def step(turn: int, **changes: Any) -> Callable[[Case], bytes]:
    return lambda case: case.episode(VICTIM, lambda t: with_step(t, turn, **changes))


def whole(forge: Callable[[Trajectory], Trajectory], number: int = VICTIM) -> Callable[[Case], bytes]:
    return lambda case: case.episode(number, forge)


def raw(turn: int, **changes: Any) -> Callable[[Case], bytes]:
    return lambda case: case.turn(VICTIM, turn, **changes)


def top(**changes: Any) -> Callable[[Case], bytes]:
    return lambda case: case.record(VICTIM, lambda record: record.update(changes))


def head(**changes: Any) -> Callable[[Case], bytes]:
    return lambda case: case.file(**changes)


def suite(**changes: Any) -> Callable[[Case], bytes]:
    return lambda case: case.file(suite={**case.header["suite"], **changes})


def whole_file(change: Callable[[bytes], bytes]) -> Callable[[Case], bytes]:
    return lambda case: change(case.file())


def line(change: Callable[[bytes], bytes]) -> Callable[[Case], bytes]:
    """Change the line of the victim as bytes; the chain stays whole."""
    return lambda case: case.lines(
        lambda lines: [*lines[:VICTIM], change(lines[VICTIM]), *lines[VICTIM + 1 :]]
    )


def played(agent: str = "oracle", **changes: Any) -> Callable[[Case], bytes]:
    """Play the victim's slot honestly, but otherwise, under the talker's name."""

    def make(case: Case) -> bytes:
        victim = case.run[VICTIM]
        slot = Episode(VICTIM, TOY_ID, victim.seed, victim.task_id, victim.group)
        forged = replace(play([replace(slot, **changes)], agent)[0], agent=TALKER)
        return case.episode(VICTIM, lambda _: forged)

    return make


def swapped_turns(t: Trajectory) -> Trajectory:
    return replace(t, steps=(t.steps[1], t.steps[0], *t.steps[2:]))


def rewards_moved(t: Trajectory) -> Trajectory:
    return with_step(with_step(t, 1, reward=0.5), 2, reward=-0.5)


def winning_end(t: Trajectory) -> Trajectory:
    return with_step(t, -1, reward=1.0, success=True, score=1.0, progress=1.0)


def shortened(t: Trajectory) -> Trajectory:
    return replace(t, steps=t.steps[:-1], final_observation=t.steps[-1].observation)


def lengthened(t: Trajectory) -> Trajectory:
    more = replace(t.steps[-1], observation=t.final_observation, reward=1.0)
    return replace(t, steps=(*t.steps, more))


def healed(t: Trajectory) -> Trajectory:
    return replace(with_step(t, -1, success=True, score=1.0, reward=1.0, terminated=True), error=None)


def only_wins(case: Case) -> bytes:
    wins = [t for t in case.run if t.success]
    return case.file(case.renumbered([*wins, *wins][: len(case.run)]))


def wins_alone(case: Case) -> bytes:
    return case.file(case.renumbered([t for t in case.run if t.success]))


def another_record(case: Case) -> bytes:
    return case.file(record={"agent": {"spec": "hf:better"}, "episodes": len(case.run)})


def unsealed(case: Case) -> bytes:
    line = (case.run[VICTIM].to_json() + "\n").encode()
    position = line.index(b'"reward":', line.index(b'"chain"'))
    edited = line[:position] + line[position:].replace(b'"reward":0.0', b'"reward":0.5', 1)
    return case.lines(lambda lines: [*lines[:VICTIM], edited, *lines[VICTIM + 1 :]])


def frame(place: int, frame: Callable[[bytes], bytes]) -> Callable[[Case], bytes]:
    """Write one frame of the file in another way; the lines stay."""

    def make(case: Case) -> bytes:
        lines = [dumps(case.header), *((t.to_json() + "\n").encode() for t in case.run)]
        lines.append(trailer_of(lines))
        frames = [close_frame(line) for line in lines]
        frames[place] = frame(lines[place])
        return b"".join(frames)

    return make


def bomb(size: int) -> Callable[[bytes], bytes]:
    return lambda line: raw_frame(line.rstrip(b"\n") + b" " * size + b"\n", level=1, write_checksum=True)


def liar(line: bytes) -> bytes:
    """Declare one byte less than the frame becomes."""
    frame = bytearray(close_frame(line))
    at = 5 if frame[4] >> 5 & 1 else 6
    frame[at] = (frame[at] - 1) % 256
    return bytes(frame)


def flipped(line: bytes) -> bytes:
    frame = bytearray(close_frame(line))
    frame[len(frame) // 2] ^= 1
    return bytes(frame)


def trailer(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda line: close_frame(dumps({**json.loads(line), **changes}))


def duplicate_reward(line: bytes) -> bytes:
    return line.replace(b'"reward":', b'"reward":1.0,"reward":', 1)


def unknown_key(record: dict[str, Any]) -> None:
    record["turns"][2]["bonus"] = 1.0


def lacking(record: dict[str, Any]) -> None:
    del record["turns"][2]["state"]


def verbose(record: dict[str, Any]) -> None:
    """Make a response of 65 tokens, in all that tells of it."""
    told = {"token_ids": [1] * 65, "logprobs": [-1.0] * 65, "entropies": [1.0] * 65}
    record["turns"][2].update(told, usage={"completion_tokens": 65.0})


def retyped(name: str, value: object) -> Callable[[Case], bytes]:
    return lambda case: case.record(VICTIM, partial(retype, name, value))


def retype(name: str, value: object, record: dict[str, Any]) -> None:
    record["turns"][2][name] = value


def pretty(line: bytes) -> bytes:
    return json.dumps(json.loads(line)).encode() + b"\n"


def deep(line: bytes) -> bytes:
    return line.replace(b'"env_kwargs":{}', b'"env_kwargs":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1)


def swap_frames(run: list[Trajectory]) -> list[Trajectory]:
    return [*run[:VICTIM], run[VICTIM + 1], run[VICTIM], *run[VICTIM + 2 :]]


def doubled(run: list[Trajectory]) -> list[Trajectory]:
    return [*run[: VICTIM + 1], run[VICTIM], *run[VICTIM + 1 :]]


def without(number: int) -> Callable[[Case], bytes]:
    return lambda case: case.with_run(lambda run: run[:number] + run[number + 1 :])


def better_stands_in(run: list[Trajectory]) -> list[Trajectory]:
    return [*run[:VICTIM], replace(run[0], episode=VICTIM), *run[VICTIM + 1 :]]


def added(run: list[Trajectory]) -> list[Trajectory]:
    return [*run, replace(run[0], episode=len(run))]


def usage(**usage: float) -> Callable[[Case], bytes]:
    return retyped("usage", usage)


def renamed(case: Case) -> bytes:
    run = [replace(t, agent="hf:mine") for t in case.run]
    return case.file(run, agent={"spec": "hf:mine", "options": {}, "seed": 0}, name="mine")


def rewritten(change: Callable[[str], str]) -> Callable[[Case], bytes]:
    """Alter the talker's responses, and nothing else, under one's own name."""

    def make(case: Case) -> bytes:
        def altered(t: Trajectory) -> Trajectory:
            for turn, step in enumerate(t.steps):
                said = change(step.decision.response)
                t = with_step(t, turn, decision=replace(step.decision, response=said))
            return replace(t, agent="hf:mine")

        run = [altered(t) for t in case.run]
        return case.file(run, agent={"spec": "hf:mine", "options": {}, "seed": 0}, name="mine")

    return make


def half(case: Case) -> bytes:
    """Replay the wins of another alone; the rest is one's own."""
    own = play(case.suite.episodes, "talker:2")
    run = [one if one.success else two for one, two in zip(case.run, own, strict=True)]
    run = [replace(t, agent="hf:mine") for t in run]
    return case.file(run, agent={"spec": "hf:mine", "options": {}, "seed": 0}, name="mine")
