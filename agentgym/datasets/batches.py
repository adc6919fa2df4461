"""A `StepBatch` in a file: columns of numbers and texts, no pickle, for estimators on data of others."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError, DataError

__all__ = ["load_batch", "save_batch"]

_JSON = "json:"
"""Stands before the names of columns that hold texts or tool calls: arrays of bytes of JSON."""


def save_batch(path: Path, batch: StepBatch) -> None:
    """Write a batch as a compressed `.npz` file. Tool calls must hold JSON values.

    Raises:
        ArgumentError: A column holds values that are no JSON.
    """
    columns: dict[str, NDArray[Any]] = {}
    for field in dataclasses.fields(batch):
        column = getattr(batch, field.name)
        if column is not None and column.dtype == object:
            columns[_JSON + field.name] = _to_bytes(field.name, column)
        elif column is not None:
            columns[field.name] = column
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **columns)
    partial.replace(path)


def load_batch(path: Path) -> StepBatch:
    """Read what `save_batch` wrote, or any `.npz` file whose arrays are named after the columns.

    Raises:
        DataError: It is no such file.
        ShapeError: A column has the wrong shape or type, or holds NaN or infinity.
        MissingColumnError: A required column is absent.
        UnknownNameError: There is no such column.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
        given = {
            name.removeprefix(_JSON): _from_bytes(array) if name.startswith(_JSON) else array
            for name, array in columns.items()
        }
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, RecursionError) as error:
        raise DataError(f"{path} is no batch: {error}. Write one with save_batch.") from error
    return StepBatch.from_columns(**given)


def _to_bytes(name: str, column: NDArray[Any]) -> NDArray[np.uint8]:
    try:
        text = json.dumps(column.tolist(), allow_nan=False)
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"Column {name!r} holds values that are no JSON: {error}.") from error
    return np.frombuffer(text.encode("ascii"), np.uint8)


def _from_bytes(array: NDArray[Any]) -> list[Any]:
    """Read a column; calls, which JSON has as lists, become tuples again."""
    entries = json.loads(array.astype(np.uint8).tobytes().decode("ascii"))
    if not isinstance(entries, list):
        raise ValueError("a column is no list")
    return [tuple(map(tuple, entry)) if isinstance(entry, list) else entry for entry in entries]
