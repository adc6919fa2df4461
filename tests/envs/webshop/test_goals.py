"""Goals of loaded catalogues: texts, limits, splits, people's goals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from envs.webshop.catalogue import SPLITS, LoadedCatalogue
from envs.webshop.goal import NO_LIMIT, limit_text, limits_above
from tests.envs.webshop.shop import MUG, RUG, SHIRT, TEA


@pytest.mark.parametrize(
    ("price", "limits"),
    [
        (0.0, [10.0, 20.0, 30.0, 40.0]),
        (10.0, [20.0, 30.0, 40.0, 50.0]),
        (19.99, [20.0, 30.0, 40.0, 50.0]),
        (975.0, [980.0, 990.0]),
        (985.0, [990.0]),
        (1200.0, []),
    ],
)
def test_limits_above__are_the_next_multiples_of_ten(price: float, limits: list[float]) -> None:
    assert limits_above(price) == limits
    assert limits_above(price) == [10.0 * k for k in range(1, 100) if 10.0 * k > price][:4]


def test_synthetic_goals__combine_the_options_of_each_product(small_shop: LoadedCatalogue) -> None:
    goals = small_shop.goals("synthetic")
    assert Counter(goal.asin for goal in goals) == {MUG: 4, RUG: 2, SHIRT: 4, TEA: 1}
    for goal in goals:
        product = small_shop.product(goal.asin)
        assert isinstance(goal.options, Mapping)
        said = ", and ".join(f"{name}: {value}" for name, value in goal.options.items())
        tail = f" with {said}" if said else ""
        assert goal.instruction == f"{product.instruction}{tail}{limit_text(goal.price_limit)}"
        assert goal.price_limit == NO_LIMIT or goal.price_limit > small_shop.price(goal.asin)
    tea = next(goal for goal in goals if goal.asin == TEA)
    assert (tea.price_limit, tea.instruction) == (NO_LIMIT, "Find me green teas")


def test_synthetic_goals__weigh_rare_attributes_more(small_shop: LoadedCatalogue) -> None:
    goals = small_shop.goals("synthetic")
    assert {goal.asin: goal.weight for goal in goals} == {MUG: 1 / 4, RUG: 1 / 2, SHIRT: 1 / 4, TEA: 1.0}
    assert list(small_shop.weights("synthetic", range(len(goals)))) == [goal.weight for goal in goals]


def test_human_goals__are_those_that_name_an_attribute(small_shop: LoadedCatalogue) -> None:
    (goal,) = small_shop.goals("human")
    assert goal.instruction.startswith(
        "i need a rose mug that may go into the dishwasher, and price lower than"
    )
    assert (goal.options, goal.attributes, goal.weight) == (("rose red",), ("dishwasher safe",), 1.0)


@pytest.mark.data
def test_split__is_cut_as_in_the_papers(thousand: LoadedCatalogue) -> None:
    ranges = {split: thousand.split("synthetic", split) for split in SPLITS}
    assert ranges == {"test": range(500), "validation": range(500, 1500), "train": range(1500, 6910)}
    assert [len(thousand.split("human", split)) for split in SPLITS] == [0, 0, 13]
