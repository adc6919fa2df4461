"""Answers of the original implementation over its 1,000 products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from envs.webshop.catalogue import LoadedCatalogue
from envs.webshop.colours import normalise_colour
from envs.webshop.goal import Goal
from envs.webshop.nouns import RuleNouns
from envs.webshop.product import Product
from envs.webshop.render import address, rich_text, text
from envs.webshop.reward import judge
from envs.webshop.rules import FIXED, ORIGINAL
from envs.webshop.session import Session
from tests.envs.webshop.conftest import Golden

pytestmark = pytest.mark.data


def _goal(row: Mapping[str, Any]) -> Goal:
    options = row["goal_options"]
    return Goal(
        asin=row["asin"],
        instruction=row["instruction_text"],
        name=row["name"],
        query=row["query"],
        category=row["category"],
        product_category=row["product_category"],
        attributes=tuple(row["attributes"]),
        options=options if isinstance(options, dict) else tuple(options),
        price_limit=row["price_upper"],
        weight=row.get("weight", 1.0),
    )


def _product(asin: str, row: Mapping[str, Any]) -> Product:
    return Product(
        asin=asin,
        name=row["name"],
        query=row["query"],
        category="",
        product_category=row["product_category"],
        description=row["Description"],
        bullets=tuple(row["BulletPoints"]),
        attributes=tuple(row["Attributes"]),
    )


def test_reward__equals_the_original(golden: Golden) -> None:
    rows = golden("golden_reward.jsonl")
    assert rows
    for row in rows:
        verdict = judge(
            _goal(row["goal"]),
            _product(row["purchased_asin"], row["purchased"]),
            price=row["price"],
            options=row["options"],
            nouns=(row["nouns_goal"], row["nouns_purchased"]),
            rules=ORIGINAL,
        )
        assert verdict.value == pytest.approx(row["reward"], abs=1e-12)
        assert (verdict.attributes_met, verdict.options_met) == (
            row["num_attr_matches"],
            row["num_option_matches"],
        )
        assert verdict.as_info() == pytest.approx(row["info"], abs=1e-12)


def test_session__shows_and_does_what_the_original_does(golden: Golden, thousand: LoadedCatalogue) -> None:
    rows = golden("golden_sessions.jsonl")
    assert rows
    for row in rows:
        goal = thousand.goals("synthetic")[row["goal_index"]]
        assert goal == _goal(row["goal"])
        session = Session(thousand, goal, nouns=RuleNouns(), rules=ORIGINAL)
        for step in row["steps"]:
            if step["action"] != "reset":
                outcome = session.act(step["action"])
                assert (outcome.reward, outcome.done) == (step["reward"], step["done"])
            url = address(session.state, str(row["goal_index"]))
            seen = {"text": text(session.page), "text_rich": rich_text(session.page, url), "url": url}
            assert seen == {key: step[key] for key in seen}
            available = {"has_search_bar": session.has_search_bar, "clickables": list(session.clickables)}
            assert available == step["available"]


def test_goals__equal_the_original_in_order(golden: Golden, thousand: LoadedCatalogue) -> None:
    rows = golden("golden_goals_synthetic_seed233.first1000.json")
    goals = thousand.goals("synthetic")
    assert len(goals) == 6910
    assert goals[: len(rows)] == [_goal(row) for row in rows]


def test_prices__equal_the_original(golden: Golden, thousand: LoadedCatalogue) -> None:
    prices = golden("golden_product_prices_seed233.json")
    assert len(thousand) == len(prices) == 1000
    assert {asin: thousand.price(asin) for asin in prices} == prices


def test_colours__equal_the_original(golden: Golden) -> None:
    rows = golden("golden_normalize_color.jsonl")
    assert rows
    assert [normalise_colour(value) for value, _ in rows] == [colour for _, colour in rows]


def test_rules__goals_beyond_reach_are_those_of_the_original(thousand: LoadedCatalogue) -> None:
    nouns, missed = RuleNouns(), {"original": 0, "fixed": 0}
    for goal in thousand.goals("synthetic"):
        product, names = thousand.product(goal.asin), nouns(goal.name)
        assert isinstance(goal.options, Mapping)
        for rules in (ORIGINAL, FIXED):
            price = thousand.price(goal.asin)
            bought = judge(
                goal, product, price=price, options=goal.options, nouns=(names, names), rules=rules
            )
            missed[rules.name] += bought.value < 1
    assert missed == {"original": 458, "fixed": 0}
