"""The board as files, for git and for other stores.

    entries/smoke-v1-5f01b6bb/suite.json                       the suite, written out
    entries/smoke-v1-5f01b6bb/oracle-b2c11d20.jsonl.zst        a submission, byte for byte as it came
    entries/smoke-v1-5f01b6bb/oracle-b2c11d20.json             what the store knows besides

Equal boards give equal bytes, and a new entry changes no file of the others. Tokens, uploads and the numbers
of entries are no part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from agentgym.errors import DataError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.submission import Status, Submission

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Dumped", "Side", "dump", "entry_files", "read_side", "read_suite"]

SUFFIX = ".jsonl.zst"
SUITE_FILE = "suite.json"
_LONGEST_SLUG = 40


class Side(BaseModel):
    """What stands beside a submission file: the store's own words, and numbers for readers of a diff.

    Attributes:
        schema_id: Version of this file; "schema" in it.
        name: The name shown.
        agent: Specification of the agent.
        owner: Who uploaded it.
        submitted_at: When.
        status: Whether it holds.
        reason: Why it does not.
        notes: What a reader should know.
        success: Share of episodes that reached the goal.
        score: Mean score.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_id: Literal["agentgym.entry/1"] = Field(default="agentgym.entry/1", alias="schema")
    name: str
    agent: str
    owner: Annotated[str, Field(max_length=80)] | None = None
    submitted_at: AwareDatetime
    status: Status
    reason: Annotated[str, Field(max_length=4000)] | None = None
    notes: tuple[str, ...] = ()
    success: float
    score: float


@dataclass(frozen=True, slots=True)
class Dumped:
    """What a dump did.

    Attributes:
        written: Files that are new or changed.
        entries: Number of entries in the folder that are the store's.
    """

    written: tuple[Path, ...]
    entries: int


def dump(store: Store, folder: Path, *, suite: str | None = None) -> Dumped:
    """Write all entries of a store as files. What lies there already and is equal stays untouched.

    Args:
        store: The store.
        folder: Made where it is missing; files of other entries in it stay.
        suite: Only entries of suites of this name; None: all.
    """
    written: list[Path] = []
    entries = 0
    taken: set[Path] = set()
    for found in store.suites(suite):
        home = folder / f"{found.name}-v{found.version}-{found.hash[:8]}"
        home.mkdir(parents=True, exist_ok=True)
        written += _put(home / SUITE_FILE, _suite_text(store.suite(found.hash)))
        for id in store.ids(found.hash):
            entry = store.get(id, bundle=True)
            stem = home / f"{_slug(entry.name)}-{entry.content_digest[:8]}"
            if stem in taken:  # eight digits can be met on purpose
                stem = stem.with_name(f"{_slug(entry.name)}-{entry.content_digest}")
            taken.add(stem)
            assert entry.bundle is not None
            written += _put(Path(f"{stem}{SUFFIX}"), entry.bundle.to_bytes())
            written += _put(Path(f"{stem}.json"), _side_text(entry, store.summary(id).owner))
            entries += 1
    return Dumped(tuple(written), entries)


def entry_files(folder: Path) -> list[Path]:
    """List the submission files below a folder, the oldest entry first.

    Raises:
        DataError: One has no JSON file beside it, or a wrong one.
    """
    found = [(read_side(path).submitted_at, path) for path in sorted(folder.rglob(f"*{SUFFIX}"))]
    return [path for _, path in sorted(found)]


def read_side(path: Path) -> Side:
    """Read what stands beside a submission file.

    Raises:
        DataError: There is nothing, or it is malformed.
    """
    beside = path.with_name(path.name.removesuffix(SUFFIX) + ".json")
    try:
        return Side.model_validate_json(beside.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{beside} does not describe an entry: {error}. Dump the board again.") from error


def read_suite(path: Path) -> ExpandedSuite:
    """Read the suite that lies beside a submission file.

    Raises:
        DataError: There is none, or it is malformed.
    """
    beside = path.with_name(SUITE_FILE)
    try:
        return ExpandedSuite.from_record(json.loads(beside.read_bytes()))
    except (OSError, ValueError, RecursionError, DataError) as error:
        raise DataError(f"{beside} holds no suite: {error}. Dump the board again.") from error


def _put(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file whole, unless it has this content."""
    if path.exists() and path.read_bytes() == content:
        return
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
    yield path


def _suite_text(suite: ExpandedSuite) -> bytes:
    """Write a suite, one episode a line."""
    record = suite.to_record()
    rows = ",\n".join(json.dumps(row, sort_keys=True) for row in record.pop("episodes"))
    head = json.dumps(record, sort_keys=True)[:-1]
    return f'{head}, "episodes": [\n{rows}\n]}}\n'.encode("ascii")


def _side_text(entry: Submission, owner: str | None) -> bytes:
    side = Side(
        name=entry.name,
        agent=entry.agent,
        owner=owner,
        submitted_at=entry.submitted_at,
        status=entry.status,
        reason=entry.reason,
        notes=entry.notes,
        success=entry.metrics.success.value,
        score=entry.metrics.score.value,
    )
    return (json.dumps(side.model_dump(mode="json", by_alias=True), indent=1) + "\n").encode("ascii")


def _slug(name: str) -> str:
    """Turn a name into part of a file's name: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_SLUG] or "entry"
