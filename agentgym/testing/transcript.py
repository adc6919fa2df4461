"""Episodes played by a mixture of chance and expert, written down so that two of them can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from agentgym.api import TextEnv
from agentgym.hashing import digest

__all__ = ["Frame", "advance", "begin", "choose", "first_difference", "play", "repeat", "transcript_digest"]

STEPS = 60
"""Greatest number of steps of a played episode."""

_JUNK = ("", "dance", "go nowhere ", "[]", "open the sky with the moon")


class Frame(NamedTuple):
    """What came of one action; the action of a reset is None."""

    action: str | None
    observation: Any
    reward: Any
    terminated: Any
    truncated: Any
    info: Mapping[str, Any]

    @property
    def over(self) -> bool:
        """Whether the episode ended here."""
        return bool(self.terminated or self.truncated)


def begin(env: TextEnv, seed: int | None, task: str | None = None) -> Frame:
    """Reset `env` and write down what it says."""
    observation, info = env.reset(seed=seed, options=None if task is None else {"task": task})
    return Frame(None, observation, 0.0, False, False, info)


def advance(env: TextEnv, action: str) -> Frame:
    """Step `env` and write down what it says."""
    return Frame(action, *env.step(action))


def choose(env: TextEnv, info: Mapping[str, Any], rng: np.random.Generator) -> str:
    """Draw an action: often a legal one, at times the expert's, at times nonsense."""
    legal = info["admissible_actions"]
    draw = float(rng.random())
    if draw < 0.1:
        return _JUNK[int(rng.integers(len(_JUNK)))]
    if legal and draw < 0.75:
        return str(legal[int(rng.integers(len(legal)))])
    return env.oracle_action()


def play(env: TextEnv, seed: int | None, *, steps: int = STEPS, chooser: int = 0) -> list[Frame]:
    """Play an episode to its end, or for `steps` steps.

    Args:
        env: The environment.
        seed: Seed of its reset.
        steps: Greatest number of steps.
        chooser: Seed of the choices.
    """
    rng = np.random.default_rng([chooser, 0 if seed is None else seed])
    frames = [begin(env, seed)]
    while not frames[-1].over and len(frames) <= steps:
        frames.append(advance(env, choose(env, frames[-1].info, rng)))
    return frames


def repeat(env: TextEnv, actions: Iterable[str | None]) -> list[Frame]:
    """Play the given actions; None is a reset without a seed."""
    return [begin(env, None) if action is None else advance(env, action) for action in actions]


def transcript_digest(frames: Sequence[Frame]) -> str:
    """Digest of all that was said; equal for equal episodes in every process."""
    return digest([_text(frame) for frame in frames])


def first_difference(one: Sequence[Frame], other: Sequence[Frame]) -> str | None:
    """Say where two transcripts part, or None."""
    for turn, (a, b) in enumerate(zip(one, other, strict=False)):
        for name in Frame._fields:
            x, y = getattr(a, name), getattr(b, name)
            if _text(x) != _text(y):
                return f"at turn {turn} {_difference(name, x, y)}"
    if len(one) != len(other):
        return f"one episode has {len(one) - 1} turns, the other {len(other) - 1}"
    return None


def _difference(name: str, x: Any, y: Any) -> str:
    if isinstance(x, Mapping) and isinstance(y, Mapping):
        for key in [*x, *(k for k in y if k not in x)]:
            if _text(x.get(key)) != _text(y.get(key)):
                return _difference(f"{name}[{key!r}]", x.get(key), y.get(key))
    return f"`{name}` is {_text(x)[:120]} in one and {_text(y)[:120]} in the other"


def _text(value: Any) -> str:
    return json.dumps(value, default=repr)
