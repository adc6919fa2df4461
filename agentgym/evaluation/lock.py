"""What a suite was when it was frozen: every start, floors and ceilings, and the hash, in a file beside it.

`smoke.toml` is written by people, `smoke.lock` by `agentgym leaderboard suite freeze smoke`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentgym.errors import DataError
from agentgym.version import __version__

__all__ = ["Lock", "Measured", "Start", "first_change", "lock_path", "read_lock", "write_lock"]

SCHEMA: Final = "agentgym.suite-lock/1"

Start = tuple[str, int, str]
"""Task, seed and `start_digest`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Measured(_Strict):
    """What the baselines reach in one setting.

    Attributes:
        floor: Mean of the random agent, by metric; empty where it was not measured.
        ceiling: Mean of the oracle, by metric; empty likewise.
    """

    floor: dict[str, float] = Field(default_factory=dict)
    ceiling: dict[str, float] = Field(default_factory=dict)


class Lock(_Strict):
    """A frozen suite.

    Attributes:
        schema_id: Version of the format; "schema" in the file.
        suite: Name of the suite.
        version: Its version.
        hash: Hash of its expansion.
        package: Version of this package that froze it.
        measured: Floor and ceiling of each setting, shape (S,).
        starts: Starts of each setting, in order, shape (S, starts).
    """

    schema_id: Literal["agentgym.suite-lock/1"] = Field(default=SCHEMA, alias="schema")
    suite: str
    version: int
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    package: str = __version__
    measured: tuple[Measured, ...]
    starts: tuple[tuple[Start, ...], ...]


def lock_path(suite: Path) -> Path:
    """Return where the lock of a suite's file lies."""
    return suite.with_suffix(".lock")


def read_lock(path: Path) -> Lock | None:
    """Read a lock; None where there is none.

    Raises:
        DataError: The file is no lock.
    """
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, OSError) as error:
        raise DataError(f"{path} is no lock of a suite: {error}. Freeze the suite again.") from error


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock, one start a line, and put it in place whole."""
    record = lock.model_dump(mode="json", by_alias=True)
    settings = [",\n".join(json.dumps(start) for start in setting) for setting in record.pop("starts")]
    head = json.dumps(record, indent=1)[:-2]
    starts = ",\n".join(f"[\n{setting}\n]" for setting in settings)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(f'{head},\n "starts": [\n{starts}\n]\n}}\n', encoding="ascii")
    partial.replace(path)


def first_change(frozen: Sequence[Sequence[Start]], found: Sequence[Sequence[Start]]) -> str | None:
    """Say in words which start is the first that is not what was frozen; None where all are."""
    for number, (then, now) in enumerate(zip(frozen, found, strict=False)):
        for one, two in zip(then, now, strict=False):
            if one[:2] != two[:2]:
                return f"setting {number}: task {one[0]!r} with seed {one[1]} is now {two[0]!r} with {two[1]}"
            if one[2] != two[2]:
                return f"setting {number}: task {one[0]!r} with seed {one[1]} starts otherwise than it did"
        if len(then) != len(now):
            return f"setting {number} had {len(then)} starts and has {len(now)}"
    if len(frozen) != len(found):
        return f"there were {len(frozen)} settings and there are {len(found)}"
    return None
