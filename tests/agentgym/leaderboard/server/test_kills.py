"""Whoever is killed, and whenever: the store stays whole, and every upload that arrived gets one verdict."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentgym.leaderboard import open_store
from agentgym.leaderboard.client import Client
from agentgym.leaderboard.server.work import Worker
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.server.boards import Board
from tests.agentgym.leaderboard.server.commands import children, running, until

Make = Callable[[int], bytes]


def _half_sent(port: int, secret: str, content: bytes) -> socket.socket:
    """Send the first half of an upload."""
    head = (
        f"POST /api/v1/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/zstd\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    sender = socket.create_connection(("127.0.0.1", port))
    sender.sendall(head.encode() + content[: len(content) // 2])
    return sender


def _whole(path: Path) -> bool:
    with sqlite3.connect(path) as database:
        found: str = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    return found == "ok"


def _entries(store: Store) -> int:
    return len(store.ids())


@pytest.mark.slow
def test_server__that_is_killed_in_mid_upload_keeps_nothing_of_it(tmp_path: Path, submission: Make) -> None:
    path = tmp_path / "board.sqlite"
    store, content = open_store(str(path)), submission(0)
    secret = store.tokens.new("anna", "submitter")[1]
    with running(path, "--workers", "1") as server:
        workers = children(server.process.pid)
        assert len(workers) == 1
        with _half_sent(server.port, secret, content):
            server.kill()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))  # they end with it
    assert _whole(path) and store.uploads.count() == 0
    (tmp_path / "run.jsonl.zst").write_bytes(content)
    with running(path, "--workers", "0") as server:
        sent = Client(server.url, secret).submit(tmp_path / "run.jsonl.zst")
        server.kill()
    assert _whole(path) and store.uploads.get(sent.upload).status == "waiting"
    with running(path, "--workers", "1") as server:
        assert Client(server.url, secret).wait(sent.upload).status == "accepted"
    assert _entries(store) == 1
    store.close()


def test_connection__that_is_cut_leaves_nothing(board: Board, submission: Make) -> None:
    secret = board.store.tokens.new("anna", "submitter")[1]
    for _ in range(5):
        _half_sent(int(board.url.rpartition(":")[2]), secret, submission(0)).close()
    assert board.holder(secret).get("/api/v1/uploads").json() == []
    assert board.store.uploads.count() == 0


WORK = """
import sys
from agentgym.leaderboard import open_store
from agentgym.leaderboard.server.work import Worker
Worker(open_store(sys.argv[1]), lease_s=0.5).work_once()
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_worker__that_is_killed_is_followed_by_another(tmp_path: Path, submission: Make, seed: int) -> None:
    chance, path = random.Random(seed), tmp_path / "board.sqlite"
    store = open_store(str(path))
    (tmp_path / "run.jsonl.zst").write_bytes(submission(seed))
    with (tmp_path / "run.jsonl.zst").open("rb") as file:
        upload = store.uploads.enqueue(file, owner="anna").id
    for attempt in (1, 2):
        worker = subprocess.Popen([sys.executable, "-c", WORK, str(path)])
        until(lambda attempt=attempt: store.uploads.get(upload).attempts == attempt)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 1))  # until some moment of the verification
        worker.kill()
        worker.wait()
        assert _whole(path)
        if store.uploads.get(upload).status == "accepted":
            break
    last = Worker(store)
    until(lambda: last.work_once() or store.uploads.get(upload).status == "accepted")
    assert (store.uploads.get(upload).status, _entries(store)) == ("accepted", 1)
    assert not last.work_once()
    store.close()


@pytest.mark.slow
def test_server__that_is_told_to_stop_ends_what_it_began(tmp_path: Path, submission: Make) -> None:
    path, content = tmp_path / "board.sqlite", submission(0)
    store = open_store(str(path))
    secret = store.tokens.new("anna", "submitter")[1]
    with running(path, "--workers", "1") as server:
        (worker,) = children(server.process.pid)
        with _half_sent(server.port, secret, content) as sender:
            time.sleep(0.2)  # it has begun to read
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            sender.sendall(content[len(content) // 2 :])
            assert sender.recv(1000).split()[1] == b"202"
        assert server.process.wait() == 0
        assert not Path(f"/proc/{worker}").exists()
    upload = store.uploads.all()[0]
    assert upload.status in ("waiting", "accepted")
    until(lambda: not Worker(store).work_once())
    assert (store.uploads.get(upload.id).status, _entries(store)) == ("accepted", 1)
    store.close()


@pytest.mark.slow
def test_worker__that_is_told_to_stop_gives_its_upload_back(tmp_path: Path, submission: Make) -> None:
    path = tmp_path / "board.sqlite"
    store = open_store(str(path))
    (tmp_path / "run.jsonl.zst").write_bytes(submission(0))
    with (tmp_path / "run.jsonl.zst").open("rb") as file:
        upload = store.uploads.enqueue(file).id
    words = [sys.executable, "-m", "agentgym", "leaderboard", "work", "--store", str(path)]
    worker = subprocess.Popen(words)
    until(lambda: store.uploads.get(upload).status == "claimed")
    started = children(worker.pid)
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait() == 0
    found = store.uploads.get(upload)
    assert (found.status, found.attempts) == ("waiting", 0) or found.status == "accepted"
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    store.close()


@pytest.mark.slow
def test_board__loses_none_of_fifty_submissions_that_come_at_once(tmp_path: Path, submission: Make) -> None:
    path, count = tmp_path / "board.sqlite", 50
    store = open_store(str(path))
    for seed in range(count):
        (tmp_path / f"{seed}.jsonl.zst").write_bytes(submission(seed))
    secrets = [store.tokens.new(f"submitter {seed}", "submitter")[1] for seed in range(count)]
    with running(path, "--workers", "2") as server, ThreadPoolExecutor(count) as threads:

        def send(seed: int) -> str:
            client = Client(server.url, secrets[seed])
            return client.wait(client.submit(tmp_path / f"{seed}.jsonl.zst").upload).status

        assert list(threads.map(send, range(count))) == ["accepted"] * count
    uploads = store.uploads.all(limit=1000)
    assert sorted(u.submission_id or 0 for u in uploads) == sorted(store.ids())
    assert {store.summary(u.submission_id or 0).owner for u in uploads} == {u.owner for u in uploads}
    assert (_entries(store), {u.attempts for u in uploads}) == (count, {1})
    for id in store.ids():
        file = b"".join(store.file(id))
        assert file == submission(int(store.summary(id).name.removeprefix("random ")))
    store.close()
