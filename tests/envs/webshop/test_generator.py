"""Generated catalogues: a function of size and seed, and goals that can be found and met."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError
from envs.webshop.catalogue import SPLITS
from envs.webshop.generator import GeneratedCatalogue, open_generated
from envs.webshop.generator.goal import make_goal
from envs.webshop.generator.product import MOST_PRODUCTS, asin_of, make_product, number_of
from envs.webshop.generator.vocabulary import vocabulary
from envs.webshop.goal import GOAL_KINDS, GoalKind
from envs.webshop.nouns import RuleNouns
from envs.webshop.reward import judge
from envs.webshop.rules import FIXED, ORIGINAL


@given(st.integers(0, MOST_PRODUCTS - 1))
def test_asin_of__can_be_undone(number: int) -> None:
    asin = asin_of(number)
    assert (number_of(asin), len(asin)) == (number, 10)


@pytest.mark.parametrize("asin", ["", "B0", "B00000001", "B0000000001", "B0٣٣٣٣٣٣٣٣", "C012345678"])
def test_number_of__refuses_what_is_no_asin(asin: str) -> None:
    with pytest.raises(LookupError):
        number_of(asin)


def test_make_product__is_a_function_of_seed_and_number() -> None:
    assert make_product(3, 12345) == make_product(3, 12345)
    names = {make_product(seed, number).product.name for seed in range(3) for number in range(200)}
    assert len(names) == 600


def test_make_product__is_of_many_kinds() -> None:
    made = [make_product(0, number) for number in range(1500)]
    assert {m.product.category for m in made} == set(vocabulary().departments)
    assert len({m.product.query for m in made}) == len(vocabulary().kinds)
    assert set(Counter(len(m.product.options) for m in made)) == {0, 1, 2, 3}
    ranges = [m for m in made if len(m.product.price_range) == 2]
    assert 100 < len(ranges) < 200
    assert all(m.product.price_range[0] <= m.price <= m.product.price_range[1] for m in ranges)
    for m in made:
        text = f"{m.product.name} {m.product.description}".lower()
        assert all(attribute in text for attribute in m.product.attributes)


@pytest.mark.parametrize("kind", GOAL_KINDS)
def test_make_goal__is_met_by_its_product(kind: GoalKind) -> None:
    nouns, missed = RuleNouns(), {"original": 0, "fixed": 0}
    for number in range(400):
        made, goal = make_product(1, number), make_goal(1, number, number % 10, kind)
        offered = {value: name for name, values in made.product.options.items() for value in values}
        options = {offered[value]: value for value in goal.option_values}
        names = nouns(goal.name)
        for rules in (ORIGINAL, FIXED):
            bought = judge(
                goal, made.product, price=made.price, options=options, nouns=(names, names), rules=rules
            )
            missed[rules.name] += bought.value < 1
        assert all(value in goal.instruction for value in goal.option_values)
        assert all(attribute in goal.instruction for attribute in goal.attributes)
    assert missed["fixed"] == 0
    assert missed["original"] < 40


def test_catalogue__finds_every_wanted_product_by_the_words_of_the_wish() -> None:
    shop = open_generated(500)
    for kind in GOAL_KINDS:
        for goal in shop.goals(kind)[:200]:
            assert goal.asin in shop.search(goal.instruction)


def test_catalogue__tests_on_products_that_were_never_wanted_in_training() -> None:
    shop = open_generated(50)
    goals = shop.goals("synthetic")
    wanted = {split: {goals[i].asin for i in shop.split("synthetic", split)} for split in SPLITS}
    assert [len(wanted[split]) for split in SPLITS] == [40, 5, 5]
    assert len(set.union(*wanted.values())) == 50
    assert sum(len(shop.split("synthetic", split)) for split in SPLITS) == len(goals) == 500
    with pytest.raises(IndexError):
        goals[500]


def test_catalogue__is_opened_once() -> None:
    assert open_generated(50) is open_generated(50)
    assert open_generated(50).product(asin_of(49)).asin == asin_of(49)
    with pytest.raises(LookupError):
        open_generated(50).product(asin_of(50))


def test_catalogue__does_without_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AGENTGYM_CACHE", str(tmp_path / "file"))
    shop = GeneratedCatalogue(60, 7)
    asin = shop.goals("human")[0].asin
    assert shop.search(shop.product(asin).name)[0] == asin


@pytest.mark.parametrize(("size", "seed"), [(9, 0), (MOST_PRODUCTS + 1, 0), (50, -1)])
def test_catalogue__refuses_sizes_and_seeds_that_cannot_be(size: int, seed: int) -> None:
    with pytest.raises(ArgumentError):
        open_generated(size, seed)
