from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stable_baselines3.common.env_checker import check_env

import agentgym
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from baselines.sb3 import ActionList, Encoding, Situation, load_config, make_numeric, shipped_config

_CONFIGS = sorted((Path(__file__).parents[3] / "baselines" / "configs").glob("sb3-*.toml"))
_SOKOBAN = "agentgym/SokobanSmall-v0"
_MOVES = ("up", "down", "left", "right")


@pytest.mark.parametrize("path", _CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("algo", ["maskable_ppo", "dqn"])
def test_tuned_environment__passes_the_checker_of_stable_baselines3(path: Path, algo: str) -> None:
    config = load_config(path, {"algo": algo})
    env = make_numeric(config.env, config.action_list, config.encoding, **config.env_options)
    check_env(env)
    env.close()


@pytest.mark.parametrize("path", _CONFIGS, ids=lambda path: path.stem)
def test_tuned_environment__lets_every_admissible_action_be_chosen(path: Path) -> None:
    config = load_config(path, {})
    env = make_numeric(config.env, config.action_list, config.encoding, **config.env_options)
    rng = np.random.default_rng(0)
    for seed in range(8):
        _, info = env.reset(seed=seed)
        over = False
        while not over:
            texts, mask = env.get_wrapper_attr("action_texts")(), env.action_masks()
            assert set(info["admissible_actions"]) == {
                t for t, is_open in zip(texts, mask, strict=True) if is_open
            }
            _, _, terminated, truncated, info = env.step(int(rng.choice(np.flatnonzero(mask))))
            assert info["action_valid"]
            over = terminated or truncated


def test_configurations__are_there_for_what_is_documented() -> None:
    ids = {tomllib.loads(path.read_text())["env"].partition("/")[2] for path in _CONFIGS}
    assert ids == {"SokobanSmall-v0", "ALFWorld-v0", "WebShop-v0", "KuhnPoker-v0", "TicTacToe-v0"}
    assert all(shipped_config(f"agentgym/{name}") in _CONFIGS for name in ids)
    assert shipped_config("agentgym/Nim-v0") is None


def test_padded_actions__are_empty_or_repeated() -> None:
    admissible = ("look", "wait", "go")
    padded, repeated = ActionList(slots=5), ActionList(slots=5, repeat=True)
    assert padded.texts(admissible) == ("look", "wait", "go", "", "")
    assert padded.mask(admissible).tolist() == [True, True, True, False, False]
    assert repeated.texts(admissible) == ("look", "wait", "go", "look", "wait")
    assert repeated.mask(admissible).all()
    assert ActionList(slots=2).texts(admissible) == ("look", "wait")


def test_actions__without_any_admissible_leave_all_open() -> None:
    assert ActionList(_MOVES).mask(()).all()
    assert ActionList(_MOVES).mask(("fly",)).all()
    assert ActionList(_MOVES).mask(None).all()
    assert ActionList(_MOVES).mask(("down",)).tolist() == [False, True, False, False]


def test_action_list__refuses_what_it_cannot_mean() -> None:
    with pytest.raises(ArgumentError, match="list of actions or a number of slots"):
        ActionList()
    with pytest.raises(ArgumentError, match="list of actions or a number of slots"):
        ActionList(_MOVES, slots=3)
    with pytest.raises(ArgumentError, match="twice"):
        ActionList(("up", "up"))
    with pytest.raises(ArgumentError, match="fixed list"):
        make_numeric("agentgym/WebShop-v0", ActionList(slots=4))


def test_numeric_environment__an_empty_slot_costs_a_turn_and_nothing_else() -> None:
    env = make_numeric(_SOKOBAN, ActionList(slots=6))
    _, before = env.reset(seed=1)
    _, _, _, _, after = env.step(5)
    assert not after["action_valid"]
    assert after["state_key"] == before["state_key"]


def test_numeric_environment__sees_what_the_agent_is_shown() -> None:
    env = make_numeric("agentgym/ALFWorld-v0", ActionList(slots=40), Encoding(recent=8, goal=8))
    bare = agentgym.make_env("agentgym/ALFWorld-v0")
    arrays, _ = env.reset(seed=2)
    observation, info = bare.reset(seed=2)
    said: list[str] = []
    for index in (0, 3, 3, 1):
        shown = env.encoder.encode(Situation(observation, info, said))
        assert all((shown[name] == arrays[name]).all() for name in arrays)
        said.append(info["admissible_actions"][index])
        arrays, *_ = env.step(index)
        observation, _, _, _, info = bare.step(said[-1])


def test_shaping__adds_up_to_nothing_over_an_episode() -> None:
    weight, gamma = 2.0, 0.9
    actions = ActionList(slots=40)
    options: dict[str, Any] = {"difficulty": "easy", "max_steps": 20}
    plain = make_numeric("agentgym/ALFWorld-v0", actions, **options)
    shaped = make_numeric("agentgym/ALFWorld-v0", actions, shaping=weight, gamma=gamma, **options)
    plain.reset(seed=4)
    _, info = shaped.reset(seed=4)
    differences, start, over = [], info["progress"], False
    while not over:
        index = shaped.get_wrapper_attr("action_texts")().index(plain.unwrapped.oracle_action())  # type: ignore[attr-defined]
        _, reward, over, _, _ = plain.step(index)
        differences.append(shaped.step(index)[1] - reward)
    assert any(differences)
    assert sum(gamma**t * d for t, d in enumerate(differences)) == pytest.approx(-weight * start)


def test_config__says_what_is_wrong() -> None:
    with pytest.raises(UnknownNameError, match="maskable_ppo"):
        load_config(None, {"algo": "maskable_pp"})
    with pytest.raises(DataError, match="`steps`"):
        load_config(None, {"steps": -1})
    with pytest.raises(DataError, match=r"`encoding\.bags`"):
        load_config(None, {"encoding.bags": 1})
