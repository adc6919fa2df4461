"""Files and folders that survive a kill, written whole or not at all by one process at a time; the cache."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError

__all__ = ["cache_folder", "claim", "sync", "write_json"]


def cache_folder(name: str) -> Path:
    """Return a folder for what can be made again.

    It lies below $AGENTGYM_CACHE, else below $XDG_CACHE_HOME/agentgym or ~/.cache/agentgym.

    Args:
        name: Of the folder. It need not exist yet.
    """
    root = os.environ.get("AGENTGYM_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(root) if root else Path(shared) / "agentgym") / name


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; the kernel lets go of the lock even after kill -9.

    Raises:
        ArgumentError: Another process holds it.
    """
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArgumentError(
                f"Another process is writing to {folder}. Wait for it or choose another folder."
            ) from None
        yield


def sync(path: Path) -> None:
    """Make the disk hold what was written to a file, or the names in a folder: it survives a power cut."""
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def write_json(path: Path, record: Mapping[str, Any], *, durable: bool = True) -> None:
    """Write a JSON object and put it in place whole.

    Args:
        path: The file.
        record: The object.
        durable: Whether to wait until a power cut cannot undo it.
    """
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="ascii")
    if durable:
        sync(partial)
    partial.replace(path)
    if durable:
        sync(path.parent)
