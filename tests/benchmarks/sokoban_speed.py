"""Speed of Sokoban beside its peers, in one run on one machine. Never part of the tests.

Run: python tests/benchmarks/sokoban_speed.py [--seconds 3]
Seconds are the processor's, so that neighbours disturb little, but for vectors and batches,
which run on all cores.
Peers take part where they can be imported: pip install gem-llm textarena
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gymnasium
import numpy as np

import agentgym
from envs.sokoban.batch import BatchSokoban
from envs.sokoban.generator import generate
from envs.sokoban.rules import DIRECTIONS

SIZES = (("6x6, 2 boxes", (6, 6), 2), ("10x10, 4 boxes", (10, 10), 4))


class Player(NamedTuple):
    """An environment behind functions, so that all are timed by the same loops.

    Attributes:
        name: What the table calls it.
        env: The environment; steps are made on copies of it, since a reset can take seconds.
        reset: Start a level: environment, seed.
        step: Move: environment, direction; whether the episode is over.
    """

    name: str
    env: Any
    reset: Callable[[Any, int], object]
    step: Callable[[Any, str], bool]


_ENDLESS = 1_000_000_000


def agentgym_player(size: tuple[int, int], boxes: int, *, bare: bool) -> Player:
    make: Any = agentgym.make_env if bare else gymnasium.make
    env = make("agentgym/Sokoban-v0", size=size, boxes=boxes, max_steps=_ENDLESS)
    name = "agentgym" if bare else "agentgym, gymnasium.make"
    return Player(name, env, lambda env, seed: env.reset(seed=seed), _step_gymnasium)


def gem_player(size: tuple[int, int], boxes: int) -> Player:
    import gem

    env = gem.make("game:Sokoban-v0-easy", dim_room=size, num_boxes=boxes, max_turns=_ENDLESS)

    def step(env: Any, action: str) -> bool:
        return _step_gymnasium(env, f"\\boxed{{{action}}}")

    return Player("GEM", env, lambda env, seed: env.reset(seed=seed), step)


def textarena_player(size: tuple[int, int], boxes: int) -> Player:
    import textarena

    env = textarena.make("Sokoban-v0-raw", dim_room=size, num_boxes=boxes, max_turns=_ENDLESS)

    def step(env: Any, action: str) -> bool:
        env.get_observation()
        done, _ = env.step(f"[{action}]")
        return bool(done)

    return Player("TextArena", env, lambda env, seed: env.reset(num_players=1, seed=seed), step)


def _step_gymnasium(env: Any, action: str) -> bool:
    _, _, terminated, truncated, _ = env.step(action)
    return bool(terminated or truncated)


def players(size: tuple[int, int], boxes: int) -> Iterator[Player]:
    yield agentgym_player(size, boxes, bare=True)
    yield agentgym_player(size, boxes, bare=False)
    for make in (gem_player, textarena_player):
        try:
            yield make(size, boxes)
        except Exception as error:  # a peer may fail in any way; the run goes on without it
            print(f"  {make.__name__} left out: {type(error).__name__}: {error}")


def rate(work: Callable[[int], int], seconds: float, clock: Callable[[], float] = time.process_time) -> float:
    """Do `work(k)` for k = 0, 1, ... and return the sum of what it returns per second of the clock."""
    start, done, k = clock(), 0, 0
    while (spent := clock() - start) < seconds or k == 0:
        done += work(k)
        k += 1
    return done / spent


def resets_per_second(player: Player, seconds: float) -> float:
    """Episodes begun per second; a seed that a peer cannot start counts as no reset but takes its time."""

    def reset(k: int) -> int:
        try:
            player.reset(player.env, k)
        except RuntimeError:
            return 0
        return 1

    return rate(reset, seconds)


def steps_per_second(player: Player, seconds: float) -> float:
    """Random moves per second from the level that was started last; restarts are not timed."""
    rng, steps, spent = random.Random(0), 0, 0.0
    while spent < seconds:
        env = copy.deepcopy(player.env)
        moves = [rng.choice(DIRECTIONS) for _ in range(200)]
        start = time.process_time()
        for move in moves:
            steps += 1
            if player.step(env, move):
                break
        spent += time.process_time() - start
    return steps / spent


def compare(name: str, size: tuple[int, int], boxes: int, seconds: float) -> None:
    print(f"\n{name}\n  {'environment':28}{'resets/s':>14}{'ratio':>12}{'steps/s':>14}{'ratio':>12}")
    ours: tuple[float, float] | None = None
    for player in players(size, boxes):
        player.reset(player.env, 0)
        rates = resets_per_second(player, seconds), steps_per_second(player, seconds)
        ours = ours or rates
        ratios = [mine / theirs if theirs else float("inf") for mine, theirs in zip(ours, rates, strict=True)]
        print(
            f"  {player.name:28}{rates[0]:14,.1f}{ratios[0]:11,.1f}x{rates[1]:14,.0f}{ratios[1]:11,.1f}x",
            flush=True,
        )


def vector_rate(env_id: str, count: int, mode: str, seconds: float) -> float:
    env = agentgym.make_vec(env_id, count, vectorization_mode=mode)
    env.reset(seed=0)
    rng = random.Random(0)
    batches = [tuple(rng.choice(DIRECTIONS) for _ in range(count)) for _ in range(100)]
    for actions in batches:  # compiles, and parts the restarts of the environments
        env.step(actions)

    def step(k: int) -> int:
        env.step(batches[k % 100])
        return count

    return rate(step, seconds, time.perf_counter)  # many boards run on all cores


def compare_vectors(seconds: float) -> None:
    print(
        f"\nvector environments\n  {'id, environments':28}{'steps/s':>14}{'SyncVectorEnv':>16}{'ratio':>10}"
    )
    for env_id in ("agentgym/SokobanSmall-v0", "agentgym/Sokoban-v0"):
        for count in (8, 64, 1024):
            ours, sync = (
                vector_rate(env_id, count, mode, seconds) for mode in ("vector_entry_point", "sync")
            )
            print(
                f"  {f'{env_id[9:]}, {count}':28}{ours:14,.0f}{sync:16,.0f}{ours / sync:9,.1f}x", flush=True
            )


def batch_rate(count: int, seconds: float) -> float:
    levels = BatchSokoban.generate(min(count, 10_000)).boards
    batch = BatchSokoban(np.tile(levels, (count // len(levels), 1, 1)))
    rng = np.random.default_rng(0)
    actions = [rng.integers(0, 4, size=len(batch), dtype=np.int8) for _ in range(4)]
    batch.step(actions[0])

    def step(k: int) -> int:
        batch.step(actions[k % 4])
        return len(batch)

    return rate(step, seconds, time.perf_counter)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the speed of Sokoban environments.")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each number")
    seconds = parser.parse_args().seconds
    for name, size, boxes in SIZES:
        compare(name, size, boxes, seconds)
    compare_vectors(seconds)
    generate(0)
    print("\nagentgym alone")
    print(f"  {'levels generated/s, 10x10, 4':40}{rate(lambda k: len([generate(k)]), seconds):16,.0f}")
    for count in (10_000, 100_000, 1_000_000):
        print(f"  {f'batch of {count:,}, board-steps/s':40}{batch_rate(count, seconds):16,.0f}")


if __name__ == "__main__":
    main()
