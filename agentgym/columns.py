"""Columns of a batch: conversion to arrays of a known type, and the checks of shape and structure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ShapeError

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "Kind",
    "LabelArray",
    "check_groups",
    "check_offsets",
    "check_parent",
    "check_shape",
    "convert",
    "episode_sums",
    "intern_labels",
]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
LabelArray: TypeAlias = NDArray[Any]
"""int64, or an object array of `str`."""

Kind = Literal["float", "int", "bool", "label", "object"]


def intern_labels(labels: Sequence[Any] | NDArray[Any]) -> IntArray:
    """Number hashable labels in order of first appearance, shape (N,), in linear time."""
    table: defaultdict[Any, int] = defaultdict(count().__next__)
    values = labels.tolist() if isinstance(labels, np.ndarray) else labels
    return np.fromiter(map(table.__getitem__, values), np.int64, len(labels))


def _array(name: str, value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ShapeError(f"Column {name!r} is no regular array: {error}.") from error


def _wrong_kind(name: str, expected: str, found: str) -> ShapeError:
    return ShapeError(f"Column {name!r} holds {found}. Expected {expected}.")


def _to_float(name: str, value: Any) -> FloatArray:
    array = _array(name, value)
    if array.dtype.kind not in "fiu":
        raise _wrong_kind(name, "numbers (float64)", str(array.dtype))
    floats = array.astype(np.float64)
    if not np.isfinite(floats).all():
        where = np.argwhere(~np.isfinite(floats))[0].tolist()
        raise ShapeError(f"Column {name!r} holds NaN or infinity at {where}. Every value must be finite.")
    return floats


def _to_int(name: str, value: Any) -> IntArray:
    array = _array(name, value)
    if array.dtype.kind not in "iu" and array.size:
        raise _wrong_kind(name, "whole numbers (int64)", str(array.dtype))
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise _wrong_kind(name, "whole numbers that fit int64", "larger ones")
    return array.astype(np.int64)


def _to_bool(name: str, value: Any) -> BoolArray:
    array = _array(name, value)
    if array.dtype.kind != "b" and array.size:
        raise _wrong_kind(name, "truth values (bool)", str(array.dtype))
    return array.astype(np.bool_)


def _to_label(name: str, value: Any) -> LabelArray:
    array = value if isinstance(value, np.ndarray) else _to_object(name, value)
    if array.dtype.kind in "iu":
        return _to_int(name, array)
    kinds = set(map(type, array.ravel().tolist()))
    if all(issubclass(kind, str) for kind in kinds):
        return array.astype(object)
    if all(issubclass(kind, int | np.integer) and kind is not bool for kind in kinds):
        return _to_int(name, array.tolist())
    raise _wrong_kind(name, "texts, or whole numbers", " and ".join(sorted(kind.__name__ for kind in kinds)))


def _to_object(name: str, value: Any) -> LabelArray:
    if not isinstance(value, Sequence | np.ndarray):
        raise _wrong_kind(name, "a list or an array", f"one {type(value).__name__}")
    return np.fromiter(value, dtype=object, count=len(value))


def convert(kind: Kind, name: str, value: Any) -> NDArray[Any]:
    """Copy a list or array into a new array of the column's type.

    Raises:
        ShapeError: It is ragged, holds another type or NaN or infinity. The message names the column.
    """
    return _CONVERT[kind](name, value)


_CONVERT: dict[Kind, Callable[[str, Any], NDArray[Any]]] = {
    "float": _to_float, "int": _to_int, "bool": _to_bool, "label": _to_label, "object": _to_object,
}  # fmt: skip


def check_offsets(offsets: IntArray, steps: int) -> None:
    """Check that token offsets start at 0, never fall and are one more than the steps."""
    if offsets.shape != (steps + 1,):
        raise ShapeError(
            f"Column 'token_offsets' has shape {offsets.shape}. Expected ({steps + 1},): one more than steps."
        )
    if offsets[0] != 0:
        raise ShapeError(f"Column 'token_offsets' starts at {offsets[0]}. It must start at 0.")
    if (np.diff(offsets) < 0).any():
        row = int(np.argmax(np.diff(offsets) < 0))
        raise ShapeError(f"Column 'token_offsets' falls after row {row}. It must never fall.")


def check_shape(name: str, array: NDArray[Any], length: int, axis: str) -> None:
    """Check that a column has `length` rows; `axis` says of what."""
    if name == "token_offsets":
        return
    if name == "rewards":
        if array.ndim != 2 or len(array) != length or array.shape[1] == 0:
            raise ShapeError(
                f"Column 'rewards' has shape {array.shape}. Expected ({length}, K) with K of 1 or more."
            )
    elif array.shape != (length,):
        raise ShapeError(
            f"Column {name!r} has shape {array.shape}. Expected ({length},), the number of {axis}."
        )


def check_groups(episode: IntArray, group: IntArray) -> None:
    """Check that the rows of an episode share one group."""
    _, first, code = np.unique(episode, return_index=True, return_inverse=True)
    stray = group != group[first][code]
    if stray.any():
        row = int(np.argmax(stray))
        raise ShapeError(f"Column 'group' gives episode {episode[row]} two groups (row {row}). Expected one.")


def check_parent(parent: IntArray, group: IntArray) -> None:
    """Check that parents are rows of the same group, or -1, and form no circle."""
    if ((parent < -1) | (parent >= len(parent))).any():
        raise ShapeError(f"Column 'parent' names rows outside -1..{len(parent) - 1}.")
    inner = parent >= 0
    if (group[parent[inner]] != group[inner]).any():
        raise ShapeError("Column 'parent' names a row of another group.")
    above = np.append(parent, -1)  # row -1 is its own ancestor
    for _ in range(len(parent).bit_length()):
        above = above[above]
    if (above >= 0).any():
        raise ShapeError(f"Column 'parent' runs in a circle through row {int(np.argmax(above >= 0))}.")


def episode_sums(episode: IntArray, reward: FloatArray) -> FloatArray:
    """Sum the rewards of each episode and give the sum to each of its rows, shape (N,)."""
    code = np.unique(episode, return_inverse=True)[1]
    return np.bincount(code, weights=reward)[code].astype(np.float64)
