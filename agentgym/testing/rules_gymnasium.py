"""Rules that make a text environment a Gymnasium environment."""

from __future__ import annotations

import pickle
import warnings

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

from agentgym.errors import ArgumentError
from agentgym.spaces import FreeText
from agentgym.testing.rule import demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import begin, first_difference, play, repeat

__all__: list[str] = []

_NO_SPEC = "Not able to test alternative render modes"


@rule("Gymnasium's own check_env passes with no warning.")
def gymnasium_check(subject: Subject) -> None:
    """Run it on the bare environment and collect what it warns of."""
    env = subject.fresh()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env)
    said = [str(w.message) for w in caught if env.spec is not None or _NO_SPEC not in str(w.message)]
    demand(not said, f"check_env warns: {' / '.join(said)}")


@rule("Observations and actions are FreeText.")
def spaces(subject: Subject) -> None:
    """Both spaces, the first observation and a sampled action."""
    env = subject.fresh()
    for name in ("observation_space", "action_space"):
        space = getattr(env, name)
        demand(isinstance(space, FreeText), f"`{name}` is {space!r}, not FreeText.")
    for frame in (frame for episode in subject.played for frame in episode):
        observation = frame.observation
        demand(isinstance(observation, str), f"An observation is a {type(observation).__name__}, not a str.")
        demand(observation in env.observation_space, f"An observation has {len(observation)} characters.")


@rule("Every declared render mode works, 'ansi' is one of them, and others are refused.")
def render_modes(subject: Subject) -> None:
    """Make one instance for each mode."""
    modes = subject.fresh().metadata["render_modes"]
    demand("ansi" in modes, f"The render modes are {modes}; 'ansi' is missing.")
    for mode in modes:
        env = subject.fresh(render_mode=mode)
        demand(
            env.render_mode == mode, f"`render_mode` is {env.render_mode!r} in an instance made for {mode!r}."
        )
        for frame in play(env, 0, steps=3):
            _check_picture(mode, env.render(), frame.over)
    with warnings.catch_warnings(action="ignore"):  # Gymnasium warns of it, too
        try:
            subject.fresh(render_mode="smell")
        except ArgumentError:
            return
    demand(False, "render_mode='smell' is accepted. It must raise UnknownNameError.")


@rule("The EnvSpec survives JSON: an environment made from it plays the same episode.")
def spec_round_trip(subject: Subject) -> None:
    """Encode the spec of an instance, decode it, and play."""
    env = subject.fresh()
    subject.registered()
    spec = env.spec
    again = EnvSpec.from_json(spec.to_json()) if spec is not None else None
    twin = gymnasium.make(again, disable_env_checker=True).unwrapped  # type: ignore[arg-type]
    actions = [frame.action for frame in subject.played[0][1:]]
    one = [begin(env, 0), *repeat(env, actions)]
    other = [begin(twin, 0), *repeat(twin, actions)]  # type: ignore[arg-type]
    twin.close()
    difference = first_difference(one, other)
    demand(difference is None, f"After a round trip through JSON, {difference}.")


@rule("An environment can be pickled in mid-episode and goes on the same.")
def pickling(subject: Subject) -> None:
    """Pickle after a few steps; play the rest in the original and in the copy."""
    env = subject.fresh()
    for _ in play(env, 1, steps=3):
        pass
    twin = pickle.loads(pickle.dumps(env))
    actions: list[str | None] = [None, *(frame.action for frame in subject.played[0][1:2]), None]
    difference = first_difference(repeat(env, actions), repeat(twin, actions))
    twin.close()
    demand(difference is None, f"Between an instance and its pickled copy, {difference}.")


def _check_picture(mode: str, picture: object, over: bool) -> None:
    when = "at the end" if over else "in mid-episode"
    if mode == "ansi":
        demand(isinstance(picture, str) and bool(picture), f"render() in 'ansi' gives {picture!r} {when}.")
    elif mode == "rgb_array":
        fits = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
        demand(fits and picture.shape[2] == 3, f"render() in 'rgb_array' gives no (H, W, 3) uint8 {when}.")  # type: ignore[attr-defined]
