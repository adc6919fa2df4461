"""A suite: what is measured, as data. One TOML file becomes one list of episodes and one hash.

name = "smoke"
version = 1
description = "Eight small rooms."

[[settings]]
env = "agentgym/SokobanSmall-v0"
split = "test"
tasks = 8                     # the first eight of the split, or a list of task ids
seeds = [0]
repeats = 1
kwargs = { max_steps = 40 }
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

import agentgym
from agentgym.api import TextEnv
from agentgym.errors import ArgumentError, DataError, suggest
from agentgym.evaluation.expansion import Entry, ExpandedSuite, refuse_twins, start_digest
from agentgym.hashing import canonical_json
from agentgym.registry import make_env
from agentgym.rollout.plan import Episode

__all__ = ["Setting", "Suite", "load_suite", "suite_files"]

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
        kwargs: Constructor arguments beyond the id's own.
    """

    env: str
    split: str = "test"
    tasks: _Count | list[str]
    seeds: list[_Seed] = Field(default=[0], min_length=1)
    repeats: _Count = 1
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

    def starts(self) -> Iterator[tuple[str, int, str]]:
        """Ask the environment for every task, seed and `start_digest`.

        Raises:
            ArgumentError: The split has fewer tasks, or no task of that name.
        """
        env = make_env(self.env, **self.kwargs)
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
        settings: What is played, in this order.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    version: _Count
    description: str = ""
    settings: list[Setting] = Field(min_length=1)

    def expand(self) -> ExpandedSuite:
        """Write out every episode.

        Raises:
            ArgumentError: An environment or task does not exist, or a start is listed twice.
        """
        entries: list[Entry] = []
        group = 0
        for setting in self.settings:
            for task, seed, start in setting.starts():
                for _ in range(setting.repeats):
                    episode = Episode(len(entries), setting.env, seed, task, group, setting.kwargs)
                    entries.append(Entry(episode, setting.split, start))
                group += 1
        suite = ExpandedSuite(self.name, self.version, tuple(entries))
        refuse_twins(suite)
        return suite


def load_suite(name: str) -> Suite:
    """Read a suite by name or by the path of its TOML file.

    Names are looked up in $AGENTGYM_LEADERBOARDS/suites, else in leaderboards/suites of the checkout.

    Raises:
        UnknownNameError: There is no suite of that name.
        DataError: The file is no suite. The message names the file and every fault.
    """
    path = Path(name)
    if path.suffix != ".toml":
        files = suite_files()
        if name not in files:
            raise suggest("suite", name, files)
        path = files[name]
    try:
        suite = Suite.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DataError(f"{path} is no suite: {faults}.") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no readable TOML file: {error}.") from error
    if suite.name != path.stem:
        raise DataError(f"{path} calls its suite {suite.name!r}. Give the file and the suite one name.")
    return suite


def suite_files() -> dict[str, Path]:
    """List the suites that can be found by name."""
    folder = _folder()
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _folder() -> Path | None:
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given:
        return Path(given) / "suites"
    above = (parent / "leaderboards" / "suites" for parent in Path(agentgym.__file__).resolve().parents)
    return next((folder for folder in above if folder.is_dir()), None)
