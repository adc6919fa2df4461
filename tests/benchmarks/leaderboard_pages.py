"""Server time of the leaderboard's pages. Never part of the tests.

    python tests/benchmarks/leaderboard_pages.py [--entries 10000] [--store board.sqlite]

The board of `leaderboard_store.py` and one trajectory of 1,000 turns, asked of the whole application.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from starlette.testclient import TestClient

from agentgym.evaluation import load_suite
from agentgym.leaderboard import open_store
from agentgym.leaderboard.pages.views import slug
from agentgym.leaderboard.server import Settings, make_app
from agentgym.leaderboard.server.settings import Rate
from agentgym.leaderboard.store import Store
from tests.benchmarks.leaderboard_store import LONG, SUITE, played, variants


def fill(store: Store, count: int) -> None:
    """Add entries of a small suite, and one of a single long episode."""
    for entry in variants(played(load_suite(SUITE).frozen()), count):
        store.add(entry)
    store.add(played(LONG.expand()))


def look(store: Store, times: int = 15) -> None:
    """Tell how long each page takes on the clock and of the processor: medians, and the first time."""
    app = make_app(store, Settings(per_address=Rate(1_000_000, 1_000_000.0)))
    (suite,) = store.suites(SUITE)
    (long,) = store.ids(store.suites(LONG.name)[0].hash)
    board, entry = f"/suites/{slug(suite)}", store.ids(suite.hash)[0]
    pages = {
        "suites": "/",
        "board": board,
        "board, last page": f"{board}?from={suite.entries - 50}",
        "board, by name": f"{board}?sort=name",
        "board, whose name holds 77": f"{board}?q=77",
        "board by kind of task": f"{board}/types",
        "charts": f"{board}/charts",
        "entry": f"/entries/{entry}",
        "two entries": f"/compare/{entry}/{entry + 1}",
        "1,000 turns by reward": f"/entries/{long}/episodes/0",
        "1,000 turns by gigpo": f"/entries/{long}/episodes/0?colour=gigpo",
    }
    print(f"{suite.entries} entries; a trajectory of {len(store.trajectory(long, 0).steps)} turns")
    with TestClient(app, base_url="http://localhost") as client:
        for name, address in pages.items():
            taken, worked = [], []
            for _ in range(times + 1):
                begun, busy = time.perf_counter(), time.process_time()
                answer = client.get(address)
                worked.append((time.process_time() - busy) * 1000)
                taken.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, answer.text
            clock, processor = (statistics.median(some[1:]) for some in (taken, worked))
            print(
                f"{name:28} {clock:6.1f} ms, processor {processor:6.1f} ms; first {taken[0]:7.1f} ms; "
                f"{len(answer.content) / 1024:5.0f} KiB"
            )


def main() -> None:
    """Fill a store, unless it is filled, and look at its pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--store", help="SQLite file, kept; default: one that is thrown away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(options.store or str(Path(folder) / "board.sqlite"))
        if not store.ids():
            fill(store, options.entries)
        look(store)
        store.close()


if __name__ == "__main__":
    main()
