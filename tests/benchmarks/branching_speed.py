"""What branching costs beside the environment's own snapshots, and how many tokens shared beginnings save.

python tests/benchmarks/branching_speed.py [--trees 64]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from agentgym.agents import decisions_of, make_agent
from agentgym.registry import make_env
from agentgym.rollout import BranchPolicy, Episode, collect, grow
from agentgym.trajectory import Decision, Turn
from baselines.branching import make_branching, names

ENV = "agentgym/SokobanSmall-v0"


class _Talker:
    """The random agent as if it were a language model: eight tokens a turn, of changing certainty."""

    spec = "talker"
    wants_oracle = False

    def __init__(self) -> None:
        self._inner = make_agent("random")

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        return [
            Decision(
                decision.action,
                token_ids=np.arange(8),
                logprobs=np.full(8, -1.0),
                entropies=turn.rng().random(8) * 4,
            )
            for turn, decision in zip(turns, decisions_of(self._inner, turns), strict=True)
        ]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=64)
    trees = parser.parse_args().trees
    snapshot, restore = _own_cost()
    print(f"{ENV}: snapshot {1e6 * snapshot:.0f} us, restore {1e6 * restore:.0f} us")
    print("policy        branches  steps  collector us/step  plain us/step  tokens  unshared  saved")
    for name in names():
        _report(name, make_branching(name), trees)


def _report(name: str, policy: BranchPolicy, trees: int) -> None:
    starts = [Episode(k, ENV, seed=k, group=k) for k in range(trees)]
    begun = time.process_time()
    grown = list(grow(starts, _Talker(), policy))
    spent = time.process_time() - begun
    steps = sum(len(tree.nodes) for tree in grown)
    branches = sum(len(tree.branches) for tree in grown)
    generated, unshared = np.sum([tree.tokens() for tree in grown], axis=0)
    plain = _plain_cost(trees)
    print(
        f"{name:12}  {branches:8}  {steps:5}  {1e6 * spent / steps:17.0f}  {1e6 * plain:13.0f}"
        f"  {generated:6}  {unshared:8}  {1 - generated / unshared:5.0%}"
    )


def _plain_cost(episodes: int) -> float:
    """Seconds a step of the plain collector with the same agent."""
    begun = time.process_time()
    played = list(collect([Episode(k, ENV, seed=k) for k in range(episodes)], _Talker()))
    return (time.process_time() - begun) / sum(len(t.steps) for t in played)


def _own_cost(repeats: int = 5000) -> tuple[float, float]:
    """Seconds of one snapshot and of one restore of the environment itself."""
    env = make_env(ENV)
    env.reset(seed=0)
    begun = time.process_time()
    for _ in range(repeats):
        frozen = env.snapshot()
    between = time.process_time()
    for _ in range(repeats):
        env.restore(frozen)
    return (between - begun) / repeats, (time.process_time() - between) / repeats


if __name__ == "__main__":
    main()
