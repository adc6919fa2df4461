"""Rollouts by Ray actors: the same trajectories, and no episode lost when actors die."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, RayWorkers, RunPlan, collect, play, run
from agentgym.trajectory import Trajectory
from tests.agentgym.rollout.faulty import FAULTY_ID

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed"),
    pytest.mark.filterwarnings("ignore"),  # Ray's own
    pytest.mark.xdist_group("ray"),
]

_MODULES = ("tests.agentgym.rollout.faulty",)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    import ray

    root = str(Path(__file__).resolve().parents[3])
    ray.init(
        num_cpus=2,
        log_to_driver=False,
        include_dashboard=False,
        runtime_env={"env_vars": {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"}},
    )
    yield
    ray.shutdown()


def _episodes(n: int, **kwargs: Any) -> list[Episode]:
    return [
        Episode(k, FAULTY_ID, seed=k, task=f"train/{1 + k % 4}-east", env_kwargs={"max_steps": 9, **kwargs})
        for k in range(n)
    ]


def _sorted(played: Iterator[Trajectory]) -> list[Trajectory]:
    return sorted((t.without_timing() for t in played), key=lambda t: t.episode)


def test_ray__plays_as_the_local_collector_does() -> None:
    expected = _sorted(collect(_episodes(30), make_agent("random"), agent_seed=4))
    for count in (1, 2):
        workers = RayWorkers(count=count, modules=_MODULES)
        assert _sorted(workers.collect(_episodes(30), "random", {}, agent_seed=4)) == expected


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small language model that has been told nothing."""
    from baselines.models import build_nano, train_tokenizer

    folder = tmp_path_factory.mktemp("model")
    tokenizer = train_tokenizer(["go east", "go west", "You are 3 steps from the west door."], vocabulary=300)
    build_nano(tokenizer, hidden=32, layers=1, heads=2, seed=0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["", "reflect:"])
def test_ray__a_model_in_every_actor_says_what_the_local_one_says(kind: str, model: Path) -> None:
    agent, options = f"{kind}hf:{model}", {"max_new_tokens": 4}
    expected = _sorted(play(_episodes(10), make_agent(agent, **options), agent_seed=4))
    workers = RayWorkers(count=2, modules=_MODULES)
    played = _sorted(workers.collect(_episodes(10), agent, options, agent_seed=4, slots=3))
    assert [t.agent for t in played] == [agent] * 10
    assert [_said(t) for t in played] == [_said(t) for t in expected]
    assert [t.tokens for t in played] == [t.tokens for t in expected]
    for one, two in zip(played, expected, strict=True):
        for step, other in zip(one.steps, two.steps, strict=True):
            assert step.decision.logprobs == pytest.approx(other.decision.logprobs, abs=1e-4)


def _said(trajectory: Trajectory) -> list[tuple[str, str, float]]:
    return [(s.decision.action, s.decision.note, s.reward) for s in trajectory.steps]


def test_ray__finishes_a_run_that_was_begun_without_it(tmp_path: Path) -> None:
    plan = RunPlan("random", 1, _episodes(12))
    expected = run(plan, make_agent("random"), tmp_path / "alone")
    file = tmp_path / "shared" / "trajectories.jsonl"
    (tmp_path / "shared").mkdir()
    for name in ("run.json", "trajectories.jsonl"):
        (tmp_path / "shared" / name).write_bytes((tmp_path / "alone" / name).read_bytes())
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:5]))
    played = run(plan, make_agent("random"), tmp_path / "shared", workers=RayWorkers(modules=_MODULES))
    assert [t.without_timing() for t in played] == [t.without_timing() for t in expected]
    assert len(file.read_bytes().splitlines()) == 12


def test_ray__an_actor_that_dies_loses_no_episode(tmp_path: Path) -> None:
    episodes = _episodes(8, fault="die", marks=str(tmp_path))
    played = _sorted(RayWorkers(count=2, modules=_MODULES).collect(episodes, "random", {}, agent_seed=4))
    expected = _sorted(collect(_episodes(8), make_agent("random"), agent_seed=4))
    assert list(tmp_path.iterdir()), "nothing died"
    assert [t.error for t in played] == [None] * 8
    assert [t.steps for t in played] == [t.steps for t in expected]


def test_ray__an_episode_that_kills_every_actor_is_a_failure() -> None:
    sober = Episode(1, FAULTY_ID, seed=1, env_kwargs={"max_steps": 9})
    episodes = [Episode(0, FAULTY_ID, seed=0, task="train/4-east", env_kwargs={"fault": "die"}), sober]
    broken, whole = _sorted(
        RayWorkers(count=1, retries=1, modules=_MODULES).collect(episodes, "random", {}, agent_seed=4)
    )
    assert broken.error == "worker: it died 2 times"
    assert whole.error is None


def test_ray__a_callers_mistake_is_told() -> None:
    with pytest.raises(UnknownNameError):
        list(RayWorkers(count=1).collect([Episode(0, "agentgym/Nobody-v0", seed=0)], "random", {}))
    with pytest.raises(Exception, match="no_such_module"):
        list(RayWorkers(count=1, modules=("no_such_module",)).collect(_episodes(1), "random", {}))
    with pytest.raises(ArgumentError, match="names no workers"):
        RayWorkers.parse("dask")
    assert RayWorkers.parse("ray:auto").address == "auto"
