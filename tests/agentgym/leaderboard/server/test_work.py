"""Workers: one verdict for each upload, whatever lies in the queue."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from agentgym.errors import StoreError
from agentgym.leaderboard import open_store
from agentgym.leaderboard.server.work import Worker
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.uploads import Upload
from tests.agentgym.leaderboard.server.boards import FRAME

Make = Callable[[int], bytes]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "board.sqlite"))
    yield opened
    opened.close()


class _Slow(Worker):
    """Thinks for longer than its claim holds before it begins."""

    def _judged(self, upload: Upload) -> str | None:
        time.sleep(5)
        return super()._judged(upload)


@pytest.mark.slow
def test_worker__holds_its_claim_as_long_as_it_works(store: Store, submission: Make) -> None:
    upload = store.uploads.enqueue(BytesIO(submission(0)), owner="anna").id
    slow, idle = _Slow(store, lease_s=3), Worker(store)
    at_work = threading.Thread(target=slow.work_once)
    at_work.start()
    while store.uploads.get(upload).status == "waiting":
        time.sleep(0.01)
    while at_work.is_alive():
        assert not idle.work_once()
        time.sleep(0.05)
    found = store.uploads.get(upload)
    assert (found.status, found.attempts, found.worker) == ("accepted", 1, slow.name)
    assert store.summary(found.submission_id or 0).owner == "anna"


@pytest.mark.slow
def test_worker__takes_the_same_run_once(store: Store, submission: Make) -> None:
    uploads = [store.uploads.enqueue(BytesIO(submission(0)), owner=owner).id for owner in ("anna", "bert")]
    workers = [threading.Thread(target=Worker(store).work_once) for _ in uploads]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = [store.uploads.get(id) for id in uploads]
    assert sorted(upload.status for upload in found) == ["accepted", "rejected"]
    assert len(store.ids()) == 1
    assert any("already submitted" in (upload.reason or "") for upload in found)


@pytest.mark.parametrize("content", [FRAME, FRAME[:4], b"\x28\xb5\x2f\xfd" + b"\xff" * 1000])
def test_worker__rejects_what_is_no_submission(store: Store, content: bytes) -> None:
    upload = store.uploads.enqueue(BytesIO(content)).id
    assert Worker(store).work_once()
    found = store.uploads.get(upload)
    assert found.status == "rejected" and found.reason
    assert not Worker(store).work_once()


@pytest.mark.slow
def test_worker__gives_back_what_the_machine_has_no_room_for(
    store: Store, submission: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = store.uploads.enqueue(BytesIO(submission(0))).id
    worker = Worker(store)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        for _ in range(4):
            with pytest.raises(OSError, match="gone"):
                worker.work_once()
    found = store.uploads.get(upload)
    assert (found.status, found.attempts) == ("waiting", 0)
    assert worker.work_once() and store.uploads.get(upload).status == "accepted"


def test_worker__goes_on_past_an_upload_that_was_damaged_in_the_store(store: Store) -> None:
    def change(words: str) -> None:
        with sqlite3.connect(store.address) as database:
            database.execute(f"{words} = {damaged}")
        database.close()

    damaged, other = (store.uploads.enqueue(BytesIO(FRAME)).id for _ in range(2))
    change("UPDATE upload_parts SET content = x'00' WHERE upload_id")
    worker = Worker(store)
    for attempt in (1, 2, 3):
        with pytest.raises(StoreError, match="altered or damaged"):
            worker.work_once()
        assert worker.work_once() == (attempt == 1)  # meanwhile the other one has its turn
        change("UPDATE uploads SET lease_until = '2000-01-01 00:00:00' WHERE id")
    assert not worker.work_once()
    assert store.uploads.get(other).status == "rejected"
    found = store.uploads.get(damaged)
    assert found.status == "rejected" and "broke off 3 times" in (found.reason or "")
