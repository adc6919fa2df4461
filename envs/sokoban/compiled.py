"""Typed entrances to numba: a decorated function keeps its Python signature for the type checker.

Machine code is kept on disk for the next process. Numba throws it away when the function's own file changes,
but not when a function that it calls from another file does; so the names of the kept files carry a digest of
all compiled sources of this folder.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba

__all__ = ["compiled", "compiled_parallel"]

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call."""
    return _jit(function)


def compiled_parallel(*, at_least: int) -> Callable[[_Function], _Function]:
    """Compile a function twice: its `numba.prange` loops run on all cores, or on one where that is better.

    One core is quicker for little work. It is also the only way in a process that was forked: numba ends
    such a process when it starts threads. And where several threads call, one at a time has all cores, since
    numba does not promise more.

    Args:
        at_least: Length of the first argument, an array, from which on all cores are used.
    """

    def compile_twice(function: _Function) -> _Function:
        serial, parallel = _jit(function), _jit(function, parallel=True)

        @functools.wraps(function)
        def run(*arguments: Any) -> object:
            if len(arguments[0]) < at_least or os.getpid() != _PROCESS:
                return serial(*arguments)
            with _ALL_CORES:
                return parallel(*arguments)

        return cast(_Function, run)

    return compile_twice


def _jit(function: _Function, *, parallel: bool = False) -> _Function:
    name = function.__qualname__
    kind = "-parallel" if parallel else ""
    function.__qualname__ = f"{name}{kind}-{_SOURCES}"  # becomes part of the file name alone
    dispatcher = numba.njit(cache=True, nogil=True, parallel=parallel)(function)
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
_PROCESS: Final = os.getpid()
_ALL_CORES: Final = threading.Lock()
