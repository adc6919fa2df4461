"""Speed and size of the leaderboard's store. Never part of the tests.

    python tests/benchmarks/leaderboard_store.py [--entries 10000] [--store board.sqlite]

A board of real submissions under invented outcomes: one run of `smoke` (24 episodes) under many names. Told
is how the file grows, and how long it takes to open a page of the board, an entry, and 1,000 turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agentgym.agents import make_agent
from agentgym.evaluation import Estimate, ExpandedSuite, Outcome, Setting, Suite, load_suite
from agentgym.evaluation.intervals import wilson
from agentgym.evaluation.summary import summarise
from agentgym.leaderboard import Query, Submission, board, open_store, pack, unpack
from agentgym.leaderboard.bundle import AgentIdentity, Header, SuiteIdentity, content_digest
from agentgym.leaderboard.bundle.frames import close_frame
from agentgym.leaderboard.credit import credit
from agentgym.leaderboard.store import Store
from agentgym.rollout import collect
from agentgym.version import __version__

__all__ = ["played", "variants"]

SUITE = "smoke"
LONG = Suite(name="long", version=1, settings=[Setting(env="agentgym/Sokoban-v0", tasks=1, max_steps=1000)])


def played(suite: ExpandedSuite, agent: str = "random") -> Submission:
    """Play a suite and make a submission of it, unverified."""
    trajectories = sorted(collect(suite.episodes, make_agent(agent)), key=lambda t: t.episode)
    header = Header(
        package=__version__,
        suite=SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash),
        agent=AgentIdentity(spec=agent),
        name=agent,
    )
    earned = credit(suite, [summarise(t) for t in trajectories], content_digest(trajectories))
    return Submission(
        suite=suite,
        header=header,
        submitted_at=datetime.now(UTC),
        status="verified",
        reason=None,
        metrics=earned.metrics,
        normalised=earned.normalised,
        episodes=earned.episodes,
        content_digest=earned.content_digest,
        bundle=unpack(pack(header, trajectories)),
    )


def variants(first: Submission, count: int, *, seed: int = 0) -> Iterator[Submission]:
    """Yield other entries with the same episodes, each of an agent with a skill of its own."""
    rng = np.random.default_rng(seed)
    assert first.bundle is not None
    for number in range(count):
        success = rng.random(len(first.episodes)) < rng.random()
        outcomes = [_outcome(e.outcome, bool(s)) for e, s in zip(first.episodes, success, strict=True)]
        header = first.header.model_copy(update={"name": f"agent {number:05}"})
        frames = (close_frame(header.to_line()), *first.bundle.frames[1:])
        reached = wilson(float(success.sum()), len(success))
        yield replace(
            first,
            header=header,
            bundle=replace(first.bundle, header=header, frames=frames),
            submitted_at=first.submitted_at + timedelta(seconds=number),
            metrics=replace(first.metrics, success=reached, score=Estimate(float(success.mean()))),
            episodes=tuple(replace(e, outcome=o) for e, o in zip(first.episodes, outcomes, strict=True)),
            content_digest=f"{number:032x}",
        )


def _outcome(outcome: Outcome, success: bool) -> Outcome:
    return replace(outcome, success=success, score=float(success))


def fill(store: Store, count: int, size: Callable[[], int]) -> None:
    """Add entries and tell at every tenth how many bytes each has taken."""
    begun, empty = time.perf_counter(), size()
    for number, entry in enumerate(variants(played(load_suite(SUITE).frozen()), count), start=1):
        store.add(entry)
        if number % max(1, count // 10) == 0:
            spent = time.perf_counter() - begun
            each = (size() - empty) / number
            print(f"{number:6} entries: {each:8.0f} bytes each, {number / spent:6.1f} a second")


def milliseconds(work: Callable[[], object], times: int = 15) -> str:
    """Tell how long the first call takes, and the median of some more."""
    taken = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return f"first {taken[0]:8.1f} ms, then {statistics.median(taken[1:]):7.1f} ms"


def look(store: Store) -> None:
    """Tell how long it takes to open things."""
    (suite,) = store.suites(SUITE)
    total = store.page(suite.hash, Query(limit=1)).total
    middle = store.page(suite.hash, Query(offset=total // 2, limit=1)).rows[0].id
    (long,) = store.ids(store.suites(LONG.name)[0].hash)
    print(f"{total} entries of {suite.title}; a trajectory of {store.get(long).episodes[0].turns} turns")
    pages = {
        "first 50": Query(limit=50),
        "last 50": Query(offset=total - 50, limit=50),
        "50 by name": Query(sort="name", limit=50),
        "50 whose name holds '77'": Query(text="77", limit=50),
    }
    for name, query in pages.items():
        print(f"board, {name:25} {milliseconds(partial(board, store, suite, query))}")
    print(f"one entry's summary              {milliseconds(lambda: store.summary(middle))}")
    print(f"one entry with its episodes      {milliseconds(lambda: store.get(middle))}")
    print(f"one trajectory of {SUITE}          {milliseconds(lambda: store.trajectory(middle, 0))}")
    print(f"the trajectory of 1,000 turns    {milliseconds(lambda: store.trajectory(long, 0))}")
    print(f"open the store                   {milliseconds(lambda: open_store(store.address).close())}")


def main() -> None:
    """Fill a store, unless it is filled, and look at it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--store", help="SQLite file, kept; default: one that is thrown away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.store or Path(folder) / "board.sqlite")
        store = open_store(str(path))
        if not store.ids():
            fill(
                store,
                options.entries,
                lambda: sum(p.stat().st_size for p in path.parent.glob(path.name + "*")),
            )
            store.add(played(LONG.expand()))
        look(store)
        store.close()


if __name__ == "__main__":
    main()
