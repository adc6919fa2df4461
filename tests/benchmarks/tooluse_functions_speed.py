"""Speed of function calling: replays of the reference on BFCL's cases. Never part of the tests.

Run: python tests/benchmarks/tooluse_functions_speed.py --data FOLDER   (the folder of BFCL_v4_*.json)
Times are the processor's, not the clock's, and the best of some rounds.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from envs.tooluse.functions.bfcl import MULTI_TURN, BfclFolder
from envs.tooluse.functions.case import MultiTurnCase
from envs.tooluse.functions.env import FunctionCallingEnv
from envs.tooluse.functions.generator import PRESETS, GeneratedCases
from envs.tooluse.functions.services import SERVICES
from envs.tooluse.functions.turns import turn_passes

ROUNDS = 5


def best_of(rounds: int, work: Callable[[], int]) -> tuple[float, int]:
    """The least processor time of some rounds in seconds, and what the last one counted."""
    times, count = [], 0
    for _ in range(rounds):
        start = time.process_time()
        count = work()
        times.append(time.process_time() - start)
    return min(times), count


def load(folder: Path, category: str) -> list[MultiTurnCase]:
    """All cases of a multi-turn category, with what their references lead to."""
    cases = BfclFolder(folder, category)
    found = [cases.case(id) for id in cases.ids]
    return [case for case in found if isinstance(case, MultiTurnCase) and case.outcomes]


def replay(cases: list[MultiTurnCase]) -> int:
    """Replay and check every case on the bare services; count the calls."""
    calls = 0
    for case in cases:
        session, responses = case.session(), Counter[str]()
        for outcome, turn in zip(case.outcomes, case.reference, strict=True):
            responses.update(session.run(call) for call in turn)
            calls += len(turn)
            assert turn_passes(outcome, session.state(), responses, called=bool(turn))
    return calls


def play(env: FunctionCallingEnv, split: str, episodes: int) -> int:
    """Play episodes of the oracle through the environment, texts and info included; count the steps."""
    steps = 0
    for task in env.tasks(split)[:episodes]:
        env.reset(seed=0, options={"task": task})
        over = False
        while not over:
            _, _, terminated, truncated, _ = env.step(env.oracle_action())
            over = terminated or truncated
            steps += 1
    return steps


def generate(difficulty: str, start: int, count: int) -> int:
    """Make generated cases that have not been made before; count them."""
    source = GeneratedCases(difficulty)
    for number in range(start, start + count):
        source.case(f"train/{tuple(SERVICES)[number % len(SERVICES)]}/{number}")
    return count


def main() -> None:
    """Print a table of processor times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="the folder of BFCL's files; without it only generated tasks"
    )
    folder = parser.parse_args().data
    print(f"{'what':58} {'ms':>9} {'count':>8}")
    if folder is not None:
        for category in MULTI_TURN:
            cases = load(folder, category)
            spent, calls = best_of(ROUNDS, lambda cases=cases: replay(cases))  # type: ignore[misc]
            print(f"{category + ': 200 references and checks, calls':58} {1e3 * spent:9.0f} {calls:8}")
        env = FunctionCallingEnv(category="base", data=folder, action_format="pycall", prompt="none")
        spent, steps = best_of(ROUNDS, lambda: play(env, "test", 200))
        print(f"{'base: 200 oracle episodes in the environment, steps':58} {1e3 * spent:9.0f} {steps:8}")
    for difficulty in PRESETS:
        start = time.process_time()
        count = generate(difficulty, 500_000, 200)
        print(f"{difficulty + ': 200 new cases':58} {1e3 * (time.process_time() - start):9.0f} {count:8}")


if __name__ == "__main__":
    main()
