"""Speed of CustomerService on tau-bench's data, beside what the original does for one episode.

    python tests/benchmarks/tooluse_customer_speed.py [folder that holds retail/ and airline/]

Without a folder it is `tau_bench/` under $AGENTGYM_DATA, or under ../shared/data beside the repository. The
yardstick is the work of the original's reset and reward, written down here with the same data: load the
tables from JSON at the reset; at the end hash the whole database as nested tuples, load the tables again,
replay the ground truth and hash again. Tool calls and the user are left out of it, so it flatters the
original. Ours is the whole episode of the oracle: reset, every call through the parser, reward and info.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from envs.tooluse.customer.env import CustomerServiceEnv
from envs.tooluse.customer.tau.bench import TABLES

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


def hashable(item: Any) -> Any:
    if isinstance(item, dict):
        return tuple((key, hashable(value)) for key, value in sorted(item.items()))
    if isinstance(item, list):
        return tuple(hashable(value) for value in item)
    return item


def original_episode(folder: Path, tables: tuple[str, ...]) -> None:
    """Load, hash, load and hash, as the original does at a reset and at the end."""
    for _ in range(2):
        database = {table: json.loads((folder / f"{table}.json").read_text("utf-8")) for table in tables}
        sha256(str(hashable(database)).encode("utf-8")).hexdigest()


def oracle_episode(env: CustomerServiceEnv, task: str) -> None:
    env.reset(seed=0, options={"task": task})
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step(env.oracle_action())
        over = terminated or truncated
    assert info["success"], task


def milliseconds(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Compare an episode of customer service with the original's work."
    )
    default = Path(os.environ.get("AGENTGYM_DATA") or BESIDE) / "tau_bench"
    parser.add_argument("data", type=Path, nargs="?", default=default, help="tau-bench's folder")
    compare(parser.parse_args().data)


def compare(root: Path) -> None:
    if not root.is_dir():
        print(f"skipped: {root} is no folder; set AGENTGYM_DATA")
        return
    print(f"{'domain':10}{'original ms':>14}{'ours ms':>10}{'first ms':>10}{'faster':>9}{'episodes/s':>12}")
    for name, tables in TABLES.items():
        env = CustomerServiceEnv(domain=name, data=root, user="ticket", split="test")
        tasks = list(env.tasks("test"))
        yardstick = median(milliseconds(lambda: original_episode(root / name, tables)) for _ in range(5))  # noqa: B023
        first = [milliseconds(lambda: oracle_episode(env, task)) for task in tasks]  # noqa: B023
        again = [milliseconds(lambda: oracle_episode(env, task)) for task in tasks]  # noqa: B023
        ours = sum(again) / len(again)
        print(
            f"{name:10}{yardstick:14.1f}{ours:10.2f}{sum(first) / len(first):10.2f}"
            f"{yardstick / ours:8.0f}x{1000 / ours:12.0f}"
        )


if __name__ == "__main__":
    main()
