"""Speed of WebShop's search: building an index on disk, opening it, and a query. Never part of the tests.

Run: python tests/benchmarks/webshop_search.py --documents 1000000 --jobs 2
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agentgym.cli.progress import progress
from envs.webshop.search import Index

WORDS_A_DOCUMENT = 60
QUERIES = 200


class Shop:
    """Documents of words that are as frequent as words are (Zipf): queries meet long and short lists."""

    def __init__(self, vocabulary: int, seed: int) -> None:
        self.words = np.array([f"w{number:x}s" for number in range(vocabulary)])
        weights = 1 / np.arange(10, vocabulary + 10)
        self.shares = np.cumsum(weights / weights.sum())
        self.rng = np.random.default_rng(seed)

    def text(self, size: int) -> str:
        """Draw the text of `size` words."""
        return " ".join(self.words[np.searchsorted(self.shares, self.rng.random(size))])

    def documents(self, count: int) -> Iterator[tuple[str, str]]:
        """Draw documents."""
        for number in range(count):
            yield f"B{number:09d}", self.text(WORDS_A_DOCUMENT)


def milliseconds(index: Index, queries: list[str]) -> list[float]:
    """Time each query, warm."""
    times = []
    for query in queries:
        index.search(query)
        start = time.perf_counter()
        index.search(query)
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time WebShop's search.")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    shop = Shop(vocabulary=200_000, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with progress() as bar:
            task = bar.add_task("indexing", total=arguments.documents)
            Index.build(
                shop.documents(arguments.documents),
                Path(folder) / "index",
                jobs=arguments.jobs,
                progress=lambda done: bar.update(task, completed=done),
            )
        built = time.perf_counter() - start
        size = sum(file.stat().st_size for file in (Path(folder) / "index").iterdir())
        start = time.perf_counter()
        index = Index.open(Path(folder) / "index")
        opened = time.perf_counter() - start
        print(f"{arguments.documents:,} documents of {WORDS_A_DOCUMENT} words, {arguments.jobs} processes")
        print(f"  build {built:.1f} s, {size / 1e6:,.0f} MB on disk, open {1000 * opened:.1f} ms")
        print(f"  most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
        for words in (3, 10, 25):
            times = milliseconds(index, [shop.text(words) for _ in range(QUERIES)])
            print(
                f"  query of {words:2} words: median {statistics.median(times):.2f} ms, "
                f"95 of 100 within {times[int(0.95 * len(times))]:.2f} ms"
            )


if __name__ == "__main__":
    main()
