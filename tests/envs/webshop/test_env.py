"""The environment: contract, modes, goals, rewards, experts, hostile input."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Literal

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.webshop.env import WebShopEnv
from envs.webshop.grammar import LONGEST
from tests.envs.webshop.shop import MUG, RUG

ID = "agentgym/WebShop-v0"


def _mug(folder: Path, **kwargs: Any) -> WebShopEnv:
    """The people's goal: a rose red mug that is dishwasher safe."""
    env = WebShopEnv(data=folder, goals="human", split="test", **kwargs)
    env.reset(seed=0)
    return env


def _buy(env: WebShopEnv) -> tuple[float, dict[str, Any]]:
    while True:
        _, reward, terminated, truncated, info = env.step(env.oracle_action())
        if terminated or truncated:
            return reward, info


def test_id__passes_gymnasium_and_the_conformance_check() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(ID, products=1000).unwrapped)
    check_text_env(ID, env_kwargs={"products": 1000}, resets=3_000)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"goals": "human", "suggest_searches": True, "observation_mode": "html", "num_prev_actions": 3},
        {"rules": "fixed", "sampling": "weighted", "observation_mode": "text", "num_prev_obs": 2},
        {"expert": "shopper", "goals": "human", "observation_mode": "url", "show_attributes": False},
    ],
)
def test_id__keeps_the_contract_with_other_arguments(kwargs: dict[str, Any]) -> None:
    kwargs = {"products": 200, **kwargs}
    check_text_env(ID, env_kwargs=kwargs, episodes=2, resets=1, processes=False, oracle_success=0.5)


@pytest.mark.data
def test_id__keeps_the_contract_on_the_original_products(data_root: Path) -> None:
    kwargs = {"data": str(data_root / "webshop"), "rules": "fixed"}
    check_text_env(ID, env_kwargs=kwargs, episodes=3, resets=500, processes=False)


def test_step__of_a_whole_visit(small_folder: Path) -> None:
    env = _mug(small_folder)
    observation, info = env.reset(seed=0, options={"task": "human/0"})
    assert observation.startswith("WebShop\nInstruction: \ni need a rose mug that may go into the dishwasher")
    assert info["admissible_actions"] is None
    assert (info["extra"]["has_search_bar"], info["extra"]["clickables"]) == (True, ["search"])
    assert info["extra"]["catalogue"] == "items_shuffle/5"
    _, _, _, _, info = env.step("search[rose mug]")
    assert info["admissible_actions"] == ("click[back to search]", "click[next >]", f"click[{MUG.lower()}]")
    env.step(f"click[{MUG.lower()}]")
    _, reward, terminated, _, info = env.step("click[rose red]")
    assert (reward, terminated, info["progress"], info["score"]) == (0.0, False, 1.0, 0.0)
    observation, reward, terminated, truncated, info = env.step("click[Buy Now]")
    assert (reward, terminated, truncated, info["success"], info["score"]) == (1.0, True, False, True, 1.0)
    assert info["extra"]["reward_parts"]["r_option"] == 1.0
    assert observation.startswith("Thank you for shopping with us!\n")


def test_progress__counts_what_is_met_so_far(small_folder: Path) -> None:
    env = _mug(small_folder)
    progress = [
        env.step(a)[4]["progress"] for a in ("search[mug]", f"click[{MUG}]", "click[blue]", "click[rose red]")
    ]
    assert progress == [0.0, pytest.approx(2 / 3), pytest.approx(2 / 3), 1.0]


def test_state_key__is_of_the_choice_not_of_the_way(small_folder: Path) -> None:
    keys = []
    for actions in (("click[8 oz]", "click[blue]"), ("click[blue]", "click[12 oz | large]", "click[8 oz]")):
        env = _mug(small_folder)
        for action in ("search[mug]", f"click[{MUG}]", *actions):
            info = env.step(action)[4]
        keys.append(info["state_key"])
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("mode", "start"),
    [
        ("text", "WebShop [SEP] Instruction: [SEP] i need a rose mug"),
        ("text_rich", "WebShop\nInstruction: \ni need a rose mug"),
        ("html", "<!DOCTYPE html>\n<html>"),
        ("url", "http://127.0.0.1:3000/0"),
    ],
)
def test_observation_mode__shows_the_same_page(small_folder: Path, mode: Any, start: str) -> None:
    env = _mug(small_folder, observation_mode=mode)
    assert env.reset(seed=0)[0].startswith(start)
    rich = _mug(small_folder)
    rich.step("search[mug]")
    info = env.step("search[mug]")[4]
    assert info["extra"]["clickables"] == list(rich.session.clickables)


def test_num_prev__puts_the_past_in_front(small_folder: Path) -> None:
    env = _mug(small_folder, observation_mode="url", num_prev_obs=1, num_prev_actions=2)
    base = "http://127.0.0.1:3000"
    assert env.step("search[a]")[0] == f"{base}/0 [SEP] search[a] [SEP] {base}/search_results/0/a/1"
    snapshot = env.snapshot()
    later = f"search[a] [SEP] {base}/search_results/0/a/1 [SEP] search[b] [SEP] {base}/search_results/0/b/1"
    assert env.step("search[b]")[0] == later
    twin = _mug(small_folder, observation_mode="url", num_prev_obs=1, num_prev_actions=2)
    twin.restore(snapshot)
    assert twin.step("search[b]")[0] == later


def test_reward_scale__may_be_all_or_nothing(small_folder: Path) -> None:
    for buys, reward, score in ((MUG, 10.0, 1.0), (RUG, 0.0, 0.0)):
        env = _mug(small_folder, reward_scale="sparse10")
        env.step("search[mug rug]")
        env.step(f"click[{buys}]")
        if buys == MUG:
            env.step("click[rose red]")
        result = env.step("click[buy now]")
        assert (result[1], result[4]["success"]) == (reward, score == 1.0)


def test_tasks__never_depend_on_the_seed(small_folder: Path) -> None:
    env = WebShopEnv(data=small_folder, split="test")
    goals: dict[str, str] = {}
    for seed in range(40):
        info = env.reset(seed=seed)[1]
        assert goals.setdefault(info["task_id"], info["instruction"]) == info["instruction"]
    assert len(goals) > 5
    assert len(env.tasks("test")) == 11
    with pytest.raises(DataError, match="no task in split 'train'"):
        WebShopEnv(data=small_folder, split="train").reset(seed=0)


def test_sampling__by_weight_draws_rare_attributes_more_often(small_folder: Path) -> None:
    teas: dict[str, int] = {}
    samplings: tuple[Literal["uniform", "weighted"], ...] = ("uniform", "weighted")
    for sampling in samplings:
        env = WebShopEnv(data=small_folder, split="test", rules="fixed", sampling=sampling)
        env.reset(seed=1)
        teas[sampling] = sum("green teas" in env.reset()[1]["instruction"] for _ in range(400))
    assert 20 < teas["uniform"] < 60 < 75 < teas["weighted"] < 130  # 1 in 11 goals, 1 in 4 by weight


def test_sampling__by_weight_leaves_the_chance_as_it_is(small_folder: Path) -> None:
    env = WebShopEnv(data=small_folder, split="test", sampling="weighted")
    task = env.reset(seed=5)[1]["task_id"]
    drawn = json.loads(env.snapshot())
    env.reset(seed=5, options={"task": task})
    assert json.loads(env.snapshot()) == drawn


@pytest.mark.parametrize("rules", ["original", "fixed"])
@pytest.mark.parametrize("goals", ["synthetic", "human"])
def test_oracle__buys_what_reaches_the_whole_reward(rules: Any, goals: Any) -> None:
    env = WebShopEnv(products=1000, rules=rules, goals=goals, split="validation")
    won = 0
    for task in env.tasks("validation")[:100]:
        env.reset(seed=0, options={"task": task})
        won += _buy(env)[1]["success"]
    assert won == 100 if rules == "fixed" or goals == "human" else won >= 85


def test_oracle__finds_its_way_from_anywhere(small_folder: Path) -> None:
    for astray in (
        ["search[rug]", f"click[{RUG}]", "click[features]"],
        ["search[zzz]"],
        ["search[mug]"] + ["click[next >]"] * 2,
    ):
        env = _mug(small_folder)
        for action in astray:
            assert env.step(action)[4]["action_valid"]
        assert _buy(env)[0] == 1.0


def test_shopper__reads_the_pages_alone() -> None:
    env = WebShopEnv(products=1000, expert="shopper", goals="human", split="validation")
    scores = []
    for task in env.tasks("validation")[:100]:
        env.reset(seed=0, options={"task": task})
        scores.append(_buy(env)[1]["score"])
    assert sum(scores) / 100 > 0.9


def test_action__hostile_ones_cost_a_step_and_no_more(small_folder: Path) -> None:
    env = _mug(small_folder, max_steps=40)
    key = env.reset(seed=0)[1]["state_key"]
    for action in (
        "[" * LONGEST,
        "search[" + "x" * LONGEST + "]",
        "search[a\x00]",
        "click[search]",
        "\ud800[x]",
    ):
        _, reward, terminated, _, info = env.step(action)
        assert (reward, terminated, info["action_valid"], info["state_key"]) == (0.0, False, False, key)
        assert info["extra"]["reason"]
    for query in ("mug " * 25_000, "<script>alert(1)</script>", "\u202emug", "💥" * 1000):
        assert env.step(f"search[{query}]")[4]["action_valid"]


@pytest.mark.parametrize(
    "kwargs",
    [
        {"goals": "people"},
        {"catalogue": "amazon", "products": None},
        {"rules": "repaired"},
        {"observation_mode": "picture"},
        {"reward_scale": "dense"},
        {"expert": "observing"},
        {"sampling": "greedy"},
        {"split": "eval"},
    ],
)
def test_init__names_close_matches(kwargs: dict[str, Any]) -> None:
    with pytest.raises(UnknownNameError):
        WebShopEnv(**{"products": 50, **kwargs})


@pytest.mark.parametrize(
    "kwargs",
    [
        {"data": "x", "products": 10},
        {"data": "x", "catalogue": "generated"},
        {"catalogue": "files", "products": 10},
        {"num_prev_obs": -1},
        {"num_prev_actions": 16},
        {"products": 3},
    ],
)
def test_init__refuses_what_cannot_be(kwargs: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        WebShopEnv(**kwargs)


def test_catalogue__is_looked_for_where_the_environment_says(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(**kwargs: Any) -> str:
        return str(WebShopEnv(split="test", **kwargs).reset(seed=0)[1]["extra"]["catalogue"])

    monkeypatch.delenv("AGENTGYM_DATA", raising=False)
    assert name() == "generated-1/1000/0"
    with pytest.raises(ArgumentError, match=r"set \$AGENTGYM_DATA"):
        WebShopEnv(catalogue="files")
    root = small_folder.parent / "root"
    root.mkdir()
    (root / "webshop").symlink_to(small_folder)
    monkeypatch.setenv("AGENTGYM_DATA", str(root))
    assert name() == name(catalogue="files") == name(data=small_folder) == "items_shuffle/5"
    assert name(products=50, catalogue_seed=3) == "generated-1/50/3"
    assert name(catalogue="generated") == "generated-1/1000/0"
