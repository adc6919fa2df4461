"""Engines that draw from Python's global generators get generators of their own, and the caller keeps his."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np

__all__ = ["OwnChance"]

_ALONE = threading.RLock()  # the global generators and standard output are there once


class OwnChance:
    """The global generators as one engine sees them."""

    def __init__(self) -> None:
        self._state: tuple[Any, Any] = (random.getstate(), np.random.get_state())  # noqa: NPY002 - the engine's

    def seed(self, seed: int) -> None:
        """Begin anew, with a seed below 2**32."""
        legacy = np.random.RandomState(seed)
        self._state = (random.Random(seed).getstate(), legacy.get_state())

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Lend the engine the global generators, and keep what it prints off the terminal."""
        with _ALONE:
            kept = (random.getstate(), np.random.get_state())  # noqa: NPY002
            _put(self._state)
            try:
                with redirect_stdout(io.StringIO()):
                    yield
            finally:
                self._state = (random.getstate(), np.random.get_state())  # noqa: NPY002
                _put(kept)


def _put(state: tuple[Any, Any]) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])  # noqa: NPY002
