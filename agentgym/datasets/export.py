"""Writing a data set, file by file; one that was interrupted goes on where it stopped.

    <folder>/README.md                   the card, written last
    <folder>/export.json                 what was asked for, and which files are whole
    <folder>/data/<split>-<number>.parquet

Equal episodes and settings give equal files, whatever the order in which the episodes ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from agentgym.datasets.card import write_card
from agentgym.datasets.chats import Chats
from agentgym.datasets.config import ExportConfig
from agentgym.datasets.rows import COLUMNS, rows_of
from agentgym.datasets.source import Entry, Source
from agentgym.errors import ArgumentError, DataError, require
from agentgym.files import claim, write_json
from agentgym.trajectory import Trajectory

__all__ = ["ExportReport", "export", "read_exported"]

MANIFEST: Final = "export.json"
SCHEMA: Final = "agentgym.export/1"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export holds.

    Attributes:
        folder: Where it is.
        rows: Number of rows of each split.
        files: Number of files.
        groups: Number of groups that were read for it.
    """

    folder: Path
    rows: dict[str, int]
    files: int
    groups: int


@dataclass
class _Shard:
    """A file in the making."""

    split: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    groups: int = 0


def export(
    path: Path,
    out: Path,
    config: ExportConfig | None = None,
    *,
    on_group: Callable[[int], None] = lambda done: None,
) -> ExportReport:
    """Write episodes as a data set that `datasets.load_dataset(folder)` reads.

    At most one file's rows are in memory, and one group's episodes.

    Args:
        path: A trajectory file (.jsonl), or the folder of a run.
        out: Folder of the data set; made if absent. One that was interrupted is finished.
        config: What the rows are to be.
        on_group: Called with the number of groups done.

    Raises:
        ArgumentError: The folder holds another export, or nothing came of this one.
        TrajectoryError: A line of the file is corrupt.
        DataError: A task does not start as it was recorded, or a number does not fit its column.
        MissingExtraError: pyarrow is not installed.
    """
    require("pyarrow", extra="datasets", who="export")
    config, source = config or ExportConfig(), Source(path)
    (out / "data").mkdir(parents=True, exist_ok=True)
    with claim(out):
        manifest = _manifest(out, source, config)
        if not manifest["done"]:
            for shard in _shards(source, config, manifest, on_group):
                _write(shard, out, config, manifest)
            _finish(out, source, config, manifest)
    rows: dict[str, int] = {}
    for shard in manifest["shards"]:
        if shard["rows"]:
            rows[shard["split"]] = rows.get(shard["split"], 0) + shard["rows"]
    groups = sum(shard["groups"] for shard in manifest["shards"])
    return ExportReport(out, rows, sum(bool(shard["file"]) for shard in manifest["shards"]), groups)


def read_exported(folder: Path) -> Iterator[Trajectory]:
    """Read the episodes back from an export of the form "trajectories", each with its hash chain checked.

    Raises:
        DataError: The folder holds no such export.
        TrajectoryError: An episode was altered.
    """
    parquet = require("pyarrow.parquet", extra="datasets", who="read_exported")
    files = sorted((folder / "data").glob("*.parquet"))
    if not files:
        raise DataError(f"{folder} holds no data. Pass the folder of an export.")
    for file in files:
        try:
            opened = parquet.ParquetFile(file)
            if "trajectory" not in opened.schema_arrow.names:
                raise DataError(f"{file} has no column 'trajectory'. Export with the form 'trajectories'.")
            for batch in opened.iter_batches(batch_size=64, columns=["trajectory"]):
                yield from map(Trajectory.from_json, batch.column(0).to_pylist())
        except (OSError, ValueError, TypeError) as error:
            raise DataError(f"{file} is no export of episodes: {error}.") from error


def _manifest(out: Path, source: Source, config: ExportConfig) -> dict[str, Any]:
    wanted = {"schema": SCHEMA, "source": source.digest, "config": asdict(config)}
    path = out / MANIFEST
    if not path.exists():
        return {**wanted, "shards": [], "done": False}
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
        differing = sorted(name for name in wanted if found[name] != wanted[name])
        for shard in found["shards"]:
            if shard["file"] and not (out / shard["file"]).is_file():
                differing.append(shard["file"])
    except (ValueError, LookupError, TypeError) as error:
        raise DataError(f"{path} is no record of an export: {error!r}. Choose another folder.") from error
    if differing:
        raise ArgumentError(
            f"{out} holds another export: {', '.join(differing)} differ. Choose another folder."
        )
    return found


def _shards(
    source: Source, config: ExportConfig, manifest: dict[str, Any], on_group: Callable[[int], None]
) -> Iterator[_Shard]:
    """Yield the files that are still to be written."""
    done = sum(shard["groups"] for shard in manifest["shards"])
    chats = Chats(instruction=config.instruction)
    shard: _Shard | None = None
    try:
        for number, entries in enumerate(islice(source.groups(), done, None), start=done + 1):
            split = entries[0].split
            if shard is not None and (shard.split != split or len(shard.rows) >= config.rows):
                yield shard
                shard = None
            shard = shard or _Shard(split)
            shard.rows += _rows(source, entries, config, chats)
            shard.groups += 1
            on_group(number)
        if shard is not None:
            yield shard
    finally:
        chats.close()


def _rows(source: Source, entries: list[Entry], config: ExportConfig, chats: Chats) -> list[dict[str, Any]]:
    if config.form in ("trajectories", "sft") and config.keep != "best":  # episode by episode
        return [row for entry in entries for row in rows_of([source.read(entry)], config, chats)]
    return list(rows_of([source.read(entry) for entry in entries], config, chats))


def _write(shard: _Shard, out: Path, config: ExportConfig, manifest: dict[str, Any]) -> None:
    import pyarrow as arrow
    from pyarrow import parquet

    stem = f"data/{_safe(shard.split)}-"
    number = sum(each["file"].startswith(stem) for each in manifest["shards"])
    file = f"{stem}{number:05d}.parquet" if shard.rows else ""
    if shard.rows:
        try:
            table = arrow.Table.from_pylist(shard.rows, schema=_schema(config))
        except (arrow.ArrowException, OverflowError) as error:
            raise DataError(f"A number of split {shard.split!r} does not fit its column: {error}.") from error
        partial = out / (file + ".partial")
        parquet.write_table(table, partial)
        partial.replace(out / file)
    record = {"file": file, "split": shard.split, "rows": len(shard.rows), "groups": shard.groups}
    manifest["shards"].append(record)
    write_json(out / MANIFEST, manifest)


def _finish(out: Path, source: Source, config: ExportConfig, manifest: dict[str, Any]) -> None:
    splits: dict[str, int] = {}
    for shard in manifest["shards"]:
        if shard["file"]:
            name = _safe(shard["split"])
            splits[name] = splits.get(name, 0) + shard["rows"]
    if not splits:
        raise ArgumentError(
            f"{source.path} gives no row of the form {config.form!r}. Record more episodes, for pairs of "
            "one start each, or keep more of them."
        )
    write_card(out, source, config, splits)
    manifest["done"] = True
    write_json(out / MANIFEST, manifest)


def _safe(split: str) -> str:
    """Name of a split as a file name and as `datasets` wants it: letters, digits and underscores."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in split)[:40] or "all"


def _schema(config: ExportConfig) -> Any:
    import pyarrow as arrow

    kinds = {
        "string": arrow.string(),
        "int64": arrow.int64(),
        "double": arrow.float64(),
        "bool": arrow.bool_(),
        "strings": arrow.list_(arrow.string()),
        "doubles": arrow.list_(arrow.float64()),
        "bools": arrow.list_(arrow.bool_()),
        "chat": arrow.list_(arrow.struct([("role", arrow.string()), ("content", arrow.string())])),
    }
    return arrow.schema([(name, kinds[kind]) for name, kind in COLUMNS[config.form].items()])
