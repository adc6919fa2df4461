"""Speed of WebShop in text. Never part of the tests.

Run: python tests/benchmarks/webshop_speed.py [--data FOLDER] [--seconds 3] [--products 1000000 --jobs 2]
Times are wall times of one process. The original's figures, 17 ms a step and 120 ms an episode of seven calls
on its 1,000 products, were measured on two cores like these; it needs Java and is not run here.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

import agentgym
from agentgym.cli.progress import progress as bars
from envs.webshop.generator import GeneratedCatalogue
from envs.webshop.shopper import searches

ID = "agentgym/WebShop-v0"
_ORIGINAL_STEP_MS, _ORIGINAL_EPISODE_MS = 17.0, 120.0
_INSTANCES = 300

FRESH = """
import json, sys, time, agentgym
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024
import envs.webshop.env
start = time.perf_counter()
env = agentgym.make_env("agentgym/WebShop-v0", **json.loads(sys.argv[1]))
made = time.perf_counter() - start
env.reset(seed=0)
first = resident()
kwargs, count = json.loads(sys.argv[1]), int(sys.argv[2])
others = [agentgym.make_env("agentgym/WebShop-v0", **kwargs) for _ in range(count)]
for seed, other in enumerate(others):
    other.reset(seed=seed)
print(made, first, resident())
"""


def visits(env: Any, seconds: float) -> Iterator[tuple[str, float]]:
    """Visit the shop, oracle and wanderer in turns; yield what was done and the seconds it took."""
    rng, end, seed = np.random.default_rng(0), time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        start = time.perf_counter()
        _, info = env.reset(seed=seed)
        yield "reset", time.perf_counter() - start
        over = False
        while not over:
            action = _wander(info, rng) if seed % 2 else env.unwrapped.oracle_action()
            start = time.perf_counter()
            _, _, terminated, truncated, info = env.step(action)
            yield ("search" if action.startswith("search") else "click"), time.perf_counter() - start
            over = terminated or truncated
        seed += 1


def _wander(info: dict[str, Any], rng: np.random.Generator) -> str:
    choices = info["admissible_actions"]
    if choices:
        return str(choices[int(rng.integers(len(choices)))])
    words = searches(info["instruction"])[0].split()
    return f"search[{' '.join(rng.permutation(words)[: 1 + int(rng.integers(len(words)))])}]"


def compare_steps(name: str, kwargs: dict[str, Any], seconds: float) -> None:
    """Print medians of resets and steps."""
    env = gymnasium.make(ID, **kwargs)
    spent: dict[str, list[float]] = {"reset": [], "search": [], "click": []}
    for what, took in visits(env, seconds):
        spent[what].append(took)
    steps = spent["search"] + spent["click"]
    print(f"\n{name}, gymnasium.make: {len(steps):,} steps, {len(spent['reset']):,} episodes")
    for what, times in (*spent.items(), ("step", steps)):
        median, mean = 1e3 * statistics.median(times), 1e3 * statistics.fmean(times)
        print(f"  {what:8} median {median:8.3f} ms   mean {mean:8.3f} ms")
    mean = 1e3 * statistics.fmean(steps)
    print(
        f"  {1e3 / mean:,.0f} steps a second, {_ORIGINAL_STEP_MS / mean:,.0f} times as many as the original"
    )
    whole = 1e3 * sum(map(sum, spent.values())) / len(spent["reset"])
    print(f"  an episode {whole:.2f} ms; the original's seven calls take {_ORIGINAL_EPISODE_MS:.0f} ms")


def compare_fresh(name: str, kwargs: dict[str, Any]) -> None:
    """Print the time of a construction in a fresh process, without and with an index, and its memory."""
    print(f"\n{name}, fresh process (imports not counted)")
    with tempfile.TemporaryDirectory() as cache:
        for state in ("no index yet", "warm index"):
            arguments = [sys.executable, "-c", FRESH, json.dumps(kwargs), str(_INSTANCES)]
            environ = {**os.environ, "AGENTGYM_CACHE": cache}
            said = subprocess.run(arguments, check=True, capture_output=True, env=environ).stdout.split()
            made, first, many = map(float, said)
            print(f"  {state:14} construction {1e3 * made:8.1f} ms")
    print(f"  memory: 1 instance {first:.0f} MiB, {_INSTANCES + 1} instances {many:.0f} MiB")


def compare_large(size: int, jobs: int) -> None:
    """Print how long a large catalogue takes to build, to open and to search."""
    print(f"\n{size:,} generated products, {jobs} processes")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AGENTGYM_CACHE"] = cache
        with bars() as bar:
            task = bar.add_task("index", total=size)
            built = timed(
                lambda: GeneratedCatalogue(size, jobs=jobs, progress=lambda n: bar.update(task, completed=n))
            )
        peak = max(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        disk = sum(file.stat().st_size for file in Path(cache).rglob("*") if file.is_file()) / 2**20
        print(f"  build {built[0]:.1f} s, greatest process {peak / 1024:.0f} MiB, on disk {disk:.0f} MiB")
        opened, shop = timed(lambda: GeneratedCatalogue(size))
        print(f"  open {1e3 * opened:.1f} ms")
        numbers = np.random.default_rng(0).integers(10 * size, size=200)
        wishes = [searches(shop.goals("human")[int(n)].instruction)[0] for n in numbers]
        took = [timed(lambda wish=wish: shop.search(wish))[0] for wish in wishes]  # type: ignore[misc]
        print(
            f"  search median {1e3 * statistics.median(took):.1f} ms, slowest of 200 {1e3 * max(took):.1f} ms"
        )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that some work takes, and what it returns."""
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the speed of WebShop in text.")
    parser.add_argument("--data", type=Path, help="folder of the original's catalogue files")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each table")
    parser.add_argument("--products", type=int, help="size of a large generated catalogue")
    parser.add_argument("--jobs", type=int, default=2, help="processes that build its index")
    options = parser.parse_args()
    if options.products is not None:
        compare_large(options.products, options.jobs)
        return
    played: dict[str, dict[str, Any]] = {"1,000 generated products": {"products": 1000}}
    if options.data is not None:
        played["the original's products"] = {"data": str(options.data)}
    print(f"agentgym {agentgym.__version__}")
    for name, kwargs in played.items():
        compare_fresh(name, kwargs)
        compare_steps(name, kwargs, options.seconds)


if __name__ == "__main__":
    main()
