"""The reward, rule by rule; what `rules="fixed"` mends."""

from __future__ import annotations

from typing import Any

import pytest

from envs.webshop.goal import draw_goal
from envs.webshop.product import Product, read_product
from envs.webshop.reward import Reward, judge, title_score
from envs.webshop.rules import FIXED, ORIGINAL, Rules
from tests.envs.webshop.shop import RUG, goal_of, items

_NOUNS = ("wool", "area", "rug")


def _rug(**changes: Any) -> Product:
    raw = next(item for item in items() if item["asin"] == RUG)
    return read_product({**raw, **changes}, {"attributes": ["wool blend"]})


def _judge(rules: Rules = ORIGINAL, nouns: tuple[str, ...] = _NOUNS, **given: Any) -> Reward:
    goal = goal_of(RUG, attributes=("wool",), options=given.pop("wanted", {}))
    product = given.pop("product", _rug())
    return judge(
        goal,
        product,
        price=given.pop("price", 25.0),
        options=given.pop("options", {}),
        nouns=(_NOUNS, nouns),
        rules=rules,
    )


def test_judge__counts_attributes_options_and_price() -> None:
    whole = _judge(wanted={"size": "5 ft"}, options={"size": "5 ft"})
    assert (whole.attributes_met, whole.options_met, whole.price_met, whole.value) == (1, 1, True, 1.0)
    assert _judge(wanted={"size": "5 ft"}).value == pytest.approx(2 / 3)
    assert _judge(price=50.01).value == pytest.approx(1 / 2)
    assert (
        _judge(product=_rug(name="x", full_description="", small_description=[])).value == 1.0
    )  # "wool blend"
    assert _judge().as_info() == {
        "r_type": 1.0,
        "r_att": 1.0,
        "w_att": 0.5,
        "query_match": True,
        "category_match": True,
        "title_score": 1.0,
        "r_price": True,
        "w_price": 0.5,
    }


@pytest.mark.parametrize(
    ("query", "path", "nouns", "kind"),
    [
        ("area rugs", "x", ("rug",), 1.0),  # the query matches
        ("mats", "Home & Kitchen › Kitchen", ("rug",), 1.0),  # two parts of the category match
        ("mats", "Home & Kitchen › Bath", ("rug",), 1.0),  # a third of the nouns
        ("mats", "x", ("area",) * 0, 0.0),
    ],
)
def test_judge__tells_the_kind_of_product(query: str, path: str, nouns: tuple[str, ...], kind: float) -> None:
    assert _judge(product=_rug(query=query, product_category=path), nouns=nouns).kind == kind


def test_judge__halves_or_tenths_what_is_of_another_kind() -> None:
    other = _rug(query="mats", product_category="x")
    goal = goal_of(RUG)
    for shared, kind in ((2, 0.5), (1, 0.1)):
        names = ([f"n{i}" for i in range(11)], [f"n{i}" for i in range(shared)])
        assert judge(goal, other, price=1.0, options={}, nouns=names, rules=ORIGINAL).kind == kind


def test_title_score__counts_repeated_nouns_of_the_goal() -> None:
    assert title_score(["band", "band", "watch"], ["band", "strap"]) == pytest.approx(1 / 3)
    assert title_score([], ["band"]) == 0.2


@pytest.mark.parametrize("value", ["1877blue", "rectangular", "tangerine", "★"])
def test_fixed__options_are_compared_by_their_values(value: str) -> None:
    same = {"shape": value}
    met = [_judge(rules, wanted=same, options=same).options_met for rules in (ORIGINAL, FIXED)]
    assert met == [0, 1]


def test_fixed__a_title_without_common_nouns_does_not_undo_a_match() -> None:
    assert (_judge(ORIGINAL, nouns=()).value, _judge(FIXED, nouns=()).value) == (0.0, 1.0)
    other = _rug(query="mats", product_category="x")
    assert _judge(FIXED, nouns=(), product=other).value == 0.0


def test_options__of_people_are_values_in_any_group() -> None:
    assert _judge(wanted=("red", "8 oz"), options={"color": "rose red", "size": "8 oz"}).options_met == 2
    assert _judge(wanted=("x-large",), options={"size": "large"}).options_met == 1  # token sets are lenient
    assert _judge(wanted=("gray",), options={"color": "grey"}).options_met == 0
    assert _judge(wanted={"size": "x-large"}, options={"size": "xx-large"}).options_met == 0


def test_fixed__every_goal_can_be_drawn() -> None:
    weights, steps = [1.0, 1.0, 1.0, 1.0], 400
    for rules, counts in ((ORIGINAL, [0, 100, 100, 200]), (FIXED, [100, 100, 100, 100])):
        drawn = [draw_goal(weights, k / steps, rules) for k in range(steps)]
        assert [drawn.count(number) for number in range(4)] == counts
