"""Environments in processes of their own: faults break nobody else's episode, and leave no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, IsolatedEnv, Isolation, WorkerError, collect
from agentgym.trajectory import Decision, Trajectory, Turn
from tests.agentgym.rollout.faulty import FAULTY_ID

_SOBER: dict[str, Any] = {"wind": 0.2, "max_steps": 8}


def _episodes(n: int, **kwargs: Any) -> list[Episode]:
    tasks = ["train/1-east", "train/2-east", "train/3-east", "train/3-west"]
    return [Episode(k, FAULTY_ID, seed=k, task=tasks[k], env_kwargs={**_SOBER, **kwargs}) for k in range(n)]


def _play(episodes: Sequence[Episode], isolation: Isolation | None) -> list[Trajectory]:
    played = collect(episodes, make_agent("random"), agent_seed=3, slots=2, isolation=isolation)
    return sorted((t.without_timing() for t in played), key=lambda t: t.episode)


def test_isolation__changes_nothing_where_nothing_goes_wrong() -> None:
    episodes = _episodes(4, fault="print")
    assert _play(episodes, Isolation()) == _play(_episodes(4, fault="print"), None)


@pytest.mark.parametrize("fault", ["hang", "die", "raise"])
def test_isolation__an_episode_whose_environment_fails_once_is_played_again(
    fault: str, tmp_path: Path
) -> None:
    expected = [t.steps for t in _play(_episodes(3), None)]
    played = _play(_episodes(3, fault=fault, marks=str(tmp_path)), Isolation(limit_s=5.0))
    assert [t.error for t in played] == [None] * 3
    assert [t.steps for t in played] == expected
    assert len(list(tmp_path.iterdir())) >= 1, "no fault happened"


_REASONS = {
    "hang": "step: WorkerError: the environment has not answered within 5 s",
    "die": "step: WorkerError: the environment's process has ended (status 7)",
    "raise": "step: WorkerError: RuntimeError: the floor gives way",
}


@pytest.mark.parametrize("fault", _REASONS)
def test_isolation__one_that_keeps_failing_is_a_failure_with_its_reason(fault: str) -> None:
    episodes = [*_episodes(1, fault=fault), Episode(1, FAULTY_ID, seed=1, env_kwargs=_SOBER)]
    broken, whole = _play(episodes, Isolation(limit_s=5.0, retries=1))
    assert broken.error == _REASONS[fault]
    assert len(broken.steps) == 2
    assert not broken.success
    assert whole.error is None


def test_isolation__wrong_arguments_are_told_at_once() -> None:
    with pytest.raises(ArgumentError, match="length"):
        IsolatedEnv(FAULTY_ID, {"length": 1}, limit_s=30)
    with pytest.raises((ArgumentError, UnknownNameError), match="Nobody-v0"):
        IsolatedEnv("agentgym/Nobody-v0", {}, limit_s=30)
    with pytest.raises(ArgumentError, match="limit_s"):
        Isolation(limit_s=0)


def test_isolated_env__freezes_and_goes_on() -> None:
    env = IsolatedEnv(FAULTY_ID, _SOBER, limit_s=30)
    env.reset(seed=3)
    frozen = env.snapshot()
    first = env.step("go east")
    env.restore(frozen)
    assert env.step("go east") == first
    assert env.oracle_action().startswith("go ")
    env.close()
    with pytest.raises(WorkerError):
        env.step("go east")


class _Interrupted:
    spec = "interrupted"
    wants_oracle = False

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        raise KeyboardInterrupt


def test_isolation__a_run_that_is_broken_off_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            begun.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    with pytest.raises(KeyboardInterrupt):
        list(collect(_episodes(2), _Interrupted(), isolation=Isolation()))
    assert [process.returncode for process in begun] == [-signal.SIGKILL] * 2


def test_isolated_env__waits_for_no_process_that_does_not_read() -> None:
    env = IsolatedEnv(FAULTY_ID, _SOBER, limit_s=30)
    env.reset(seed=3)
    env._limit_s = 0.5
    os.kill(env._process.pid, signal.SIGSTOP)
    with pytest.raises(WorkerError):
        env.step("x" * (1 << 20))  # more than a pipe holds
    env.close()
    env.close()


@pytest.mark.parametrize(("fault", "reason"), [("set", "TypeError"), ("huge", "too long an answer")])
def test_isolated_env__says_why_an_answer_cannot_be_taken(fault: str, reason: str) -> None:
    env = IsolatedEnv(FAULTY_ID, {**_SOBER, "fault": fault}, limit_s=30)
    env.reset(seed=3)
    env.step("wait")
    env.step("wait")
    with pytest.raises(WorkerError, match=reason):
        env.step("wait")
    env.close()


def test_isolated_env__closing_ends_a_process_that_hangs() -> None:
    env = IsolatedEnv(FAULTY_ID, {**_SOBER, "fault": "hang"}, limit_s=5.0)
    process = env._process
    env.reset(seed=0)
    for _ in range(2):
        env.step("wait")
    with pytest.raises(WorkerError, match="not answered"):
        env.step("wait")
    env.close()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="children follow their parent on Linux alone")
def test_isolated_env__dies_with_its_parent() -> None:
    program = (
        "import tests.agentgym.rollout.faulty as faulty, sys, time;"
        "from agentgym.rollout import IsolatedEnv;"
        "env = IsolatedEnv(faulty.FAULTY_ID, {'fault': 'hang'}, limit_s=60);"
        "env.reset(seed=0); env.step('wait'); env.step('wait'); env.post_step('wait');"
        "print(env._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        if not _alive(child):
            return
        time.sleep(0.05)
    raise AssertionError("the child lives on")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
