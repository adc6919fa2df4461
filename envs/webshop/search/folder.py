"""An index in a folder: written whole or not at all, read by all processes from the same pages of memory."""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from glob import escape
from pathlib import Path
from typing import Any, Final

import numpy as np

from agentgym.errors import DataError
from agentgym.files import write_json
from envs.webshop.search.postings import Array, Postings

__all__ = ["alone", "read", "write"]

_VERSION: Final = 1
"""Version of the files and of the analysis of texts: an index of another version is built anew."""

_HEAD: Final = "index.json"


def read(folder: Path) -> tuple[Postings, str]:
    """Open the index in a folder. Its arrays stay on disk until they are looked at.

    Returns:
        The arrays, and what their documents are, as told to `write`.

    Raises:
        DataError: The folder holds no index of this version, or a broken one.
    """
    try:
        head = json.loads((folder / _HEAD).read_text("ascii"))
        if head["version"] != _VERSION:
            raise DataError(f"its version is {head['version']!r}, not {_VERSION}")
        arrays = {f.name: np.load(folder / f"{f.name}.npy", mmap_mode="r") for f in fields(Postings)}
        postings = Postings(**arrays)
        postings.check()
    except (OSError, EOFError, ValueError, LookupError, TypeError, DataError) as error:
        raise DataError(
            f"{folder} holds no index that can be used: {error}. Remove the folder and build it again."
        ) from error
    return postings, str(head["content"])


def write(
    folder: Path, content: str, make: Callable[[Callable[[str, int, Any], Array], Path], Postings]
) -> None:
    """Put an index in place of what the folder held. Whoever reads that goes on reading it.

    Args:
        folder: Where the index will lie. Call this within `alone(folder)`.
        content: What the documents are.
        make: Makes the arrays, given a function that makes an array on disk, and a folder for other files.
    """
    _sweep(folder)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))

    def allocate(name: str, length: int, kind: Any) -> Array:
        file = partial / f"{name}.npy"
        if length == 0:  # nothing cannot be mapped
            return np.empty(0, kind)
        return np.lib.format.open_memmap(file, mode="w+", dtype=kind, shape=(length,))

    try:
        postings = make(allocate, partial)
        for field in fields(postings):
            array = getattr(postings, field.name)
            if isinstance(array, np.memmap):
                array.flush()
            else:
                np.save(partial / f"{field.name}.npy", array, allow_pickle=False)
        write_json(partial / _HEAD, {"version": _VERSION, "content": content})
        partial.chmod(0o755)
        if folder.exists():
            folder.rename(partial.with_suffix(".old.partial"))
        partial.rename(folder)
    finally:
        _sweep(folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process builds in this folder; the kernel ends the lock even after kill -9."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path) -> None:
    """Remove what builds of this folder left beside it, killed ones included."""
    for left in folder.parent.glob(f".{escape(folder.name)}.*.partial"):
        shutil.rmtree(left, ignore_errors=True)
