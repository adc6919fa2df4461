"""Rules of chance: the seed decides everything, here and in every other process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from agentgym.testing.process import digests_elsewhere
from agentgym.testing.rule import RuleSkippedError, demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import Frame, begin, first_difference, play, transcript_digest

__all__: list[str] = []

_SEEDS = 20


@rule("The same seed gives the same start, in one instance and in two.")
def seed_repeats(subject: Subject) -> None:
    """Start each seed twice, with another episode in between."""
    one, other = subject.fresh(), subject.fresh()
    for seed in range(subject.effort.episodes):
        first = begin(one, seed)
        begin(one, seed + 1)
        for where, again in (("in the same instance", begin(one, seed)), ("in another", begin(other, seed))):
            difference = first_difference([first], [again])
            demand(difference is None, f"reset(seed={seed}) repeated {where}: {difference}.")


@rule("Different seeds give different tasks.")
def seed_matters(subject: Subject) -> None:
    """Start with many seeds; some of the tasks must differ where the split has more than one."""
    env = subject.fresh()
    if len(env.tasks(env.split)) == 1:
        raise RuleSkippedError("the split has one task")
    tasks = {begin(env, seed).info["task_id"] for seed in range(_SEEDS)}
    demand(len(tasks) > 1, f"reset(seed=...) gives the task {tasks.pop()!r} for each of {_SEEDS} seeds.")


@rule("The same seeds and actions give the same episodes in two instances, the unseeded next ones included.")
def episodes_repeat(subject: Subject) -> None:
    """Play each seed and then one episode more, in two instances."""
    one, other = subject.fresh(), subject.fresh()
    for seed in range(subject.effort.episodes):
        ours = [*play(one, seed), *play(one, None, chooser=seed)]
        theirs = [*play(other, seed), *play(other, None, chooser=seed)]
        difference = first_difference(ours, theirs)
        demand(difference is None, f"The episode of seed {seed} in two instances: {difference}.")


@rule("The same seeds and actions give the same episodes in another process with another PYTHONHASHSEED.")
def processes_agree(subject: Subject) -> None:
    """Compare digests of the transcripts."""
    spec = subject.registered()
    if not subject.effort.processes:
        raise RuleSkippedError("other processes are switched off")
    if not isinstance(spec.entry_point, str):
        raise RuleSkippedError("the entry point is no string, so another process cannot make the environment")
    env, seeds = subject.fresh(), list(range(subject.effort.episodes))
    ours = [transcript_digest(play(env, seed)) for seed in seeds]
    theirs = digests_elsewhere(env.spec or spec, seeds)
    apart = [seed for seed in seeds if ours[seed] != theirs[seed]]
    demand(
        not apart,
        f"The episodes of seeds {apart} differ in another process: is hash() or a set's order used?",
    )


@rule("The global generators are neither changed nor used.")
def global_generators(subject: Subject) -> None:
    """Play under two states of `random` and `numpy.random`; both must come out as they went in."""
    subject.fresh().reset(seed=0)  # imports are done before we look
    with _globals_kept():
        one, other = _play_globally(subject, 1), _play_globally(subject, 2)
    difference = first_difference(one, other)
    demand(difference is None, f"With the global generators seeded otherwise, {difference}.")


def _play_globally(subject: Subject, seed: int) -> list[Frame]:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the very thing that must have no effect
    before = _globals()
    env = subject.fresh()
    frames = [frame for k in range(subject.effort.episodes) for frame in play(env, k)]
    for name, was, now in zip(("random", "numpy.random"), before, _globals(), strict=True):
        demand(was == now, f"Making or playing it changes the state of the global generator `{name}`.")
    return frames


def _globals() -> tuple[str, str]:
    return repr(random.getstate()), repr(np.random.get_state(legacy=False)["state"])  # noqa: NPY002


@contextmanager
def _globals_kept() -> Iterator[None]:
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
