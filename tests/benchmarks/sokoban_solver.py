"""Measure the Sokoban solver on Boxoban: shares solved, positions expanded, plan lengths and time per level.

    python tests/benchmarks/sokoban_solver.py --levels 1000 --budget 200000

The levels are read from `boxoban/` under $AGENTGYM_DATA, or under ../shared/data beside the repository. The
first call of a process compiles, or loads what an earlier process compiled; it is shown apart.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from envs.sokoban.levels import read_levels
from envs.sokoban.rules import Board
from envs.sokoban.solver import NODE_BUDGET, Solution, solve
from envs.sokoban.text import board_from_rows

FILES = ("unfiltered/test/000.txt", "medium/valid/000.txt", "hard/000.txt")
HEADER = (
    f"{'file':24} {'levels':>6} {'solved':>7} {'nodes':>7} {'median':>7} {'max':>7} "
    f"{'moves':>6} {'pushes':>6} {'levels/s':>8} {'ms':>6} {'median':>6} {'max':>6}"
)


def data_root() -> Path:
    """Find the folder of real data."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("AGENTGYM_DATA") or beside) / "boxoban"


def measure(boards: Sequence[Board], budget: int) -> tuple[list[Solution], list[float]]:
    """Solve every board; return the solutions and the milliseconds that each took."""
    solutions, milliseconds = [], []
    for board in boards:
        start = time.perf_counter()
        solutions.append(solve(board, budget))
        milliseconds.append(1e3 * (time.perf_counter() - start))
    return solutions, milliseconds


def row(name: str, solutions: list[Solution], milliseconds: list[float]) -> str:
    """Write one line of the table."""
    solved = [s for s in solutions if s.status == "solved"]
    nodes = np.array([s.nodes for s in solutions])
    moves = np.mean([len(s.moves) for s in solved]) if solved else np.nan
    pushes = np.mean([s.pushes for s in solved]) if solved else np.nan
    return (
        f"{name:24} {len(solutions):6} {len(solved) / len(solutions):7.1%} {nodes.mean():7.0f} "
        f"{np.median(nodes):7.0f} {nodes.max():7} {moves:6.1f} {pushes:6.1f} "
        f"{1e3 * len(solutions) / sum(milliseconds):8.0f} {np.mean(milliseconds):6.2f} "
        f"{np.median(milliseconds):6.2f} {max(milliseconds):6.1f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure the Sokoban solver on Boxoban.")
    parser.add_argument("--levels", type=int, default=1000, help="levels of each file")
    parser.add_argument("--budget", type=int, default=NODE_BUDGET, help="positions to expand at most")
    options = parser.parse_args()
    start = time.perf_counter()
    solve(board_from_rows(("######", "#@$-.#", "######")))
    print(f"first call: {time.perf_counter() - start:.2f} s; budget {options.budget:,} positions")
    print(HEADER)
    for file in FILES:
        path = data_root() / file
        if not path.is_file():
            print(f"{file:24} skipped: {path} is no file; set AGENTGYM_DATA")
            continue
        print(row(file, *measure(read_levels(path)[: options.levels], options.budget)))


if __name__ == "__main__":
    main()
