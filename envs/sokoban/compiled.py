"""Typed entrances to numba: a decorated function keeps its Python signature for the type checker.

Machine code is kept on disk for the next process. Numba throws it away when the function's own file changes,
but not when a function that it calls from another file does; so the names of the kept files carry a digest of
all compiled sources of this folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba

__all__ = ["compiled", "compiled_parallel"]

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call."""
    return _jit(function)


def compiled_parallel(function: _Function) -> _Function:
    """Compile a function whose `numba.prange` loops run on all cores."""
    return _jit(function, parallel=True)


def _jit(function: _Function, **options: Any) -> _Function:
    name = function.__qualname__
    function.__qualname__ = f"{name}-{_SOURCES}"  # becomes part of the file name alone
    dispatcher = numba.njit(cache=True, nogil=True, **options)(function)
    dispatcher.__qualname__ = function.__qualname__ = name
    return cast(_Function, dispatcher)


def _digest_of_sources() -> str:
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = path.read_bytes()
        if b"\n@compiled" in source:
            digest.update(source)
    return digest.hexdigest()


_SOURCES: Final = _digest_of_sources()
