"""Files and folders that survive a kill: written whole or not at all, and by one process at a time."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError

__all__ = ["claim", "write_json"]


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


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """Write a JSON object and put it in place whole."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="ascii")
    partial.replace(path)
