"""What a Python object is made of, as a JSON value: the true state of an engine that does not tell it."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

__all__ = ["fingerprint"]

_PLAIN = (str, int, float, bool, type(None))


def fingerprint(value: Any, leave_out: Set[str] = frozenset()) -> Any:
    """Write a value down so that equal states give equal JSON, in every process.

    Args:
        value: Numbers, texts, arrays, containers, and objects by their attributes. Functions and classes are
            left out, and what stands inside itself is written once.
        leave_out: Names of attributes and keys that are no part of the state.
    """
    return _written(value, leave_out, ())


def _written(value: Any, leave_out: Set[str], above: tuple[int, ...]) -> Any:
    if isinstance(value, float):
        return repr(value)  # NaN and infinity have no JSON
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return [str(value.dtype), _written(value.tolist(), leave_out, above)]
    if id(value) in above:
        return "above"
    inner = (*above, id(value))
    if isinstance(value, list | tuple):
        return [_written(item, leave_out, inner) for item in value]
    if isinstance(value, Set):
        return ["set", *sorted(repr(_written(item, leave_out, inner)) for item in value)]
    if isinstance(value, dict):
        pairs = (
            (repr(key), _written(item, leave_out, inner))
            for key, item in value.items()
            if key not in leave_out
        )
        return [list(pair) for pair in sorted(pairs, key=lambda pair: pair[0])]
    if callable(value) or not hasattr(value, "__dict__"):
        return type(value).__name__
    return [type(value).__name__, _written(vars(value), leave_out, inner)]
