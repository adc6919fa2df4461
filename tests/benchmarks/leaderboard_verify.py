"""What verification costs beside the environments' own steps.

    python tests/benchmarks/leaderboard_verify.py [--suites core games] [--agent random]

For every setting of the suites: the random agent plays it once; then its actions are stepped again on bare
environments (raw), judged in this process (opening, decoding, hash chains, claims, replay, digests), and
verified in a process with limits, starting that process included. The ratio judged / raw is the overhead. Raw
and judged are processor time of this process, the least of some tries; "verify s" is the clock's.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agentgym.agents import make_agent
from agentgym.evaluation import ExpandedSuite, load_suite
from agentgym.leaderboard import unpack, verify
from agentgym.leaderboard.bundle import AgentIdentity, Header, Limits, SuiteIdentity, pack
from agentgym.leaderboard.judging import judge
from agentgym.registry import make_env
from agentgym.rollout import collect
from agentgym.trajectory import Trajectory
from agentgym.version import __version__


def parts(suite: ExpandedSuite) -> list[ExpandedSuite]:
    """Return a suite of each setting alone."""
    found = []
    for number, rules in enumerate(suite.rules):
        own = [entry for entry in suite.entries if entry.setting == number]
        entries = [
            replace(entry, episode=replace(entry.episode, number=place), setting=0)
            for place, entry in enumerate(own)
        ]
        found.append(ExpandedSuite(suite.name, suite.version, tuple(entries), (rules,), suite.metrics))
    return found


def step_raw(trajectories: Sequence[Trajectory]) -> None:
    """Step the recorded actions on one bare environment."""
    env = make_env(trajectories[0].env_id, **trajectories[0].env_kwargs)
    for trajectory in trajectories:
        env.reset(seed=trajectory.seed, options={"task": trajectory.task_id})
        for step in trajectory.steps:
            env.step(step.decision.action)
    env.close()


def seconds(work: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    """Return the least of some timings."""
    best = float("inf")
    for _ in range(times):
        begun = clock()
        work()
        best = min(best, clock() - begun)
    return best


def measure(suite: ExpandedSuite, agent: str, times: int) -> str:
    """Measure one setting and return its row."""
    played = sorted(collect(suite.episodes, make_agent(agent)), key=lambda t: t.episode)
    identity = SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash)
    header = Header(package=__version__, suite=identity, agent=AgentIdentity(spec=agent), name="benchmark")
    data = pack(header, played)
    bundle = unpack(data)
    assert judge(bundle, suite, Limits()).reason is None
    raw = seconds(lambda: step_raw(played), times, time.process_time)
    judged = seconds(lambda: judge(bundle, suite, Limits()), times, time.process_time)
    apart = seconds(lambda: verify(bundle, suite), 1, time.perf_counter)
    turns = sum(len(t.steps) for t in played)
    cost = (judged - raw) / turns * 1e6
    return (
        f"{suite.episodes[0].env_id:30} {turns:6} {raw / turns * 1e6:10.1f} {judged / turns * 1e6:10.1f} "
        f"{judged / raw:7.2f} {cost:9.1f} {apart:9.2f} {len(data) / turns:8.0f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--suites", nargs="+", default=["core", "tooluse", "games"])
    parser.add_argument("--agent", default="random")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    print(f"{'environment':30}  turns raw us/turn judged us  ratio us added verify s  B/turn")
    for name in options.suites:
        for part in parts(load_suite(name).frozen()):
            print(measure(part, options.agent, options.times), flush=True)


if __name__ == "__main__":
    main()
