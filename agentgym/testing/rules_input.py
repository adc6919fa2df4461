"""Rules of input: what an agent says never raises or corrupts, and is obeyed only where it is admissible."""

from __future__ import annotations

import json

import numpy as np

from agentgym.api import TextEnv
from agentgym.errors import ArgumentError
from agentgym.testing.hostile import hostile_texts
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin, choose

__all__: list[str] = []

_PER_STATE = 60
_STATES = 12


@rule("A hostile action never raises and costs one turn; where it is not valid, the state stays as it was.")
def hostile_actions(subject: Subject) -> None:
    """Say each hostile text at the start and in mid-episode."""
    env = subject.fresh()
    for steps in (0, 3):
        before = _walk(env, steps)
        start, legal = env.snapshot(), env.oracle_action()
        for name, text in hostile_texts(legal):
            _say(env, before, name, text)
            taken = _clock(env.snapshot()) - _clock(start)
            demand(taken == 1, f"{name} costs {taken} turns. It must cost one.")
            env.restore(start)


@rule("An action that is no text at all raises ArgumentError and costs nothing.")
def actions_are_texts(subject: Subject) -> None:
    """Pass what is no str."""
    env = subject.fresh()
    begin(env, 0)
    before = env.snapshot()
    for wrong in (None, 0, b"look", ["look"], np.int64(1)):
        try:
            env.step(wrong)  # type: ignore[arg-type]
        except ArgumentError:
            demand(env.snapshot() == before, f"step({wrong!r}) raises but changes the episode.")
        else:
            demand(False, f"step({wrong!r}) is accepted. It must raise ArgumentError.")


@rule("Each admissible action is valid, and the expert's action is one of them.")
def admissible_actions_are_valid(subject: Subject) -> None:
    """Try the admissible actions of the states of a walk, each from a snapshot."""
    env = subject.fresh()
    for seed in range(subject.effort.episodes):
        frame, rng = begin(env, seed), np.random.default_rng(seed)
        for _ in range(_STATES):
            if frame.over:
                break
            _try_all(env, frame, rng)
            frame = advance(env, choose(env, frame.info, rng))


def _walk(env: TextEnv, steps: int) -> Frame:
    """Take the expert's steps, but not the last one of the episode."""
    frame = begin(env, 0)
    for _ in range(steps):
        start = env.snapshot()
        after = advance(env, env.oracle_action())
        if after.over:
            env.restore(start)
            break
        frame = after
    return frame


def _clock(snapshot: bytes) -> int:
    return int(json.loads(snapshot)["steps"])


def _say(env: TextEnv, before: Frame, name: str, text: str) -> None:
    legal = before.info["admissible_actions"]
    frame = advance(env, text)
    info = frame.info
    seen = frame.observation
    demand(
        isinstance(seen, str) and seen in env.observation_space, f"After {name}, the observation is too long."
    )
    demand(_encodes(seen), f"After {name}, the observation holds a lone surrogate: no tokenizer can read it.")
    if legal is not None and text not in legal:
        demand(not info["action_valid"], f"{name} ({text[:60]!r}) is taken for a valid action.")
    if not info["action_valid"]:
        same = info["state_key"] == before.info["state_key"]
        demand(same, f"{name} is not valid but changes `state_key`.")
        demand(bool(seen), f"After {name}, which is not valid, the observation does not say why.")
        demand(not frame.terminated, f"{name} is not valid but terminates the episode.")


def _encodes(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _try_all(env: TextEnv, frame: Frame, rng: np.random.Generator) -> None:
    legal = frame.info["admissible_actions"]
    if legal is None:
        raise RuleSkippedError("the set of actions is open")
    demand(len(legal) > 0, "info['admissible_actions'] is empty in mid-episode.")
    expert = env.oracle_action()
    demand(expert in legal, f"The expert's action {expert!r} is not among the admissible ones.")
    start = env.snapshot()
    for index in rng.permutation(len(legal))[:_PER_STATE]:
        action = legal[int(index)]
        valid = advance(env, action).info["action_valid"]
        env.restore(start)
        demand(
            valid is True, f"The admissible action {action!r} is not valid in task {frame.info['task_id']!r}."
        )
