"""Many at once, and kill -9 at any moment: nothing acknowledged is lost, nothing is there by half."""

from __future__ import annotations

import io
import multiprocessing
import random
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agentgym import errors
from agentgym.leaderboard import Submission, boards, open_store
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store import postgres
from tests.agentgym.leaderboard.store.making import numbered
from tests.agentgym.leaderboard.store.writer import Told, run_and_kill

MANY = 50


def test_store__loses_none_of_fifty_at_once(store: Store, entry: Submission) -> None:
    entries = [numbered(entry, n) for n in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        numbers = list(pool.map(store.add, entries))
    assert sorted(numbers) == store.ids() and len(set(numbers)) == MANY
    names = {store.summary(n).name for n in numbers}
    assert names == {entry.name for entry in entries}


def test_store__takes_one_of_many_equal_submissions(store: Store, entry: Submission) -> None:
    def add(_: int) -> object:
        try:
            return store.add(entry)
        except errors.ArgumentError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(add, range(8)))
    (number,) = store.ids()
    assert answers.count(number) == 1
    assert sum(f"as number {number}" in str(answer) for answer in answers) == 7


def test_store__serves_readers_while_it_is_written(store: Store, make: Callable[..., Submission]) -> None:
    """Boards are whole at every moment, and the comparisons that they make are made once."""
    entries = [numbered(make(agent), n) for n in range(12) for agent in (("oracle", "random")[n % 2],)]

    def read(_: int) -> list[int]:
        return [len(board.rows) for board in boards(store)]

    with ThreadPoolExecutor(8) as pool:
        written, seen = pool.map(store.add, entries), pool.map(read, range(12))
        assert len(set(written)) == 12 and all(len(sizes) <= 1 for sizes in seen)
    (board,) = boards(store)
    assert [row.place for row in board.rows] == list(range(1, 13))


def test_uploads__are_claimed_once_by_many_workers(store: Store) -> None:
    for number in range(20):
        store.uploads.enqueue(io.BytesIO(bytes([number])))

    def work(worker: int) -> list[int]:
        claimed = iter(lambda: store.uploads.claim(f"worker {worker}", lease_s=60), None)
        return [upload.id for upload in claimed if upload is not None]

    with ThreadPoolExecutor(6) as pool:
        claims = Counter(id for ids in pool.map(work, range(6)) for id in ids)
    assert len(claims) == 20 and set(claims.values()) == {1}


def _add_some(address: str, entries: list[Submission], barrier: Any, told: Any) -> None:
    import tests.toys  # noqa: F401  registers the suite's environment in a fresh process

    store = open_store(address)
    barrier.wait()
    told.put([store.add(entry) for entry in entries])


@pytest.mark.slow
def test_store__loses_none_of_several_processes(address: str, entry: Submission) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(2), context.Queue()
    shares = [[numbered(entry, 10 * worker + n) for n in range(10)] for worker in range(2)]
    workers = [context.Process(target=_add_some, args=(address, share, barrier, told)) for share in shares]
    for worker in workers:
        worker.start()
    numbers = sorted(number for _ in workers for number in told.get(timeout=120))
    for worker in workers:
        worker.join()
    store = open_store(address)
    assert numbers == store.ids() and len(set(numbers)) == 20
    store.close()


def _check_whole(store: Store, told: list[Told], before: int) -> None:
    """Nothing acknowledged is lost; at most one entry is there that nobody was told of; all are whole."""
    ids = store.ids()
    assert {t.submission for t in told} <= set(ids)
    assert len(ids) - before - len(told) in (0, 1)
    for id in ids:
        assert store.get(id, bundle=True).bundle is not None
    for upload in store.uploads.all(limit=10_000):
        if upload.status in ("waiting", "claimed"):
            assert len(b"".join(store.uploads.read(upload.id))) == upload.size
        else:
            assert (upload.status == "accepted") == (upload.submission_id in ids)
    assert {t.upload for t in told} <= {u.id for u in store.uploads.all(status="accepted", limit=10_000)}


@pytest.mark.slow
def test_store__is_whole_after_writers_were_killed(address: str, entry: Submission) -> None:
    rng, written = random.Random(0), 0
    for attempt in range(4):
        told = run_and_kill(
            address, entry, 10_000 * attempt, after=rng.randint(1, 4), seconds=0.05 * rng.random()
        )
        store = open_store(address)
        _check_whole(store, told, written)
        assert told
        written = len(store.ids())
        store.close()


@pytest.mark.slow
def test_store__is_whole_after_the_database_server_crashed(entry: Submission) -> None:
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    found = postgres.binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.server(found) as server:
        store = open_store(server.new_database())
        numbers = [store.add(numbered(entry, n)) for n in range(5)]
        server.stop(signal.SIGQUIT)
        with pytest.raises(errors.StoreError, match="cannot be used"):
            store.add(numbered(entry, 6))
        server.start()
        assert store.ids() == numbers, "the store reaches the server again by itself"
        assert store.add(numbered(entry, 7)) > numbers[-1]
        _check_whole(store, [], len(store.ids()))
        store.close()
