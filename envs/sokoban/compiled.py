"""Typed entrances to numba: a decorated function keeps its Python signature for the type checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

__all__ = ["compiled", "compiled_parallel"]

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call and keep the machine code on disk for the next process."""
    return cast(_Function, numba.njit(cache=True, nogil=True)(function))


def compiled_parallel(function: _Function) -> _Function:
    """Compile a function whose `numba.prange` loops run on all cores."""
    return cast(_Function, numba.njit(cache=True, nogil=True, parallel=True)(function))
