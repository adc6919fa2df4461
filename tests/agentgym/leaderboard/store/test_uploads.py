"""The queue: every upload is verified by one worker at a time and has one verdict."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from agentgym import errors
from agentgym.leaderboard import Submission
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store.making import numbered


def _file(size: int = 3) -> io.BytesIO:
    return io.BytesIO(bytes(n % 251 for n in range(size)))


def _parts(store: Store) -> int:
    with store._database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM upload_parts")).scalar_one())


@pytest.mark.parametrize("size", [1, 1 << 20, (5 << 19) + 1])
def test_uploads__give_back_what_was_sent(store: Store, size: int) -> None:
    sent = store.uploads.enqueue(_file(size), owner="ada")
    assert (sent.status, sent.size, sent.owner) == ("waiting", size, "ada")
    assert b"".join(store.uploads.read(sent.id)) == _file(size).getvalue()
    assert store.uploads.get(sent.id) == sent


def test_uploads__refuse_an_empty_file(store: Store) -> None:
    with pytest.raises(errors.ArgumentError, match="empty"):
        store.uploads.enqueue(_file(0))
    assert store.uploads.count() == 0


def test_uploads__keep_nothing_of_a_file_that_breaks_off(store: Store) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.uploads.enqueue(Broken())
    assert (store.uploads.count(), _parts(store)) == (0, 0)


def test_uploads__are_claimed_in_turn(store: Store) -> None:
    sent = [store.uploads.enqueue(_file()) for _ in range(3)]
    claimed = [store.uploads.claim(name, lease_s=60) for name in "abcd"]
    assert [upload and upload.id for upload in claimed] == [*(upload.id for upload in sent), None]
    assert claimed[1] is not None and (claimed[1].worker, claimed[1].attempts) == ("b", 1)


def test_uploads__pass_on_when_a_lease_runs_out(store: Store) -> None:
    sent = store.uploads.enqueue(_file())
    store.uploads.claim("slow", lease_s=0)
    taken = store.uploads.claim("quick", lease_s=60)
    assert taken is not None and (taken.id, taken.worker, taken.attempts) == (sent.id, "quick", 2)
    assert not store.uploads.renew(sent.id, "slow", lease_s=60)
    assert not store.uploads.reject(sent.id, "slow", "too late")
    assert store.uploads.renew(sent.id, "quick", lease_s=600)
    renewed = store.uploads.get(sent.id).lease_until
    assert renewed is not None and (renewed - datetime.now(UTC)).total_seconds() > 300
    assert store.uploads.reject(sent.id, "quick", "episode 3\0")
    assert store.uploads.get(sent.id).reason == "episode 3\ufffd"


def test_uploads__that_kill_their_workers_are_rejected(store: Store) -> None:
    sent, other = store.uploads.enqueue(_file()), store.uploads.enqueue(_file())
    for _ in range(3):
        store.uploads.claim("victim", lease_s=0)
    taken = store.uploads.claim("survivor", lease_s=60)
    assert taken is not None and taken.id == other.id
    assert store.uploads.get(sent.id).status == "rejected"
    assert "broke off 3 times" in str(store.uploads.get(sent.id).reason)


def test_uploads__keep_no_bytes_after_the_verdict(store: Store) -> None:
    sent = store.uploads.enqueue(_file())
    store.uploads.claim("w", lease_s=60)
    store.uploads.reject(sent.id, "w", "no")
    with pytest.raises(errors.ArgumentError, match="is rejected; its bytes are no longer kept"):
        list(store.uploads.read(sent.id))
    assert _parts(store) == 0


def test_uploads__can_be_cancelled_while_they_wait(store: Store) -> None:
    waiting, claimed = store.uploads.enqueue(_file()), store.uploads.enqueue(_file())
    assert store.uploads.cancel(waiting.id).status == "cancelled"
    store.uploads.claim("w", lease_s=60)
    with pytest.raises(errors.ArgumentError, match="is claimed; only one that waits"):
        store.uploads.cancel(claimed.id)
    with pytest.raises(errors.ArgumentError, match="no upload 99"):
        store.uploads.cancel(99)


def test_uploads__are_listed_newest_first(store: Store) -> None:
    for owner in ("ada", "bob", "ada"):
        store.uploads.enqueue(_file(), owner=owner)
    store.uploads.claim("w", lease_s=60)
    assert [upload.id for upload in store.uploads.all()] == [3, 2, 1]
    assert [upload.id for upload in store.uploads.all(owner="ada", status="waiting")] == [3]
    assert [upload.id for upload in store.uploads.all(offset=1, limit=1)] == [2]
    assert store.uploads.count(owner="ada") == 2 and store.uploads.count(status="claimed") == 1


def test_uploads__report_bytes_that_were_altered(store: Store) -> None:
    sent = store.uploads.enqueue(_file())
    with store._database.altering() as connection:
        connection.execute(text("UPDATE upload_parts SET content = :other"), {"other": b"other"})
    with pytest.raises(errors.StoreError, match="altered or damaged"):
        list(store.uploads.read(sent.id))


def test_add__accepts_the_upload_in_the_same_moment(store: Store, entry: Submission) -> None:
    sent = store.uploads.enqueue(_file(), owner="ada")
    claimed = store.uploads.claim("w", lease_s=60)
    number = store.add(entry, upload=claimed)
    done = store.uploads.get(sent.id)
    assert (done.status, done.submission_id) == ("accepted", number)
    assert done.finished_at is not None and done.lease_until is None
    assert store.summary(number).owner == "ada" and _parts(store) == 0


def test_add__stores_nothing_for_a_worker_that_lost_its_upload(store: Store, entry: Submission) -> None:
    store.uploads.enqueue(_file())
    slow = store.uploads.claim("slow", lease_s=0)
    quick = store.uploads.claim("quick", lease_s=60)
    with pytest.raises(errors.ArgumentError, match="lease ran out"):
        store.add(entry, upload=slow)
    assert store.ids() == []
    assert store.add(entry, upload=quick) in store.ids()
    with pytest.raises(errors.ArgumentError, match="lease ran out"):
        store.add(numbered(entry, 2), upload=quick)


def test_add__leaves_the_upload_claimed_where_the_entry_is_there_already(
    store: Store, entry: Submission
) -> None:
    store.add(entry)
    sent = store.uploads.enqueue(_file())
    claimed = store.uploads.claim("w", lease_s=60)
    with pytest.raises(errors.ArgumentError, match="already submitted"):
        store.add(replace(entry, status="verified"), upload=claimed)
    assert store.uploads.get(sent.id).status == "claimed"
