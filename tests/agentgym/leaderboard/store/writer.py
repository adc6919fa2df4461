"""A process that fills a store until it is killed, telling what the store has acknowledged."""

from __future__ import annotations

import io
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

from agentgym.leaderboard import Submission, open_store
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.uploads import Upload
from tests.agentgym.leaderboard.store.making import numbered

__all__ = ["Told", "run_and_kill"]


class Told(NamedTuple):
    """What the store told the writer: number of an entry, and of the upload that it came in."""

    submission: int
    upload: int


def run_and_kill(address: str, entry: Submission, first: int, *, after: int, seconds: float) -> list[Told]:
    """Run a writer, kill it, and return what it had been told by then.

    Args:
        address: Of the store.
        entry: What is written again and again, as other entries.
        first: Number of the first of them.
        after: How many the store must have acknowledged.
        seconds: How long it lives on after that.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_write, args=(address, entry, first, theirs))
    worker.start()
    theirs.close()
    told = [ours.recv() for _ in range(after)]
    time.sleep(seconds)
    worker.kill()
    worker.join()
    try:
        while True:
            told.append(ours.recv())
    except (EOFError, OSError):  # the last message may be cut off
        ours.close()
    return told


def _write(address: str, entry: Submission, first: int, told: Connection) -> None:
    """Add entries, each through the queue of uploads, and tell of each once it is stored."""
    import tests.toys  # noqa: F401  registers the suite's environment in a fresh process

    store = open_store(address)
    number = first
    while True:
        submission = numbered(entry, number)
        upload = _uploaded(store, submission)
        told.send(Told(store.add(submission, upload=upload), upload.id))
        number += 1


def _uploaded(store: Store, submission: Submission) -> Upload:
    """Send a file and claim it; what a killed writer left behind is rejected on the way."""
    assert submission.bundle is not None
    sent = store.uploads.enqueue(io.BytesIO(submission.bundle.to_bytes()))
    while (claimed := store.uploads.claim("writer", lease_s=0)) is not None and claimed.id != sent.id:
        store.uploads.reject(claimed.id, "writer", "left behind")
    assert claimed is not None
    return claimed
