"""Verification: honest runs pass, every kind of forgery is refused and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentgym import Trajectory
from agentgym.evaluation import Entry, ExpandedSuite
from agentgym.leaderboard import verify
from agentgym.rollout import load_run
from tests.agentgym.tampering import EPISODE_FORGERIES, RUN_FORGERIES, VICTIM, WANDERER, play
from tests.toys import CorridorEnv

Forgery = Callable[[Trajectory], Trajectory]


@pytest.fixture(scope="module")
def honest(honest_run: Path) -> list[Trajectory]:
    return load_run(honest_run)[1]


def _with(entry: Entry, **changes: Any) -> Entry:
    return replace(entry, episode=replace(entry.episode, **changes))


def _sealed(run: list[Trajectory]) -> list[Trajectory]:
    """Write and read: the adversary's hash chains are whole."""
    return [Trajectory.from_json(t.to_json()) for t in run]


@pytest.mark.parametrize("agent", ["random", WANDERER, "oracle"])
def test_verify__accepts_honest_runs_in_any_order(suite: ExpandedSuite, agent: str) -> None:
    run = play(suite.episodes, agent)
    assert verify(run, suite).ok
    assert verify(list(reversed(run)), suite).ok
    assert str(verify(run, suite)) == "all 24 episodes reproduce"


def test_verify__has_a_victim_that_failed(honest: list[Trajectory]) -> None:
    assert not honest[VICTIM].success and len(honest[VICTIM].steps) > 5
    assert any(t.success for t in honest)


@pytest.mark.parametrize("forge", EPISODE_FORGERIES.values(), ids=EPISODE_FORGERIES.keys())
def test_verify__refuses_a_forged_episode_and_names_it(
    suite: ExpandedSuite, honest: list[Trajectory], forge: Forgery
) -> None:
    run = [forge(t) if t.episode == VICTIM else t for t in honest]
    verdict = verify(_sealed(run), suite)
    assert not verdict.ok
    assert verdict.episode == VICTIM
    assert f"episode {VICTIM}" in str(verdict)


@pytest.mark.parametrize("forge", RUN_FORGERIES.values(), ids=RUN_FORGERIES.keys())
def test_verify__refuses_a_run_that_is_not_the_suites(
    suite: ExpandedSuite,
    honest: list[Trajectory],
    forge: Callable[[list[Trajectory]], list[Trajectory]],
) -> None:
    verdict = verify(_sealed(forge(honest)), suite)
    assert not verdict.ok and verdict.reason is not None
    assert verdict.episode is not None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("episode dropped", "episode 4 is missing"),
        ("episode added", "episode 24 is not in toy v1"),
        ("episode there twice", "episode 0 is there twice"),
        ("honest, other seed", "episode 4: seed is 1234; the suite demands 0"),
        ("honest, easier task", "episode 4: task_id is 'test/1-west'"),
        ("honest, no wind", "episode 4: env_kwargs is {'wind': 0.0}; the suite demands {}"),
        ("honest, more steps", "env_kwargs is {'max_steps': 400}"),
        ("honest, other agent", "played by 'oracle', others by 'wanderer:1'"),
    ],
)
def test_verify__says_what_is_wrong(
    suite: ExpandedSuite, honest: list[Trajectory], name: str, told: str
) -> None:
    assert told in str(verify(_sealed(RUN_FORGERIES[name](honest)), suite))


@pytest.mark.parametrize("turn", [0, 3, 5])
def test_verify__names_the_turn(suite: ExpandedSuite, honest: list[Trajectory], turn: int) -> None:
    steps = list(honest[VICTIM].steps)
    steps[turn] = replace(steps[turn], reward=0.25)
    verdict = verify([replace(t, steps=tuple(steps)) if t.episode == VICTIM else t for t in honest], suite)
    assert (verdict.ok, verdict.episode, verdict.turn) == (False, VICTIM, turn)


def test_verify__executes_nothing_that_the_suite_does_not_name(
    suite: ExpandedSuite, honest: list[Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an environment was made")

    monkeypatch.setattr("agentgym.replay.make_env", refuse)
    for forged in (
        replace(honest[0], env_id="agentgym/Other-v0"),
        replace(honest[0], env_kwargs={"data": "/"}),
    ):
        assert not verify([forged, *honest[1:]], suite).ok


def test_verify__takes_an_honest_failure_for_what_it_is(
    suite: ExpandedSuite, honest: list[Trajectory]
) -> None:
    victim = honest[VICTIM]
    broken = replace(
        victim,
        steps=victim.steps[:2],
        final_observation=victim.steps[2].observation,
        error="agent: OSError: gone",
    )
    assert verify([broken if t.episode == VICTIM else t for t in honest], suite).ok
    assert broken.score == 0 and not broken.success


def test_verify__refuses_a_run_of_another_suite(suite: ExpandedSuite, honest: list[Trajectory]) -> None:
    other = replace(suite, entries=tuple(_with(e, seed=e.episode.seed + 10) for e in suite.entries))
    assert not verify(honest, other).ok


def test_verify__distinguishes_true_from_one(suite: ExpandedSuite, honest: list[Trajectory]) -> None:
    wanted = replace(suite, entries=tuple(_with(e, env_kwargs={"wind": 1}) for e in suite.entries))
    assert not verify([replace(t, env_kwargs={"wind": True}) for t in honest], wanted).ok


def test_verify__says_where_the_environment_is_what_changed(
    suite: ExpandedSuite, honest: list[Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CorridorEnv, "_look", lambda self: "It is dark.")
    assert "the environment has changed" in str(verify(honest, suite))
