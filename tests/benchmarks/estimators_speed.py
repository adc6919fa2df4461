"""Seconds per call of every registered estimator, at two batch sizes: the ratio shows how the cost grows.

Run it from the repository root: python tests/benchmarks/estimators_speed.py
"""

from __future__ import annotations

import time

import numpy as np

from agentgym import StepBatch
from agentgym.errors import AgentGymError
from baselines.estimators import advantages, names

EPISODES = (512, 8192)
STEPS, GROUP, STATES, TOKENS = 30, 8, 12, 8


def batch_of(episodes: int) -> StepBatch:
    """Episodes of 30 steps in groups of 8, with 12 states a group, 8 tokens a step, one success in two."""
    rng, rows = np.random.default_rng(0), episodes * STEPS
    episode = np.tile(np.arange(episodes), STEPS)  # as a collector records them: all episodes step by step
    last = np.repeat(np.arange(STEPS), episodes) == STEPS - 1
    tokens = rows * TOKENS
    return StepBatch.from_columns(
        episode=episode,
        group=episode // GROUP,
        reward=last * (rng.random(rows) < 0.5).astype(np.float64),
        state=[f"{state:016x}" for state in rng.integers(0, STATES, rows)],
        action=rng.integers(0, 4, rows),
        terminated=last,
        truncated=np.zeros(rows, np.bool_),
        agent=np.zeros(rows, np.int64),
        valid=np.ones(rows, np.bool_),
        token_offsets=np.arange(rows + 1) * TOKENS,
        value=rng.random(rows),
        entropy=rng.exponential(size=tokens),
        logprob=-rng.exponential(size=tokens),
        old_logprob=-rng.exponential(size=tokens),
        value_token=rng.random(tokens),
        process_reward=rng.random(rows),
    )


def seconds(name: str, batch: StepBatch) -> float:
    """Best of five calls, in seconds; NaN where the method needs what this batch lacks."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        try:
            advantages(name, batch)
        except AgentGymError:
            return float("nan")
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the table."""
    batches = [batch_of(episodes) for episodes in EPISODES]
    factor = EPISODES[1] / EPISODES[0]
    print(f"{STEPS} steps an episode, groups of {GROUP}, {STATES} states a group, {TOKENS} tokens a step")
    print(
        f"{'method':<24}"
        + "".join(f"{n:>8} episodes" for n in EPISODES)
        + f"{'growth':>9} (rows: {factor:.0f})"
    )
    for name in names(aliases=False):
        small, large = (seconds(name, batch) for batch in batches)
        print(f"{name:<24}{small:>15.4f} s{large:>15.4f} s{large / small:>9.1f}")


if __name__ == "__main__":
    main()
