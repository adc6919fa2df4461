"""A suite: what is measured, as data. One TOML file becomes one list of episodes and one hash.

name = "smoke"
version = 1
description = "Eight small rooms."
metrics = ["success", "score"]  # what ranks entries: success, then score

[[settings]]
env = "agentgym/SokobanSmall-v0"
split = "test"
tasks = 8                     # the first eight of the split, or a list of task ids
seeds = [0]
repeats = 1
max_steps = 40                # steps of an episode
max_tokens = 4096             # tokens of one response
kwargs = { noop = false }
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

import agentgym
from agentgym.api import TextEnv
from agentgym.errors import ArgumentError, DataError, suggest
from agentgym.evaluation.expansion import RANKED_BY, Entry, ExpandedSuite, Rules, refuse_twins, start_digest
from agentgym.evaluation.lock import Lock, Measured, Start, first_change, lock_path, read_lock
from agentgym.hashing import canonical_json
from agentgym.registry import make_env
from agentgym.rollout.plan import Episode

__all__ = ["Setting", "Suite", "load_suite", "suite_files", "suite_path", "suites_folder"]

ENVIRONMENT_VARIABLE = "AGENTGYM_LEADERBOARDS"

_Seed = Annotated[int, Field(ge=0, lt=2**63)]
_Count = Annotated[int, Field(ge=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Setting(_Strict):
    """One environment with its tasks.

    Attributes:
        env: Registered id.
        split: Split of the tasks.
        tasks: Number of tasks from the head of the split, or their ids.
        seeds: Seeds of the reset; every task is played with each.
        repeats: Number of episodes of each start; they form a group.
        max_steps: Number of steps after which an episode is truncated; None: the id's own.
        max_tokens: Greatest number of tokens of one response; None: any.
        kwargs: Constructor arguments beyond the id's own.
    """

    env: str
    split: str = "test"
    tasks: _Count | list[str]
    seeds: list[_Seed] = Field(default=[0], min_length=1)
    repeats: _Count = 1
    max_steps: _Count | None = None
    max_tokens: _Count | None = None
    kwargs: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("tasks", "seeds")
    @classmethod
    def _distinct(cls, value: Any) -> Any:
        if isinstance(value, list) and (not value or len(set(value)) < len(value)):
            raise ValueError("the list must hold something, and nothing twice")
        return value

    @field_validator("kwargs")
    @classmethod
    def _finite(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        canonical_json(value)  # NaN and infinity have no JSON
        return value

    @model_validator(mode="after")
    def _one_step_limit(self) -> Setting:
        if "max_steps" in self.kwargs:
            raise ValueError("max_steps is a key of the setting, not of its kwargs")
        return self

    @property
    def env_kwargs(self) -> dict[str, JsonValue]:
        """Constructor arguments, the step limit among them."""
        return self.kwargs if self.max_steps is None else {**self.kwargs, "max_steps": self.max_steps}

    def starts(self) -> Iterator[Start]:
        """Ask the environment for every task, seed and `start_digest`.

        Raises:
            ArgumentError: The split has fewer tasks, or no task of that name.
        """
        env = make_env(self.env, **self.env_kwargs)
        try:
            for task in self._task_ids(env):
                for seed in self.seeds:
                    yield task, seed, start_digest(env, task, seed)
        finally:
            env.close()

    def _task_ids(self, env: TextEnv) -> list[str]:
        known = env.tasks(self.split)
        if isinstance(self.tasks, list):
            for task in self.tasks:
                if task not in known:
                    raise suggest("task", task, known)
            return self.tasks
        if self.tasks > len(known):
            raise ArgumentError(
                f"{self.tasks} tasks are asked of {self.env}; split {self.split!r} has {len(known)}. "
                f"Ask for at most {len(known)}."
            )
        return [str(known[i]) for i in range(self.tasks)]


class Suite(_Strict):
    """A suite as it is written down.

    Attributes:
        name: Its name; that of its file.
        version: Counts up whenever what is measured changes.
        description: What it is for; no part of the hash.
        metrics: What ranks entries, the first first.
        settings: What is played, in this order.
        lock: What it was when it was frozen; None where it never was. No part of the TOML file.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    version: _Count
    description: str = ""
    metrics: Annotated[tuple[Literal["success", "score"], ...], Field(strict=False, min_length=1)] = RANKED_BY
    settings: list[Setting] = Field(min_length=1)
    lock: Lock | None = Field(default=None, exclude=True)

    def expand(self) -> ExpandedSuite:
        """Ask the environments for every start and write out every episode.

        Raises:
            ArgumentError: An environment or task does not exist, or a start is listed twice.
            DataError: The suite is frozen and no longer what it was; the message names the first change.
        """
        starts = [tuple(setting.starts()) for setting in self.settings]
        if self.lock is None:
            return self.assemble(starts)
        change = first_change(self.lock.starts, starts)
        if change is not None:
            raise self._changed(change)
        return self.frozen()

    def frozen(self) -> ExpandedSuite:
        """Write out every episode without making an environment, where the suite is frozen; else `expand`.

        Raises:
            DataError: The file is no longer what was frozen.
        """
        if self.lock is None:
            return self.expand()
        suite = self.assemble(self.lock.starts, self.lock.measured)
        if (suite.hash, suite.name) != (self.lock.hash, self.lock.suite):
            raise self._changed("its settings are not those of the lock")
        return suite

    def assemble(
        self, starts: Sequence[Sequence[Start]], measured: Sequence[Measured] | None = None
    ) -> ExpandedSuite:
        """Write out every episode.

        Args:
            starts: Starts of each setting, shape (S, starts).
            measured: Floor and ceiling of each setting, shape (S,); None: not measured.

        Raises:
            ArgumentError: A start is listed twice.
            DataError: There are not as many settings.
        """
        measured = [Measured()] * len(self.settings) if measured is None else measured
        if not len(starts) == len(measured) == len(self.settings):
            raise self._changed(f"there are {len(self.settings)} settings; {len(starts)} were frozen")
        entries: list[Entry] = []
        group = 0
        for number, (setting, own) in enumerate(zip(self.settings, starts, strict=True)):
            for task, seed, start in own:
                for _ in range(setting.repeats):
                    episode = Episode(len(entries), setting.env, seed, task, group, setting.env_kwargs)
                    entries.append(Entry(episode, setting.split, start, number))
                group += 1
        rules = (
            Rules(setting.max_tokens, found.floor, found.ceiling)
            for setting, found in zip(self.settings, measured, strict=True)
        )
        suite = ExpandedSuite(self.name, self.version, tuple(entries), tuple(rules), self.metrics)
        refuse_twins(suite)
        return suite

    def _changed(self, change: str) -> DataError:
        return DataError(
            f"Suite {self.name} v{self.version} no longer is what was frozen: {change}. Restore its file, "
            "its lock, the data or the version of the package; or raise its version and freeze it anew with: "
            f"agentgym leaderboard suite freeze {self.name}"
        )


def load_suite(name: str) -> Suite:
    """Read a suite by name or by the path of its TOML file.

    Names are looked up in $AGENTGYM_LEADERBOARDS/suites, else in leaderboards/suites of the checkout.

    Raises:
        UnknownNameError: There is no suite of that name.
        DataError: The file is no suite, or its lock is none. The message names the file and every fault.
    """
    path = suite_path(name)
    try:
        suite = Suite.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DataError(f"{path} is no suite: {faults}.") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no readable TOML file: {error}.") from error
    if suite.name != path.stem:
        raise DataError(f"{path} calls its suite {suite.name!r}. Give the file and the suite one name.")
    return suite.model_copy(update={"lock": read_lock(lock_path(path))})


def suite_path(name: str) -> Path:
    """Return the file of a suite, named or given as a path.

    Raises:
        UnknownNameError: There is no suite of that name.
    """
    path = Path(name)
    if path.suffix == ".toml":
        return path
    files = suite_files()
    if name not in files:
        raise suggest("suite", name, files)
    return files[name]


def suite_files() -> dict[str, Path]:
    """List the suites that can be found by name."""
    folder = suites_folder()
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.toml"))}


def suites_folder() -> Path | None:
    """Return the folder of suites: $AGENTGYM_LEADERBOARDS/suites, else the checkout's; None without them."""
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given:
        return Path(given) / "suites"
    above = (parent / "leaderboards" / "suites" for parent in Path(agentgym.__file__).resolve().parents)
    return next((folder for folder in above if folder.is_dir()), None)
