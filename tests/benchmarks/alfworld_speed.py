"""Speed of ALFWorld beside the stock TextWorld stack, in one run on one machine. Never part of the tests.

Run: python tests/benchmarks/alfworld_speed.py [--data FOLDER] [--seconds 3]
Times are CPU times of this process. TextWorld takes part where it is installed: pip install -e '.[alfworld]'
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium

import agentgym
from envs.alfworld.backend import NativeBackend
from envs.alfworld.game import Game, read_game
from envs.alfworld.generator import write_games
from envs.alfworld.library import SPLITS, OfficialGames
from envs.alfworld.text import feedback, introduce
from envs.alfworld.world import World

ID = "agentgym/ALFWorld-v0"
INSTANCES = 300
WALK = 50
_ENDLESS = 1_000_000_000

MEMORY = """
import sys, agentgym
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024
data, tasks = sys.argv[1], sys.argv[2:]
first = agentgym.make_env("agentgym/ALFWorld-v0", data=data)
first.reset(options={"task": tasks[0]})
before, envs = resident(), [first]
for task in tasks[1:]:
    envs.append(agentgym.make_env("agentgym/ALFWorld-v0", data=data))
    envs[-1].reset(options={"task": task})
print(before, resident())
"""


class Walk(NamedTuple):
    """A game and admissible commands that are carried out in it."""

    path: Path
    task: str
    game: Game
    commands: tuple[str, ...]


def walks(data: Path, count: int) -> list[Walk]:
    """Take games from all over the folder, and a random walk through each."""
    games, rng = OfficialGames(data), random.Random(0)
    tasks = [(split, task) for split in SPLITS for task in games.tasks(split)]
    found = []
    for split, task in rng.sample(tasks, min(count, len(tasks))):
        game = games.game(task)
        path = data / "json_2.1.1" / split / task / "game.tw-pddl"
        found.append(Walk(path, task, game, tuple(_stroll(game, rng))))
    return found


def _stroll(game: Game, rng: random.Random) -> Iterator[str]:
    world = World(game.problem)
    for _ in range(WALK):
        moves = world.moves()
        command = rng.choice(sorted(moves))
        world.apply(moves[command])
        yield command


def per_second(work: Callable[[Walk], int], chosen: Sequence[Walk], seconds: float) -> float:
    """Do `work` on one walk after the other; return the sum of what it returns per second."""
    done, start = 0, time.process_time()
    for walk in itertools.cycle(chosen):
        done += work(walk)
        spent = time.process_time() - start
        if spent >= seconds:
            return done / spent
    raise AssertionError("there are no walks")


# ---- loading and starting a game -------------------------------------------------------------------------


def load_native(walk: Walk) -> int:
    game = read_game(walk.path)
    world = World(game.problem)
    introduce(world, game.task)
    world.moves()
    return 1


def load_gymnasium(data: Path) -> Callable[[Walk], int]:
    """Reset one environment to game after game; there are more games than it keeps."""
    env = gymnasium.make(ID, data=data)

    def load(walk: Walk) -> int:
        env.reset(seed=0, options={"task": walk.task})
        return 1

    return load


def load_new(data: Path) -> Callable[[Walk], int]:
    """Make an environment for each game."""

    def load(walk: Walk) -> int:
        gymnasium.make(ID, data=data).reset(seed=0, options={"task": walk.task})
        return 1

    return load


# ---- steps -----------------------------------------------------------------------------------------------


def step_world(walk: Walk) -> Callable[[str], object]:
    world = World(walk.game.problem)

    def step(command: str) -> object:
        move = world.moves()[command]
        world.apply(move)
        return feedback(world, move)

    return step


def step_backend(walk: Walk) -> Callable[[str], object]:
    backend = NativeBackend()
    backend.begin(walk.game, dict)

    def step(command: str) -> object:
        return backend.act(command), backend.admissible()

    return step


def step_env(data: Path, *, bare: bool) -> Callable[[Walk], Callable[[str], object]]:
    make: Any = agentgym.make_env if bare else gymnasium.make
    env = make(ID, data=data, max_steps=_ENDLESS)

    def begin(walk: Walk) -> Callable[[str], object]:
        env.reset(seed=0, options={"task": walk.task})
        step: Callable[[str], object] = env.step
        return step

    return begin


def timed_walk(begin: Callable[[Walk], Callable[[str], object]], walk: Walk) -> tuple[int, float]:
    """Carry out a walk until the game is won; return the number of steps and the seconds they took."""
    step = begin(walk)
    start = time.process_time()
    steps = 0
    for command in walk.commands:
        told = step(command)
        steps += 1
        if isinstance(told, tuple) and len(told) == 5 and told[2]:
            break
    return steps, time.process_time() - start


def steps_per_second(
    begin: Callable[[Walk], Callable[[str], object]], chosen: Sequence[Walk], seconds: float
) -> float:
    steps, spent = 0, 0.0
    for walk in itertools.cycle(chosen):
        done, took = timed_walk(begin, walk)
        steps, spent = steps + done, spent + took
        if spent >= seconds:
            return steps / spent
    raise AssertionError("there are no walks")


# ---- the stock stack ------------------------------------------------------------------------------------


def make_stock() -> Any:
    """Make the environment of ALFWorld, as ALFWorld stacks it; None where it is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("alfworld", "textworld")):
        return None
    os.environ["ALFWORLD_DATA"] = tempfile.gettempdir()  # or its import makes a folder at home
    from alfworld.agents.environment.alfred_tw_env import AlfredDemangler
    from textworld.core import EnvInfos
    from textworld.envs.pddl import PddlEnv

    return AlfredDemangler(PddlEnv(EnvInfos(won=True, admissible_commands=True)))


def load_stock(stock: Any) -> Callable[[Walk], int]:
    def load(walk: Walk) -> int:
        stock.load(str(walk.path))
        stock.reset()
        return 1

    return load


def step_stock(stock: Any) -> Callable[[Walk], Callable[[str], object]]:
    def begin(walk: Walk) -> Callable[[str], object]:
        load_stock(stock)(walk)
        return lambda command: stock.step(command)[0]

    return begin


# ---- tables ---------------------------------------------------------------------------------------------


def compare_loading(data: Path, chosen: Sequence[Walk], stock: Any, seconds: float) -> None:
    print(f"\nload a game and start it\n  {'':44}{'ms':>10}{'per second':>12}{'ratio':>9}")
    slowest = None if stock is None else per_second(load_stock(stock), chosen, 5 * seconds)
    rows = {
        "file -> first observation, admissible": load_native,
        "the same, env.reset by gymnasium.make": load_gymnasium(data),
        "gymnasium.make and reset": load_new(data),
    }
    for name, load in rows.items():
        _row(name, per_second(load, chosen, seconds), slowest, 1e3)
    if slowest is not None:
        _row("TextWorld: load and reset", slowest, slowest, 1e3)


def compare_steps(data: Path, chosen: Sequence[Walk], stock: Any, seconds: float) -> None:
    print(f"\nsteps, restarts not counted\n  {'':44}{'us':>10}{'per second':>12}{'ratio':>9}")
    slowest = None if stock is None else steps_per_second(step_stock(stock), chosen, 5 * seconds)
    rows = {
        "rules and text": step_world,
        "+ backend: sorted admissible commands": step_backend,
        "+ TextEnv.step: progress, state_key, info": step_env(data, bare=True),
        "+ the wrappers of gymnasium.make": step_env(data, bare=False),
    }
    for name, begin in rows.items():
        _row(name, steps_per_second(begin, chosen, seconds), slowest, 1e6)
    if slowest is not None:
        _row("TextWorld: step", slowest, slowest, 1e6)


def compare_states(data: Path, walk: Walk, seconds: float) -> None:
    env: Any = agentgym.make_env(ID, data=data)
    env.reset(seed=0, options={"task": walk.task})
    for command in walk.commands[:10]:
        if env.step(command)[2]:
            break
    frozen, world = env.snapshot(), World(walk.game.problem)
    rows: dict[str, Callable[[], object]] = {
        "snapshot": env.snapshot,
        "restore": lambda: env.restore(frozen),
        "clone of the engine's state": world.copy,
        "state_key": lambda: world.key,
    }
    print(f"\nstates ({len(frozen)} bytes)\n  {'':44}{'us':>10}{'per second':>12}")
    for name, work in rows.items():
        _row(name, per_second(_ignoring(work), [walk], seconds / 4), None, 1e6)


def compare_memory(data: Path, chosen: Sequence[Walk]) -> None:
    tasks = [walk.task for walk in chosen[:INSTANCES]]
    arguments = [sys.executable, "-c", MEMORY, str(data), *tasks]
    one, all_of_them = map(float, subprocess.run(arguments, check=True, capture_output=True).stdout.split())
    print(f"\nmemory of a fresh process\n  {'1 instance':44}{one:10.1f} MiB")
    print(f"  {f'{len(tasks)} instances, each another game':44}{all_of_them:10.1f} MiB")
    if importlib.util.find_spec("alfworld") is not None:
        print(f"  {'1 process of TextWorld':44}{_stock_memory(chosen[0]):10.1f} MiB")


def _stock_memory(walk: Walk) -> float:
    from envs.alfworld.textworld import TextWorldBackend

    backend = TextWorldBackend()
    backend.begin(walk.game, lambda: json.loads(walk.path.read_bytes()))
    status = Path(f"/proc/{backend.pid}/status").read_text(encoding="ascii")
    backend.close()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _ignoring(work: Callable[[], object]) -> Callable[[Walk], int]:
    def once(walk: Walk) -> int:
        work()
        return 1

    return once


def _row(name: str, rate: float, slowest: float | None, unit: float) -> None:
    ratio = "" if slowest is None else f"{rate / slowest:8,.0f}x"
    print(f"  {name:44}{unit / rate:10,.1f}{rate:12,.1f}{ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the speed of ALFWorld environments.")
    parser.add_argument("--data", type=Path, help="folder that holds json_2.1.1; else games are generated")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each number")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        if options.data is None:
            write_games(data, "train", 60)
        chosen, stock = walks(data, INSTANCES + 20), make_stock()
        if stock is None:
            print("TextWorld left out: it is not installed")
        compare_loading(data, chosen, stock, options.seconds)
        compare_steps(data, chosen, stock, options.seconds)
        compare_states(data, chosen[0], options.seconds)
        compare_memory(data, chosen)


if __name__ == "__main__":
    main()
