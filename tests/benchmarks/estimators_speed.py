"""Processor seconds of every registered estimator at three batch sizes, and beside plain Python loops.

The cost should grow as the rows do, 16 times from the first size to the second and 8 times to the third, and
somewhat more, for the arrays leave the processor's caches on the way. GiGPO and HGPO are also compared with
loops over dictionaries in the manner of the released codes.

Run it from the repository root: python tests/benchmarks/estimators_speed.py
"""

from __future__ import annotations

import argparse
import itertools
import time
from functools import partial
from typing import Any

import numpy as np

from agentgym import StepBatch
from agentgym.columns import IntArray
from baselines.estimators import advantages, method, names
from tests.baselines.estimators import plain
from tests.baselines.estimators.batches import ALSO, DRAWN, ON_TOKENS

SIZES = {512: 5, 8192: 3, 65536: 2}
"""Episodes, and how often each method is called with them; the fastest call counts."""

STEPS, GROUP, STATES, TOKENS = 30, 8, 12, 8


def batch_of(episodes: int) -> StepBatch:
    """Episodes of 30 steps in groups of 8, with 12 states a group, 8 tokens a step, one success in two.

    It has every column that some method needs, a tree included: each odd episode branches from the one before
    it after 10 steps.
    """
    rng, rows = np.random.default_rng(0), episodes * STEPS
    episode = np.tile(np.arange(episodes), STEPS)  # as a collector records them: all episodes step by step
    last = np.repeat(np.arange(STEPS), episodes) == STEPS - 1
    needed = {column for name in names() for column in (*method(name).needs, *ALSO.get(name, ()))}
    drawn = {
        column: DRAWN[column](rng, rows * TOKENS if column in ON_TOKENS else rows)
        for column in sorted(needed & set(DRAWN))
    }
    success = (rng.random(episodes) < 0.5).astype(np.float64)
    return StepBatch.from_columns(
        episode=episode,
        group=episode // GROUP,
        reward=last * success[episode],
        state=[f"{state:016x}" for state in rng.integers(0, STATES, rows)],
        action=rng.integers(0, 4, rows),
        terminated=last,
        truncated=np.zeros(rows, np.bool_),
        agent=episode % 2,
        valid=np.ones(rows, np.bool_),
        token_offsets=np.arange(rows + 1) * TOKENS,
        parent=_parents(episodes) if "parent" in needed else None,
        stratum=rng.integers(0, 3, episodes)[episode],
        cluster=rng.integers(0, 4, episodes)[episode],
        bundle=episode // (5 * GROUP),
        **drawn,
    )


def _parents(episodes: int) -> IntArray:
    parent = np.arange(episodes * STEPS) - episodes
    start = np.arange(episodes)
    parent[:episodes] = np.where(start % 2, 10 * episodes + start - 1, -1)
    return parent


def seconds(call: partial[Any], repeats: int) -> float:
    """Processor time of the fastest of some calls, which other programs on the machine change little."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def growth_table(sizes: list[int]) -> None:
    """Print seconds and growth of every method."""
    print(f"{STEPS} steps an episode, groups of {GROUP}, {STATES} states a group, {TOKENS} tokens a step")
    pairs = [f"per {large / small:.0f}x" for small, large in itertools.pairwise(sizes)]
    print(f"{'seconds':<24}" + "".join(f"{size:>10}" for size in sizes) + "".join(f"{p:>9}" for p in pairs))
    batches = {size: batch_of(size) for size in sizes}
    for name in names(aliases=False):
        times = [seconds(partial(advantages, name, batch), SIZES[size]) for size, batch in batches.items()]
        ratios = [large / small for small, large in itertools.pairwise(times)]
        print(f"{name:<24}" + "".join(f"{t:>10.4f}" for t in times) + "".join(f"{r:>8.1f}x" for r in ratios))


def loop_table(episodes: int) -> None:
    """Print how much faster GiGPO and HGPO are than plain loops, and check that both agree."""
    batch = batch_of(episodes)
    shared = {"gamma": 0.95, "norm": "mean_std", "over": "episodes"}
    own = {
        "gigpo": {"step_weight": 1.0},
        "hgpo": {"history": 2, "alpha": 1.0, "weight_offset": 0, "base_group": False},
    }
    print(f"\nbeside plain loops over dictionaries, {episodes} episodes")
    print(f"{'seconds':<24}{'loops':>10}{'here':>10}{'ratio':>9}")
    for name, loops in (("gigpo", plain.gigpo), ("hgpo", plain.hgpo)):
        keywords: dict[str, Any] = {**shared, **own[name]}
        np.testing.assert_allclose(
            advantages(name, batch, **keywords).step, loops(batch, **keywords), atol=1e-9
        )
        slow = seconds(partial(loops, batch, **keywords), 1)
        fast = seconds(partial(advantages, name, batch, **keywords), 5)
        print(f"{name:<24}{slow:>10.4f}{fast:>10.4f}{slow / fast:>8.0f}x")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--largest", type=int, default=max(SIZES), help="leave larger sizes out")
    largest = parser.parse_args().largest
    growth_table([size for size in SIZES if size <= largest])
    loop_table(min(SIZES))


if __name__ == "__main__":
    main()
