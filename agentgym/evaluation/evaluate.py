"""Evaluate an agent beside the random floor and the oracle ceiling, on the same tasks and seeds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from agentgym.agents import Agent, make_agent
from agentgym.errors import ArgumentError
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import Metrics, measure, success_by_part
from agentgym.evaluation.outcomes import outcomes
from agentgym.evaluation.record import reproducibility_record
from agentgym.evaluation.repeats import summarise_repeats
from agentgym.evaluation.suite import Suite
from agentgym.files import write_json
from agentgym.hashing import canonical_json
from agentgym.profiling import timed
from agentgym.registry import env_class, make_env
from agentgym.rollout import Episode, Isolation, RayWorkers, RunPlan, run
from agentgym.trajectory import Trajectory
from agentgym.version import __version__

__all__ = ["RESULT_FILE", "EvalResult", "Watch", "evaluate", "evaluate_suite"]

RESULT_FILE = "result.json"
SCHEMA = "agentgym.result/1"
BASELINES = {"floor": "random", "ceiling": "oracle"}

_Number = TypeVar("_Number")

Watch = Callable[[str, Trajectory], None]
"""Called with the row ("agent", "floor" or "ceiling") and every episode that it has."""


@dataclass(frozen=True, slots=True)
class EvalResult:
    """What an evaluation found.

    Attributes:
        title: What was played: environment and split, or suite.
        agent: Specification of the agent.
        seed: Seed of the evaluation.
        labels: The labels of the run, among them split or suite hash.
        rows: Metrics of "agent" and, with baselines, of "floor" (random) and "ceiling" (oracle).
        versus: The agent compared with each baseline, paired over starts.
        parts: Success of each row on each environment and kind of task, where there are several.
        repeats: pass^k, pass@k, flip rate and noise floor of each row, where every start was repeated.
        record: What somebody else needs to run it again; see `reproducibility_record`.
        package: Version of this package.
    """

    title: str
    agent: str
    seed: int
    labels: Mapping[str, str]
    rows: Mapping[str, Metrics]
    versus: Mapping[str, Comparison]
    parts: Mapping[str, Mapping[str, Estimate]]
    repeats: Mapping[str, Mapping[str, float]]
    record: Mapping[str, Any]
    package: str = __version__

    def to_record(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {
            "schema": SCHEMA,
            "package": self.package,
            "title": self.title,
            "agent": self.agent,
            "seed": self.seed,
            "labels": dict(self.labels),
            "rows": {name: metrics.to_record() for name, metrics in self.rows.items()},
            "versus": {name: comparison.to_record() for name, comparison in self.versus.items()},
            "parts": {row: {name: asdict(e) for name, e in part.items()} for row, part in self.parts.items()},
            "repeats": {row: dict(numbers) for row, numbers in self.repeats.items()},
            "record": dict(self.record),
        }


def evaluate(
    env_id: str,
    agent_spec: str,
    *,
    split: str | None = None,
    episodes: int = 100,
    repeats: int = 1,
    seed: int = 0,
    out: Path | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    agent_options: Mapping[str, Any] | None = None,
    baselines: bool = True,
    slots: int = 64,
    isolation: Isolation | None = None,
    workers: RayWorkers | None = None,
    watch: Watch | None = None,
) -> EvalResult:
    """Evaluate an agent on one environment.

    Episode i plays task i of the split with `seed` as seed of the reset; when the tasks run out, it begins
    again with the next seed. The baselines play the very same starts. With repeats every start is played
    several times, with other chance of the agent: pass^k, pass@k, flip rate and noise floor then come along.

    Args:
        env_id: Registered id.
        agent_spec: The agent, e.g. "random" or "hf:runs/demo/model".
        split: Split of the tasks; None: the environment's last, which is the farthest from training.
        episodes: Number of episodes, repeats aside.
        repeats: How often every start is played.
        seed: First seed of the resets, and seed of the agents' own chance.
        out: Where the run is kept; a killed evaluation goes on from there. None: nothing is kept.
        env_kwargs: Constructor arguments of the environment (JSON values).
        agent_options: Options of the agent (JSON values).
        baselines: Whether floor and ceiling are played as well.
        slots: Number of episodes alive at once.
        isolation: Whether environments get processes of their own; see `agentgym.rollout.collect`.
        workers: Who plays instead of this process; see `agentgym.rollout.RayWorkers`.
        watch: Called with every episode.

    Raises:
        ArgumentError: An argument is wrong, or `out` holds another evaluation.
    """
    kwargs = dict(env_kwargs or {})
    split = split or env_class(env_id).splits[-1]
    planned = plan_episodes(env_id, split, episodes, seed, kwargs, repeats=repeats)
    count = len({episode.task for episode in planned})
    title = f"{env_id}, split {split}, {count} tasks, {len(planned)} episodes"
    plan = _plan(agent_spec, seed, planned, {"env": env_id, "split": split}, agent_options)
    how: dict[str, Any] = {"slots": slots, "isolation": isolation, "workers": workers}
    return _Evaluation(title, plan, dict(agent_options or {}), how, watch).play(out, baselines)


def evaluate_suite(
    suite: Suite | ExpandedSuite,
    agent_spec: str,
    *,
    seed: int = 0,
    out: Path | None = None,
    agent_options: Mapping[str, Any] | None = None,
    baselines: bool = True,
    slots: int = 64,
    isolation: Isolation | None = None,
    workers: RayWorkers | None = None,
    watch: Watch | None = None,
) -> EvalResult:
    """Evaluate an agent on a suite; the run in `out` can then be submitted to a leaderboard.

    Args:
        suite: The suite.
        agent_spec: The agent.
        seed: Seed of the agents' own chance; the suite fixes all others.
        out: Where the run is kept; a killed evaluation goes on from there. None: nothing is kept.
        agent_options: Options of the agent (JSON values).
        baselines: Whether floor and ceiling are played as well.
        slots: Number of episodes alive at once.
        isolation: Whether environments get processes of their own; see `agentgym.rollout.collect`.
        workers: Who plays instead of this process; see `agentgym.rollout.RayWorkers`.
        watch: Called with every episode.

    Raises:
        ArgumentError: An argument is wrong, or `out` holds another evaluation.
    """
    suite = suite.expand() if isinstance(suite, Suite) else suite
    count = len({(e.env_id, e.task) for e in suite.episodes})
    title = f"{suite.title}, split {', '.join(suite.splits)}, {count} tasks, {len(suite.episodes)} episodes"
    labels = {"suite": suite.name, "suite_version": str(suite.version), "suite_hash": suite.hash}
    plan = _plan(agent_spec, seed, suite.episodes, labels, agent_options)
    how: dict[str, Any] = {"slots": slots, "isolation": isolation, "workers": workers}
    return _Evaluation(title, plan, dict(agent_options or {}), how, watch).play(out, baselines)


def plan_episodes(
    env_id: str, split: str, episodes: int, seed: int, env_kwargs: Mapping[str, Any], *, repeats: int = 1
) -> tuple[Episode, ...]:
    """Lay out the episodes of an evaluation: tasks in the order of the split, then again with the next seed.

    Repeats of a start stand side by side, in one group.

    Raises:
        ArgumentError: `episodes` or `repeats` is not positive, or the split is empty.
    """
    if episodes < 1 or repeats < 1:
        raise ArgumentError(f"episodes={episodes}, repeats={repeats}: both must be at least 1.")
    env = make_env(env_id, **env_kwargs)
    try:
        tasks = env.tasks(split)
        if len(tasks) == 0:
            raise ArgumentError(f"Split {split!r} of {env_id} has no tasks. Choose another split.")
        used = [str(tasks[i]) for i in range(min(episodes, len(tasks)))]
    finally:
        env.close()
    return tuple(
        Episode(i * repeats + k, env_id, seed + i // len(used), used[i % len(used)], i, env_kwargs)
        for i in range(episodes)
        for k in range(repeats)
    )


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """One plan, to be played by the agent and by its baselines."""

    title: str
    plan: RunPlan
    agent_options: dict[str, Any]
    how: Mapping[str, Any]
    watch: Watch | None

    def play(self, out: Path | None, baselines: bool) -> EvalResult:
        place: AbstractContextManager[str] = nullcontext(str(out)) if out else tempfile.TemporaryDirectory()
        with place as folder:
            result = self._play_all(Path(folder), baselines)
            write_json(Path(folder) / RESULT_FILE, result.to_record())
        return result

    def _play_all(self, folder: Path, baselines: bool) -> EvalResult:
        agent = make_agent(self.plan.agent, **self.agent_options)
        played = {"agent": self._run("agent", agent, folder)}
        for row, spec in BASELINES.items() if baselines else ():
            if spec == self.plan.agent and not self.agent_options:
                played[row] = self._again(row, played["agent"])
            else:
                played[row] = self._run(row, make_agent(spec), folder / row)
        with timed("statistics"):
            return self._result(agent, played)

    def _result(self, agent: Agent, played: Mapping[str, list[Trajectory]]) -> EvalResult:
        return EvalResult(
            title=self.title,
            agent=self.plan.agent,
            seed=self.plan.agent_seed,
            labels=self.plan.labels,
            rows={row: measure(run, self._rng()) for row, run in played.items()},
            versus={row: self._versus(played, row) for row in played if row != "agent"},
            parts=_unless_trivial({row: success_by_part(run) for row, run in played.items()}, least=2),
            repeats=_unless_trivial({row: summarise_repeats(outcomes(run)) for row, run in played.items()}),
            record=reproducibility_record(self.plan, agent, played["agent"]),
        )

    def _run(self, row: str, agent: Agent, folder: Path) -> list[Trajectory]:
        labels = {**self.plan.labels, "row": row}
        if row != "agent":
            labels.pop("agent_options", None)
        watch = self.watch
        on_done = None if watch is None else lambda trajectory: watch(row, trajectory)
        plan = replace(self.plan, agent=agent.spec, labels=labels)
        return run(plan, agent, folder, on_done=on_done, **self.how)

    def _again(self, row: str, played: list[Trajectory]) -> list[Trajectory]:
        """Let an agent that is a baseline itself stand for it."""
        for trajectory in played:
            if self.watch is not None:
                self.watch(row, trajectory)
        return played

    def _versus(self, played: Mapping[str, Sequence[Trajectory]], row: str) -> Comparison:
        return compare(outcomes(played["agent"]), outcomes(played[row]), self._rng())

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.plan.agent_seed)


def _plan(
    agent_spec: str,
    seed: int,
    episodes: Sequence[Episode],
    labels: Mapping[str, str],
    options: Mapping[str, Any] | None,
) -> RunPlan:
    if seed < 0:
        raise ArgumentError(f"`seed` is {seed}. It must not be negative.")
    extra = {"agent_options": canonical_json(dict(options)).decode("ascii")} if options else {}
    return RunPlan(agent_spec, seed, episodes, {**labels, **extra})


def _unless_trivial(
    rows: Mapping[str, Mapping[str, _Number]], least: int = 1
) -> Mapping[str, Mapping[str, _Number]]:
    return rows if all(len(numbers) >= least for numbers in rows.values()) else {}
