"""Speed of the leaderboard's server, asked over HTTP. Never part of the tests.

    python tests/benchmarks/leaderboard_server.py [--entries 10000] [--store board.sqlite]

The board of `leaderboard_store.py` behind the whole server, on loopback: how long pages and answers of the
API take, how many come in a second from eight callers, how fast uploads get in and in how much memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agentgym.leaderboard import open_store
from agentgym.leaderboard.pages.views import slug
from agentgym.leaderboard.server import Rate, Server, Settings, make_app
from agentgym.leaderboard.store import Store
from tests.benchmarks.leaderboard_pages import fill
from tests.benchmarks.leaderboard_store import LONG, SUITE

CALLERS, PIECE = 8, 1 << 20
LAVISH = Rate(1_000_000, 1_000_000.0)


def addresses(store: Store) -> dict[str, str]:
    """Name what is asked for."""
    (suite,), (long,) = store.suites(SUITE), store.suites(LONG.name)
    entry, episode = store.ids(suite.hash)[0], store.ids(long.hash)[0]
    rows = f"/api/v1/suites/{suite.hash}/entries"
    return {
        "page: board": f"/suites/{slug(suite)}",
        "page: entry": f"/entries/{entry}",
        "page: 1,000 turns": f"/entries/{episode}/episodes/0",
        "API: board, 100 rows": rows,
        "API: board, 100 rows by name": f"{rows}?sort=name&descending=true&offset=5000",
        "API: entry": f"/api/v1/entries/{entry}",
        "API: 1,000 turns": f"/api/v1/entries/{episode}/episodes/0",
        "API: file": f"/api/v1/entries/{entry}/file",
        "API: compare": f"/api/v1/compare?a={entry}&b={entry + 1}",
        "API: about": "/api/v1/about",
    }


def ask(url: str, path: str, times: int) -> list[float]:
    """Return how long each of some requests takes, in milliseconds."""
    taken = []
    with httpx.Client(base_url=url, timeout=120) as client:
        for _ in range(times):
            begun = time.perf_counter()
            client.get(path).raise_for_status()
            taken.append(1000 * (time.perf_counter() - begun))
    return taken


def upload(url: str, store: Store, mib: int) -> None:
    """Tell how fast an upload gets in, and how much memory this process takes more for its sake."""
    secret = store.tokens.new("benchmark", "submitter")[1]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/zstd"}

    def pieces() -> Iterator[bytes]:
        yield b"\x28\xb5\x2f\xfd"
        yield from (os.urandom(PIECE) for _ in range(mib))

    with httpx.Client(base_url=url, headers=headers, timeout=600) as client:
        before, begun = _peak_mib(), time.perf_counter()
        number = client.post("/api/v1/uploads", content=pieces()).raise_for_status().json()["id"]
        taken = time.perf_counter() - begun
        client.delete(f"/api/v1/uploads/{number}").raise_for_status()
    print(f"upload of {mib} MiB: {mib / taken:6.1f} MiB/s, {_peak_mib() - before:.0f} MiB of memory more")


def _peak_mib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(given.store or Path(folder) / "board.sqlite"))
        if not store.ids():
            fill(store, given.entries)
        settings = Settings(per_address=LAVISH, per_token=LAVISH)
        server = Server(make_app(store, settings))
        server.start()
        upload(server.url, store, 200)
        print(f"{len(store.ids())} entries; ms: first, median, of processor; per s from {CALLERS} callers")
        for name, path in addresses(store).items():
            first, *others = ask(server.url, path, 16)
            burnt = time.process_time()
            ask(server.url, path, 10)
            burnt = 100 * (time.process_time() - burnt)
            begun = time.perf_counter()
            with ThreadPoolExecutor(CALLERS) as callers:
                list(callers.map(lambda _, path=path: ask(server.url, path, 10), range(CALLERS)))
            rate = 10 * CALLERS / (time.perf_counter() - begun)
            print(f"{name:30}{first:9.1f}{statistics.median(others):9.1f}{burnt:9.1f}{rate:9.0f}")
        server.close()
        store.close()


if __name__ == "__main__":
    main()
