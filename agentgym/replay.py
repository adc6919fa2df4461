"""Replay: execute a recorded episode again from its seed and name the first thing that differs."""

from __future__ import annotations

import dataclasses
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentgym.api import TextEnv
from agentgym.errors import AgentGymError, DataError, MissingExtraError, TrajectoryError
from agentgym.hashing import canonical_json
from agentgym.plain import plain
from agentgym.registry import make_env
from agentgym.rollout.folder import TRAJECTORY_FILE
from agentgym.trajectory import Step, Trajectory, read_trajectories
from agentgym.version import __version__

__all__ = ["Difference", "ReplayReport", "Replayer", "replay", "replay_file", "version_note"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a recording and its re-execution part.

    Attributes:
        episode: Number of the episode.
        turn: Number of the turn, from 0; the number of turns for what comes after the last.
        field: What differs: "task_id", "split", "observation", "state", "reward", "terminated", "truncated",
            "valid", "progress", "score", "success", "final_observation", "end" (the recording stops before
            the end or goes on after it), "error" (its reason is no text), "environment" or "step" (they
            raise).
        recorded: What the recording says.
        replayed: What the environment does.
    """

    episode: int
    turn: int
    field: str
    recorded: object
    replayed: object

    def __str__(self) -> str:
        return (
            f"episode {self.episode}, turn {self.turn}: {self.field} is {self.recorded!r} in the recording "
            f"and {self.replayed!r} when executed again"
        )


class Replayer:
    """Re-executes trajectories and keeps the environments that it made for the next one.

    Args:
        keep: Number of environments kept; a hostile file may name any number of settings.
        watch: Called before every start (with -1) and every step (with the number of the turn).
    """

    def __init__(self, *, keep: int = 8, watch: Callable[[int], None] = lambda turn: None) -> None:
        self._keep = keep
        self._watch = watch
        self._envs: OrderedDict[bytes, TextEnv] = OrderedDict()

    def replay(self, trajectory: Trajectory) -> Difference | None:
        """Execute every action again.

        The recorded actions are handed to the environment as text and are never interpreted otherwise. An
        errored trajectory is executed as far as it goes; what raised then is not asked to raise again.

        Returns:
            The first difference; None if there is none.
        """
        try:
            self._watch(-1)
            return _Execution(self._env(trajectory), trajectory, self._watch).first_difference()
        except _Parting as parting:
            self._forget(trajectory)  # whatever raised may have left the environment half-way
            return parting.difference

    def close(self) -> None:
        """Close the environments."""
        while self._envs:
            self._envs.popitem()[1].close()

    def _env(self, trajectory: Trajectory) -> TextEnv:
        key = _setting(trajectory)
        if key not in self._envs:
            try:
                self._envs[key] = make_env(trajectory.env_id, **trajectory.env_kwargs)
            except MissingExtraError:
                raise  # says nothing about the recording
            except Exception as error:  # the arguments are a stranger's: anything may come
                recorded = f"{trajectory.env_id} {dict(trajectory.env_kwargs)}"
                raise _Parting(
                    Difference(trajectory.episode, 0, "environment", recorded, _said(error))
                ) from error
            if len(self._envs) > self._keep:
                self._envs.popitem(last=False)[1].close()
        self._envs.move_to_end(key)
        return self._envs[key]

    def _forget(self, trajectory: Trajectory) -> None:
        env = self._envs.pop(_setting(trajectory), None)
        if env is not None:
            env.close()


def replay(trajectory: Trajectory) -> Difference | None:
    """Execute one trajectory again and return the first difference, or None. See `Replayer` for many."""
    replayer = Replayer()
    try:
        return replayer.replay(trajectory)
    finally:
        replayer.close()


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What came of re-executing a file.

    Attributes:
        path: The file.
        episodes: Number of episodes that were executed again.
        turns: Number of their turns.
        differences: The first difference of every episode that has one, with the line of the file.
        broken: Why the reading stopped before the end, if it did: file, line and turn of a broken hash chain.
        notes: What else the reader should know, e.g. that another version made the recording.
    """

    path: str
    episodes: int
    turns: int
    differences: tuple[tuple[int, Difference], ...]
    broken: str | None
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the whole file reproduces."""
        return not self.differences and self.broken is None

    def lines(self) -> Iterator[str]:
        """Say it in lines that are safe to print."""
        yield from (f"note: {plain(note, limit=400)}" for note in self.notes)
        for line, difference in self.differences:
            yield f"line {line}: {plain(difference, limit=600)}"
        if self.broken is not None:
            yield plain(self.broken, limit=600)
        equal = self.episodes - len(self.differences)
        verdict = "reproduces exactly" if self.ok else "does not reproduce"
        yield f"{plain(self.path)} {verdict}: {equal} of {self.episodes} episodes equal, {self.turns} turns."

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object; recorded and replayed values are given as text."""
        differences = [
            {
                **dataclasses.asdict(d),
                "line": line,
                "recorded": repr(d.recorded),
                "replayed": repr(d.replayed),
            }
            for line, d in self.differences
        ]
        return {**dataclasses.asdict(self), "ok": self.ok, "differences": differences}


def replay_file(path: Path) -> ReplayReport:
    """Execute every episode of a trajectory file, or of a run's folder, again.

    Raises:
        DataError: There is no such file.
    """
    file = path / TRAJECTORY_FILE if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"{file} is no file. Pass a trajectory file (.jsonl) or the folder of a run.")
    episodes, turns, broken = 0, 0, None
    differences: list[tuple[int, Difference]] = []
    notes: dict[str, None] = {}  # a set that keeps its order
    replayer = Replayer()
    try:
        for line, trajectory in enumerate(read_trajectories(file), start=1):
            episodes, turns = line, turns + len(trajectory.steps)
            difference = replayer.replay(trajectory)
            if difference is not None:
                differences.append((line, difference))
            note = version_note(trajectory)
            if note is not None:
                notes[note] = None
    except TrajectoryError as error:
        broken = str(error)
    finally:
        replayer.close()
    if episodes == 0 and broken is None:
        broken = f"{file} holds no trajectory."
    return ReplayReport(str(file), episodes, turns, tuple(differences), broken, tuple(notes))


def version_note(trajectory: Trajectory) -> str | None:
    """Say so where another version of this package made the recording; None where it was this one."""
    if trajectory.package == __version__:
        return None
    return (
        f"recorded by agentgym {trajectory.package}, replayed by {__version__}: "
        f"a difference may come from a change of {trajectory.env_id} that its version number does not show"
    )


class _Parting(Exception):
    """Carries a difference found where environment or arguments raised."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


class _Execution:
    """One trajectory on one environment."""

    def __init__(self, env: TextEnv, trajectory: Trajectory, watch: Callable[[int], None]) -> None:
        self._env = env
        self._trajectory = trajectory
        self._watch = watch
        self._turn = 0
        self._observation = ""
        self._info: Mapping[str, Any] = {}
        self._over = False

    def first_difference(self) -> Difference | None:
        """Walk through the turns and stop at the first difference."""
        record = self._trajectory
        if record.error is not None and (not isinstance(record.error, str) or not record.error):
            return self._differ("error", record.error, "a reason in words, or null")
        if not self._reset():
            return None
        difference = self._compare_start()
        for step in record.steps:
            if difference is not None:
                return difference
            difference = self._play(step)
        return difference or self._compare_end()

    def _reset(self) -> bool:
        """Start the episode; False where it broke off at the reset and does so again."""
        record = self._trajectory
        try:
            self._observation, info = self._env.reset(seed=record.seed, options={"task": record.task_id})
        except Exception as error:
            if record.error is not None and not record.steps and not isinstance(error, AgentGymError):
                return False
            raise _Parting(
                self._differ("environment", f"a start of task {record.task_id!r}", _said(error))
            ) from error
        self._info = info
        return True

    def _compare_start(self) -> Difference | None:
        record = self._trajectory
        if record.task_id != self._info["task_id"]:
            return self._differ("task_id", record.task_id, self._info["task_id"])
        broke_at_reset = record.error is not None and not record.steps
        if record.split != self._info["split"] and not (broke_at_reset and record.split == ""):
            return self._differ("split", record.split, self._info["split"])
        return None

    def _play(self, step: Step) -> Difference | None:
        if self._over:
            return self._differ("end", f"another action, {step.decision.action!r}", "the episode is over")
        before = {"observation": self._observation, "state": self._info["state_key"]}
        difference = self._first(step, before)
        if difference is not None:
            return difference
        difference = self._first(step, self._act(step.decision.action))
        self._turn += 1
        return difference

    def _act(self, action: str) -> dict[str, object]:
        self._watch(self._turn)
        try:
            observation, reward, terminated, truncated, info = self._env.step(action)
        except Exception as error:
            raise _Parting(self._differ("step", f"a consequence of {action!r}", _said(error))) from error
        self._observation, self._info, self._over = observation, info, terminated or truncated
        return {
            "reward": reward,
            "terminated": terminated,
            "truncated": truncated,
            "valid": info["action_valid"],
            "progress": info["progress"],
            "score": info["score"],
            "success": info["success"],
        }

    def _compare_end(self) -> Difference | None:
        record = self._trajectory
        if record.error is None and not self._over:
            return self._differ("end", "the recording stops", "the episode goes on")
        if record.error is not None and self._over:
            return self._differ("error", record.error, "the episode ends")
        broke_at_reset = record.error is not None and not record.steps and record.final_observation == ""
        if record.final_observation != self._observation and not broke_at_reset:
            return self._differ("final_observation", record.final_observation, self._observation)
        return None

    def _first(self, step: Step, replayed: Mapping[str, object]) -> Difference | None:
        for name, value in replayed.items():
            recorded = getattr(step, name)
            if not _same(recorded, value):
                return self._differ(name, recorded, value)
        return None

    def _differ(self, field: str, recorded: object, replayed: object) -> Difference:
        return Difference(self._trajectory.episode, self._turn, field, recorded, replayed)


def _setting(trajectory: Trajectory) -> bytes:
    return canonical_json([trajectory.env_id, dict(trajectory.env_kwargs)])


def _same(recorded: Any, value: Any) -> bool:
    """Whether both are equal; of zeros the sign as well, or one run could be written in many ways."""
    if recorded != value:
        return False
    return recorded != 0.0 or math.copysign(1.0, value) == math.copysign(1.0, recorded)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
