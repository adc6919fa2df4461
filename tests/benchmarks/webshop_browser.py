"""Speed of WebShop in a real browser, beside the same episodes in text. Never part of the tests.

Run: python tests/benchmarks/webshop_browser.py [--data FOLDER] [--episodes 20]
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from envs.browser.keeper import descendants
from envs.webshop.browser.env import WebShopBrowserEnv
from envs.webshop.env import WebShopEnv


def timed(times: list[float], work: Any, *arguments: Any, **options: Any) -> Any:
    """Do something and note the milliseconds."""
    start = time.perf_counter()
    result = work(*arguments, **options)
    times.append(1000 * (time.perf_counter() - start))
    return result


def episode(env: WebShopEnv, seed: int, resets: list[float], steps: list[float]) -> None:
    """Play half by the oracle, half by chance."""
    rng = np.random.default_rng(seed)
    _, info = timed(resets, env.reset, seed=seed)
    over = False
    while not over:
        legal = info["admissible_actions"]
        action = str(rng.choice(legal)) if legal and rng.random() < 0.5 else env.oracle_action()
        _, _, terminated, truncated, info = timed(steps, env.step, action)
        over = terminated or truncated


def memory_mib(pid: int) -> float:
    """Add up the memory of a process and all below it, shared pages by shares."""
    total = 0
    for one in (pid, *descendants(pid)):
        rollup = Path(f"/proc/{one}/smaps_rollup")
        lines = rollup.read_text().splitlines() if rollup.exists() else []
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def report(name: str, times: list[float]) -> None:
    """Print one line of the table."""
    ordered = sorted(times)
    late = ordered[int(0.95 * len(ordered))]
    print(f"  {name:10} median {statistics.median(ordered):8.2f} ms   95 of 100 within {late:8.2f} ms")


def report_memory(env: WebShopBrowserEnv, shop: dict[str, Any]) -> None:
    """Print what the browser takes, and what it takes more for four more windows."""
    assert env.window is not None
    alone = memory_mib(env.window.browser_pid)
    others = [WebShopBrowserEnv(**shop) for _ in range(4)]
    for other in others:
        other.reset(seed=1)
    more = (memory_mib(env.window.browser_pid) - alone) / len(others)
    print(f"  memory     {alone:.0f} MiB with one window, {more:.0f} MiB for each other one")
    for other in others:
        other.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time WebShop in a browser.")
    parser.add_argument("--data", type=Path, help="folder of the original's files; default: generated")
    parser.add_argument("--episodes", type=int, default=20)
    arguments = parser.parse_args()
    shop = {"data": arguments.data} if arguments.data else {"products": 1000}
    for kind in (WebShopEnv, WebShopBrowserEnv):
        first: list[float] = []
        resets: list[float] = []
        steps: list[float] = []
        env = kind(**shop)
        timed(first, env.reset, seed=0)
        for seed in range(arguments.episodes):
            episode(env, seed, resets, steps)
        print(f"{kind.__name__}: {len(steps)} actions, first reset {first[0]:.0f} ms")
        report("reset", resets)
        report("action", steps)
        if isinstance(env, WebShopBrowserEnv):
            report_memory(env, shop)
        env.close()


if __name__ == "__main__":
    main()
