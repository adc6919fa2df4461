"""Goals by number: what a shopper wants of a generated product, in the words of the papers or of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from envs.webshop.generator.draws import Draws
from envs.webshop.generator.product import make_product
from envs.webshop.goal import NO_LIMIT, Goal, GoalKind, goal_for, limits_above, options_text
from envs.webshop.product import Product

__all__ = ["make_goal"]

_GOAL: Final[Mapping[str, int]] = {"synthetic": 2, "human": 3}
_WISHES: Final = (
    "i am looking for {a} {noun}",
    "i need {a} {noun}",
    "i want to buy {a} {noun}",
    "can you find me {a} {noun}",
    "please help me find {a} {noun}",
    "show me {a} {noun}",
)
_TRAITS: Final = ("that is {}", "and it should be {}", "which has to be {}", "- {} is a must")
_CHOICES: Final = ("in {}", "and i'd like {}", "i prefer {}", "make it {}")


def make_goal(seed: int, number: int, variation: int, kind: GoalKind) -> Goal:
    """Make a goal that the product of a number meets.

    Args:
        seed: Seed of the catalogue.
        number: Number of the product.
        variation: Which of its goals.
        kind: "synthetic" wants one value of each option group, "human" of some.
    """
    product, price, made_as = make_product(seed, number)
    draws = Draws(seed, _GOAL[kind], number, variation)
    wanted = tuple(draws.sample(product.attributes, draws.count(1, min(3, len(product.attributes)))))
    options = {name: draws.pick(product.options[name]) for name in sorted(product.options)}
    limit = _limit(price, draws)
    if kind == "synthetic":
        text = f"{_find_me(product, wanted)}{options_text(options)}"
        return goal_for(product, text, attributes=wanted, options=options, limit=limit)
    values = tuple(draws.sample(tuple(options.values()), draws.count(0, len(options))))
    text = _wish(made_as.noun, wanted, values, draws)
    return goal_for(product, text, attributes=wanted, options=values, limit=limit)


def _find_me(product: Product, wanted: tuple[str, ...]) -> str:
    """Say a wish as the original's synthetic ones are said."""
    before, after = wanted[: (len(wanted) + 1) // 2], wanted[(len(wanted) + 1) // 2 :]
    text = f"Find me {', '.join(before)} {product.query}"
    return f"{text} with {', '.join(after)}" if after else text


def _wish(noun: str, wanted: tuple[str, ...], values: tuple[str, ...], draws: Draws) -> str:
    """Say a wish as a person would."""
    first, *others = wanted
    phrase = f"{noun} with {first}" if draws.uniform() < 0.5 else f"{first} {noun}"
    article = "an" if phrase[0] in "aeiou" else "a"
    parts = [draws.pick(_WISHES).format(a=article, noun=phrase)]
    parts += [draws.pick(_TRAITS).format(attribute) for attribute in others]
    parts += [draws.pick(_CHOICES).format(value) for value in values]
    return " ".join(parts)


def _limit(price: float, draws: Draws) -> float:
    """Draw the larger of two price limits."""
    above = limits_above(price)
    return max(draws.sample(above, 2)) if len(above) >= 2 else NO_LIMIT
