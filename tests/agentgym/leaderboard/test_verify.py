"""Verification in its process: honest runs hold, limits are kept, and the machine's faults are nobody's."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentgym import Trajectory, errors
from agentgym.evaluation import ExpandedSuite, Setting, Suite
from agentgym.leaderboard import Bundle, VerifyLimits, unpack, verify, verify_file
from agentgym.leaderboard.bundle import Limits, SuiteIdentity, pack
from agentgym.leaderboard.judging import judge
from agentgym.rollout import load_run
from tests.agentgym.leaderboard.forging import header_of
from tests.agentgym.leaderboard.moody import MOODY_ID, TURN
from tests.agentgym.tampering import VICTIM, WANDERER, play
from tests.toys import CorridorEnv

TASKS = ["test/2-west", "test/4-east", "test/5-west"]


@pytest.fixture(scope="module")
def honest(honest_run: Path) -> list[Trajectory]:
    return load_run(honest_run)[1]


def _bundle(run: list[Trajectory], suite: ExpandedSuite) -> Bundle:
    return unpack(pack(header_of(suite, run[0].agent), run))


@pytest.fixture(scope="module")
def moody() -> ExpandedSuite:
    setting = Setting(env=MOODY_ID, tasks=TASKS, seeds=[0, 1])
    return Suite(name="moody", version=1, settings=[setting]).expand()


@pytest.fixture(scope="module")
def moody_bundle(moody: ExpandedSuite) -> Bundle:
    return _bundle(play(moody.episodes, WANDERER), moody)


@pytest.fixture
def unshared() -> None:
    """Skip where a process may not leave the network."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "--net", "true"], check=False).returncode != 0:
        pytest.skip("this user may not leave the network")


@pytest.mark.parametrize("agent", ["random", WANDERER, "oracle"])
def test_verify__accepts_honest_runs(suite: ExpandedSuite, agent: str) -> None:
    run = play(suite.episodes, agent)
    verdict = verify(_bundle(run, suite), suite)
    assert str(verdict) == "all 24 episodes reproduce"
    assert verdict.credit is not None
    assert verdict.credit.metrics.success.value == sum(t.success for t in run) / 24
    assert [e.outcome.score for e in verdict.credit.episodes] == [t.score for t in run]


def test_verify__names_episode_and_turn(suite: ExpandedSuite, honest: list[Trajectory]) -> None:
    steps = list(honest[VICTIM].steps)
    steps[3] = replace(steps[3], reward=0.25)
    forged = [replace(t, steps=tuple(steps)) if t.episode == VICTIM else t for t in honest]
    verdict = verify(_bundle(forged, suite), suite)
    assert (verdict.ok, verdict.episode, verdict.turn, verdict.credit) == (False, VICTIM, 3, None)
    assert str(verdict).startswith(f"rejected: episode {VICTIM}, turn 3: reward is 0.25")


def test_verify__executes_nothing_that_the_suite_does_not_name(
    suite: ExpandedSuite, honest: list[Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an environment was made")

    monkeypatch.setattr("agentgym.replay.make_env", refuse)
    forgeries: list[dict[str, Any]] = [
        {"env_id": "x/Other-v0"},
        {"env_kwargs": {"data": "/"}},
        {"task_id": "x"},
    ]
    for changes in forgeries:
        forged = [replace(honest[0], **changes), *honest[1:]]
        assert judge(_bundle(forged, suite), suite, Limits()).episode == 0


def test_verify__takes_an_honest_failure_for_what_it_is(
    suite: ExpandedSuite, honest: list[Trajectory]
) -> None:
    victim = honest[VICTIM]
    end = victim.steps[2].observation
    broken = replace(victim, steps=victim.steps[:2], final_observation=end, error="agent: OSError: gone")
    run = [broken if t.episode == VICTIM else t for t in honest]
    credit = verify(_bundle(run, suite), suite).credit
    assert credit is not None
    assert credit.episodes[VICTIM].error == "agent: OSError: gone"
    assert not credit.episodes[VICTIM].outcome.success


def test_verify__says_where_the_environment_is_what_changed(
    suite: ExpandedSuite, honest: list[Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CorridorEnv, "_look", lambda self: "It is dark.")
    reason = judge(_bundle(honest, suite), suite, Limits()).reason
    assert reason is not None and "the environment has changed" in reason


@pytest.mark.parametrize("mood", ["hanging", "spinning"])
def test_verify__does_not_wait_for_a_step_without_end(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    monkeypatch.setenv("MOOD", mood)
    begun = time.monotonic()
    verdict = verify(moody_bundle, moody, limits=VerifyLimits(step_s=3.0))
    assert (verdict.ok, verdict.episode, verdict.turn) == (False, 2, TURN)
    assert "more than 3 s" in str(verdict)
    assert time.monotonic() - begun < 60


def test_verify__bounds_all_of_the_time(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOD", "hanging")
    verdict = verify(moody_bundle, moody, limits=VerifyLimits(total_s=3.0))
    assert not verdict.ok and "all of it takes more than 3 s" in str(verdict)


def test_verify__bounds_memory(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOD", "greedy")
    verdict = verify(moody_bundle, moody)
    assert (verdict.ok, verdict.episode, verdict.turn) == (False, 2, TURN)
    assert "MemoryError" in str(verdict)


def test_verify__survives_the_death_of_its_process(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOD", "dying")
    verdict = verify(moody_bundle, moody)
    assert (verdict.ok, verdict.episode, verdict.turn) == (False, 2, TURN)
    assert "than is allowed" in str(verdict)


def test_verify__blames_the_machine_for_what_the_machine_lacks(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOD", "lacking")
    with pytest.raises(errors.VerificationError, match=r"cannot be played here: .*levels.txt is missing"):
        verify(moody_bundle, moody)


def test_verify__accepts_a_moody_environment_in_a_calm_mood(
    moody: ExpandedSuite, moody_bundle: Bundle
) -> None:
    assert verify(moody_bundle, moody).ok


def test_verify__keeps_root_off_the_network(
    moody: ExpandedSuite, moody_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, unshared: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("MOOD", "calling")
        monkeypatch.setenv("MOOD_PORT", str(server.getsockname()[1]))
        assert "Connection refused" in str(verify(moody_bundle, moody))
        assert verify(moody_bundle, moody, limits=VerifyLimits(network=True)).ok


def test_verify_file__judges_what_is_no_submission(tmp_path: Path, suite: ExpandedSuite) -> None:
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(b"hello")
    verdict = verify_file(path, suite)
    assert not verdict.ok and "No zstd frame begins at byte 0" in str(verdict)


@pytest.mark.parametrize("name", ["nosuch", "../smoke", "smoke.toml", "/etc/passwd"])
def test_verify_file__takes_no_name_for_a_path(
    tmp_path: Path, suite: ExpandedSuite, honest: list[Trajectory], name: str
) -> None:
    identity = SuiteIdentity(name=name, version=1, hash=suite.hash)
    header = header_of(suite, WANDERER).model_copy(update={"suite": identity})
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(pack(header, honest))
    verdict = verify_file(path)
    assert not verdict.ok and "There is no suite" in str(verdict)


@pytest.mark.parametrize("change", [{"step_s": 0.0}, {"memory_bytes": -1}])
def test_limits__are_positive(change: dict[str, float]) -> None:
    with pytest.raises(errors.ArgumentError, match="must be positive"):
        VerifyLimits(**change)  # type: ignore[arg-type]
