"""A worker: takes one upload after the other from the queue and gives each its verdict.

Whoever is killed in between gives none; the lease runs out and another begins anew. Entry and verdict are
written in one transaction, so nothing is ever taken twice.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

from agentgym.errors import ArgumentError, MissingExtraError, StoreError, SubmissionError, VerificationError
from agentgym.leaderboard.bundle import unpack
from agentgym.leaderboard.process import VerifyLimits
from agentgym.leaderboard.submit import submit_bundle
from agentgym.leaderboard.uploads import Upload
from agentgym.plain import plain

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Worker", "work"]

_LOG: Final = logging.getLogger("agentgym.leaderboard")
_LEASE_S: Final = 60.0
_POLL_S: Final = 0.5
_LONGEST_REASON: Final = 1000


class Worker:
    """One who verifies.

    Args:
        store: Whose queue.
        limits: Of one verification; None: the usual ones.
        lease_s: Seconds after which an upload is another's, where this worker has died.
    """

    def __init__(
        self, store: Store, *, limits: VerifyLimits | None = None, lease_s: float = _LEASE_S
    ) -> None:
        self.name = f"worker-{secrets.token_hex(8)}"
        self._store = store
        self._limits = VerifyLimits() if limits is None else limits
        self._lease_s = lease_s

    def work_once(self) -> bool:
        """Give one upload its verdict; False where none waits.

        Raises:
            StoreError: The store does not answer, or the upload was damaged in it; the claim runs out.
            OSError: This machine has no room or no process left; the upload is given back.
        """
        upload = self._store.uploads.claim(self.name, lease_s=self._lease_s)
        if upload is None:
            return False
        try:
            with self._renewed(upload):
                reason = self._judged(upload)
        except (SystemExit, OSError):  # not its fault; any other failure counts as an attempt
            self._store.uploads.release(upload.id, self.name)
            raise
        if reason is not None:
            self._store.uploads.reject(upload.id, self.name, plain(reason, limit=_LONGEST_REASON))
        return True

    def _judged(self, upload: Upload) -> str | None:
        """Verify an upload and store what holds; return why it does not."""
        try:
            content = b"".join(self._store.uploads.read(upload.id))
            bundle = unpack(content, self._limits.bundle)
            verdict, _ = submit_bundle(bundle, self._store, upload=upload, limits=self._limits)
        except (ArgumentError, SubmissionError) as error:
            return str(error)
        except (VerificationError, MissingExtraError) as error:
            _LOG.warning("upload %d cannot be verified here: %s", upload.id, error)
            return f"This board cannot verify it: {error}"
        return verdict.reason

    @contextmanager
    def _renewed(self, upload: Upload) -> Iterator[None]:
        """Prolong the lease as long as the verification goes on."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._lease_s / 4):
                try:
                    self._store.uploads.renew(upload.id, self.name, lease_s=self._lease_s)
                except StoreError as error:
                    _LOG.warning("the lease of upload %d was not renewed: %s", upload.id, error)

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def work(store: Store, *, once: bool = False, attached: bool = False) -> None:
    """Verify uploads until SIGTERM or SIGINT; what is at hand is then given back.

    Args:
        store: Whose queue.
        once: End when nothing waits.
        attached: End when standard input does, that is when the process that started this one is gone.
    """
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()  # what is raised in a destructor or a callback is lost
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if attached:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    worker = Worker(store)
    while not stopping.is_set():
        try:
            busy = worker.work_once()
        except (StoreError, OSError) as error:
            _LOG.warning("nothing can be verified now: %s", error)
            busy = False
        if not busy:
            if once:
                return
            stopping.wait(_POLL_S)


def _stop_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):  # a buffered reader would be locked when the process ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)
