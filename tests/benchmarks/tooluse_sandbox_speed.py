"""Speed of the sandbox, of search and of MCP calls. Never part of the tests.

Run: python tests/benchmarks/tooluse_sandbox_speed.py [--seconds 3]
Each row gives clock time a call, CPU time a call (of this process and of those that it started, which a busy
machine does not change), and calls per second of the clock.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from envs.tooluse.mcp.address import read_address
from envs.tooluse.mcp.env import McpEnv
from envs.tooluse.mcp.link import Link
from envs.tooluse.python.calculator import calculator
from envs.tooluse.python.sandbox import BubblewrapSandbox, RlimitProcess
from envs.tooluse.python.sandbox.attacks import ATTACKS
from envs.tooluse.python.sandbox.selftest import self_test
from envs.tooluse.search.env import SearchQAEnv

_LOOK = {"shelf": "A1"}


def measure(name: str, work: Callable[[], object], seconds: float, threads: int = 1) -> None:
    """Do `work` again and again in some threads, and print how long it took."""
    done = [0] * threads
    stop = threading.Event()

    def repeat(number: int) -> None:
        while not stop.is_set():
            work()
            done[number] += 1

    work()
    start, spent = time.perf_counter(), sum(os.times()[:4])
    with ThreadPoolExecutor(threads) as pool:
        for number in range(threads):
            pool.submit(repeat, number)
        time.sleep(seconds)
        stop.set()
    clock, cpu, calls = time.perf_counter() - start, sum(os.times()[:4]) - spent, sum(done)
    took, used = 1e3 * clock * threads / calls, 1e3 * cpu / calls
    print(f"  {name:44}{took:9.2f} ms{used:9.2f} ms CPU{calls / clock:9,.0f}/s", flush=True)


def sandboxes(seconds: float) -> None:
    safe, unsafe = BubblewrapSandbox(), RlimitProcess()
    print("\nruns of Python code, `print(6 * 7)`")
    for threads in (1, 2, 4):
        measure(f"bubblewrap, {threads} at once", lambda: safe.run(["print(6 * 7)"]), seconds, threads)
    measure("limits alone (unsafe), 1 at once", lambda: unsafe.run(["print(6 * 7)"]), seconds)
    measure("calculator, no process", lambda: calculator("(3 + 4) * comb(10, 2) / 7"), seconds)
    start = time.perf_counter()
    held = len(ATTACKS) - len(self_test())
    print(f"  self-test: {held} of {len(ATTACKS)} attacks held off in {time.perf_counter() - start:.1f} s")


def searches(seconds: float) -> None:
    env = SearchQAEnv()
    start = time.perf_counter()
    env.reset(seed=0)
    print(f"\nSearchQA: world and index of a split are made in {time.perf_counter() - start:.2f} s")
    measure("reset", lambda: env.reset(seed=0), seconds)
    measure("search in 686 documents, through env.step", lambda: search(env), seconds)


def search(env: SearchQAEnv) -> None:
    env.reset(seed=0)
    env.step("<search>the mayor of the city on the river</search>")


def servers(seconds: float) -> None:
    print("\ncalls of an MCP server")
    serve = [sys.executable, "-m", "agentgym", "mcp", "serve", "stockroom"]
    for name, server in (("in memory", "memory:stockroom"), ("child process, stdio", serve)):
        start = time.perf_counter()
        link = Link(read_address(server), start_s=60.0, call_s=10.0)
        started = time.perf_counter() - start
        measure(f"{name} (start {started:.2f} s)", partial(link.call, "look_at_shelf", _LOOK), seconds)
        link.close()
    env = McpEnv()
    env.reset(seed=0)
    measure("reset of MCP-v0 in memory", lambda: env.reset(seed=0), seconds)
    env.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the sandbox, search and MCP calls.")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each number")
    options = parser.parse_args()
    sandboxes(options.seconds)
    searches(options.seconds)
    servers(options.seconds)


if __name__ == "__main__":
    main()
