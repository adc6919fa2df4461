"""Rules of tasks: they are listed, can be asked for by name, and can be solved."""

from __future__ import annotations

from collections.abc import Sequence

from agentgym.api import TextEnv
from agentgym.errors import UnknownNameError
from agentgym.testing.rule import demand, rule
from agentgym.testing.subject import Subject
from agentgym.testing.transcript import begin

__all__: list[str] = []

_LOOKED_AT = 50
_STARTED = 3


@rule("Each split lists its tasks, always in the same order; no task is in two splits.")
def tasks_are_listed(subject: Subject) -> None:
    """Compare the lists of two instances and of the splits."""
    one, other = subject.fresh(), subject.fresh()
    demand(len(one.tasks(one.split)) > 0, f"tasks({one.split!r}) is empty.")
    for split in one.splits:
        ours, theirs = _some(one.tasks(split)), _some(other.tasks(split))
        demand(ours == theirs, f"tasks({split!r}) differs between two instances.")
        demand(
            all(isinstance(task, str) for task in ours), f"tasks({split!r}) holds what is no str: {ours[:3]}."
        )
        for elsewhere in (name for name in one.splits if name != split):
            shared = [task for task in ours if task in one.tasks(elsewhere)]
            demand(not shared, f"The task {shared[:1]} is in {split!r} and in {elsewhere!r}.")
    demand(_refuses_split(one), "tasks('no such split') must raise UnknownNameError.")


@rule("reset(options={'task': id}) starts that task, of any split; an unknown one raises UnknownNameError.")
def task_option(subject: Subject) -> None:
    """Start some tasks of each split, then names that do not exist."""
    env = subject.fresh()
    for split in env.splits:
        for task in _some(env.tasks(split))[:_STARTED]:
            info = begin(env, 0, task).info
            got = (info["task_id"], info["split"])
            demand(got == (task, split), f"Asked for task {task!r} of {split!r}, reset() starts {got}.")
    before = env.snapshot()
    for options in ({"task": "no such task"}, {"task": 7}, {"tusk": "x"}):
        try:
            env.reset(options=options)
        except UnknownNameError:
            demand(env.snapshot() == before, f"reset(options={options}) raises but changes the episode.")
        else:
            demand(False, f"reset(options={options}) is accepted. It must raise UnknownNameError.")


@rule("The expert succeeds in at least the stated share of its episodes.")
def oracle_succeeds(subject: Subject) -> None:
    """Count its successes over seeds and splits."""
    episodes = subject.mastered
    lost = [episode[0].info["task_id"] for episode in episodes if not episode[-1].info["success"]]
    share = 1.0 - len(lost) / len(episodes)
    stated = subject.effort.oracle_success
    least = subject.fresh().oracle_success if stated is None else stated
    demand(
        share >= least,
        f"The expert succeeds in {share:.0%} of its episodes, not in {least:.0%}: it fails {lost}.",
    )


def _some(tasks: Sequence[str]) -> list[str]:
    """Take the first, the last and a few between: a list of tasks may be very long and lazy."""
    stride = max(1, len(tasks) // _LOOKED_AT)
    return [tasks[k] for k in {*range(0, len(tasks), stride), *range(max(0, len(tasks) - 1), len(tasks))}]


def _refuses_split(env: TextEnv) -> bool:
    try:
        env.tasks("no such split")
    except UnknownNameError:
        return True
    return False
