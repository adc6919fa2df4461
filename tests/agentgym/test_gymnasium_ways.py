"""Every id in Gymnasium's own tools: vectors, wrappers, pickles, specs as JSON."""

from __future__ import annotations

import importlib.util
import pickle
import shutil
from collections.abc import Iterator
from typing import Any

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AsyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit

import agentgym

_IDS = [
    each for each in agentgym.env_ids() if "ScienceWorld" not in each
]  # its Java takes minutes: own tests
_SEEDS = [3, 4]
_NEEDS = {"MCP": "mcp", "TextArena": "textarena", "GEM": "gem", "MiniWoB": "miniwob"}
_IN_CHROMIUM = ("Browser", "MiniWoB")


@pytest.fixture(params=_IDS)
def env_id(request: pytest.FixtureRequest) -> str:
    env_id = str(request.param)
    has_chromium = shutil.which("chromium") and shutil.which("chromedriver")
    if any(name in env_id for name in _IN_CHROMIUM) and not has_chromium:
        pytest.skip("no Chromium and chromedriver on the path")
    if "Python" in env_id and not shutil.which("bwrap"):
        pytest.skip("no bwrap on the path")
    for name, module in _NEEDS.items():
        if name in env_id and importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    return env_id


@pytest.fixture
def env(env_id: str) -> Iterator[gymnasium.Env[str, str]]:
    made = gymnasium.make(env_id)
    yield made
    made.close()


def test_every_id__is_the_same_in_vectors_sync_and_async(env_id: str) -> None:
    told = []
    for mode in ("sync", "async"):
        vector = agentgym.make_vec(env_id, 2, vectorization_mode=mode)
        try:
            assert not (isinstance(vector, AsyncVectorEnv) and vector.shared_memory)
            observations, infos = vector.reset(seed=_SEEDS)  # type: ignore[arg-type]
            stepped = vector.step(("no such action", "help"))
            told.append([observations, list(infos["state_key"]), stepped[0], stepped[1].tolist()])
        finally:
            vector.close()
    assert told[0] == told[1]
    assert told[0][0] == tuple(_first(env_id, seed) for seed in _SEEDS)


def test_every_id__is_wrapped_by_statistics_and_time_limits(env: gymnasium.Env[str, str]) -> None:
    wrapped = RecordEpisodeStatistics(TimeLimit(env, 2))
    wrapped.reset(seed=3)
    total, steps, terminated, truncated, info = 0.0, 0, False, False, dict[str, Any]()
    while not (terminated or truncated):
        _, reward, terminated, truncated, info = wrapped.step(env.unwrapped.oracle_action())  # type: ignore[attr-defined]
        total, steps = total + float(reward), steps + 1
    assert info["episode"]["l"] == steps <= 2
    assert info["episode"]["r"] == pytest.approx(total)
    assert terminated or steps == 2


def test_every_id__goes_on_alike_after_a_pickle(env: gymnasium.Env[str, str]) -> None:
    env.reset(seed=3)
    twin = pickle.loads(pickle.dumps(env))
    try:
        action = env.unwrapped.oracle_action()  # type: ignore[attr-defined]
        assert _plain(twin.step(action)) == _plain(env.step(action))
    finally:
        twin.close()


def test_every_id__is_made_again_from_its_spec_as_json_and_as_pickle(env: gymnasium.Env[str, str]) -> None:
    assert env.spec is not None
    observation, info = env.reset(seed=3)
    for spec in (EnvSpec.from_json(env.spec.to_json()), pickle.loads(pickle.dumps(env.spec))):
        again = gymnasium.make(spec)
        try:
            found, told = again.reset(seed=3)
            assert (found, told["state_key"]) == (observation, info["state_key"])
        finally:
            again.close()


def _first(env_id: str, seed: int) -> str:
    env = gymnasium.make(env_id)
    try:
        return env.reset(seed=seed)[0]  # type: ignore[no-any-return]
    finally:
        env.close()


def _plain(told: Any) -> list[Any]:
    observation, reward, terminated, truncated, info = told
    return [observation, reward, terminated, truncated, info["state_key"], info["admissible_actions"]]
