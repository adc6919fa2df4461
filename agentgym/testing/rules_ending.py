"""Rules of how episodes end."""

from __future__ import annotations

from agentgym.api import TextEnv
from agentgym.errors import EpisodeOverError
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, advance, begin

__all__: list[str] = []

_NONSENSE = ("", "\x00", "colourless green ideas sleep furiously", "%")


@rule("An episode ends with `terminated` or with `truncated`, never with both; both are Python bools.")
def one_ending(subject: Subject) -> None:
    """Look at every frame of every episode."""
    for frame in (f for episode in (*subject.played, *subject.mastered) for f in episode):
        flags = (frame.terminated, frame.truncated)
        demand(all(type(flag) is bool for flag in flags), f"terminated and truncated are {flags!r}.")
        demand(flags != (True, True), f"After {frame.action!r}, terminated and truncated are both True.")


@rule("Under actions that are never valid, the episode is truncated at step `max_steps` and not before.")
def truncation(subject: Subject) -> None:
    """Take `max_steps` invalid steps."""
    env = subject.fresh()
    frame, step = begin(env, 0), 0
    action = _invalid(env)
    while not frame.over and step <= env.max_steps:
        frame, step = advance(env, action), step + 1
        demand(not frame.terminated, f"An invalid action terminates the episode at step {step}.")
    demand(
        frame.truncated, f"The episode is still running after {step} steps; `max_steps` is {env.max_steps}."
    )
    demand(step == env.max_steps, f"The episode is truncated at step {step}; `max_steps` is {env.max_steps}.")


@rule("`step` raises EpisodeOverError before the first reset and after the end; a reset starts anew.")
def step_after_end(subject: Subject) -> None:
    """Try both, and both kinds of ending where the expert reaches one."""
    env = subject.fresh()
    demand(_refuses(env), "step() before the first reset() does not raise EpisodeOverError.")
    for seed in range(subject.effort.episodes):
        last = _play_out(env, seed)
        how = "terminated" if last.terminated else "truncated"
        demand(last.over, f"The expert's episode of seed {seed} does not end.")
        demand(_refuses(env), f"step() after the episode {how} does not raise EpisodeOverError.")
    begin(env, 0)
    demand(not _refuses(env), "step() raises EpisodeOverError although reset() was called.")


@rule("A step that reaches success terminates the episode.")
def success_terminates(subject: Subject) -> None:
    """Look at every frame of every episode."""
    for frame in (f for episode in (*subject.played, *subject.mastered) for f in episode[1:]):
        if frame.info["success"]:
            demand(
                frame.terminated is True, f"After {frame.action!r}, success is True and terminated is not."
            )


def _invalid(env: TextEnv) -> str:
    start = env.snapshot()
    for action in _NONSENSE:
        valid = advance(env, action).info["action_valid"]
        env.restore(start)
        if not valid:
            return action
    raise RuleSkippedError("every text is a valid action here")


def _refuses(env: TextEnv) -> bool:
    try:
        env.step("")
    except EpisodeOverError:
        return True
    return False


def _play_out(env: TextEnv, seed: int) -> Frame:
    frame = begin(env, seed)
    for _ in range(env.max_steps + 1):
        if frame.over:
            break
        frame = advance(env, env.oracle_action())
    return frame
