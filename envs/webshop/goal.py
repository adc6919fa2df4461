"""`Goal`: what a shopper wants, and the lists of goals that a catalogue gives."""

from __future__ import annotations

import itertools
import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from envs.webshop.product import Product
from envs.webshop.rules import Rules

__all__ = [
    "NO_LIMIT",
    "SEED",
    "Goal",
    "Instruction",
    "draw_goal",
    "human_goals",
    "purchase_price",
    "shuffled",
    "synthetic_goals",
]

SEED: Final = 233
NO_LIMIT: Final = 1_000_000.0
_LIMITS: Final = tuple(10.0 * tens for tens in range(1, 100))


@dataclass(frozen=True, slots=True)
class Goal:
    """What a shopper wants.

    Attributes:
        asin: The product that it was made of; another one may do as well.
        instruction: The wish in words, with options and price limit.
        name: Title of that product.
        query: Its query.
        category: Its department.
        product_category: Its path of categories.
        attributes: The attributes wanted.
        options: The options wanted: group to value, or (people's goals) values alone.
        price_limit: The greatest price in dollars; `NO_LIMIT` where none was said.
        weight: Its share in weighted draws.
    """

    asin: str
    instruction: str
    name: str
    query: str
    category: str
    product_category: str
    attributes: tuple[str, ...]
    options: Mapping[str, str] | tuple[str, ...]
    price_limit: float = NO_LIMIT
    weight: float = 1.0

    @property
    def option_values(self) -> tuple[str, ...]:
        """The values wanted, without their groups."""
        return tuple(self.options.values()) if isinstance(self.options, Mapping) else self.options


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a person wrote for a product (`items_human_ins*.json`)."""

    asin: str
    text: str
    attributes: tuple[str, ...]
    options: tuple[str, ...]


def purchase_price(product: Product, rng: random.Random) -> float:
    """Return the price that a buyer pays; where there is a range, it is drawn."""
    low, *high = product.price_range
    return rng.uniform(low, high[0]) if high else low


def synthetic_goals(
    products: Iterable[Product], prices: Mapping[str, float], rng: random.Random
) -> list[Goal]:
    """Make one goal of each combination of options of each product that has an instruction.

    Args:
        products: The catalogue, in order.
        prices: Purchase price of each asin, in dollars.
        rng: The price limits are drawn from it, one per product.
    """
    goals: list[Goal] = []
    for product in products:
        if product.instruction is not None and product.wanted:
            limit = draw_limit(prices[product.asin], rng)
            goals += _of_product(product, product.instruction, limit)
    counts = Counter(itertools.chain.from_iterable(goal.attributes for goal in goals))
    return [replace(goal, weight=_rarity(goal.attributes, counts)) for goal in goals]


def human_goals(
    products: Mapping[str, Product],
    instructions: Iterable[Instruction],
    prices: Mapping[str, float],
    rng: random.Random,
) -> list[Goal]:
    """Make one goal of each instruction that names an attribute."""
    return [
        _goal(
            products[said.asin],
            said.text.strip(".") + limit_text(limit),
            said.attributes,
            said.options,
            limit,
        )
        for said in instructions
        if said.attributes
        for limit in (draw_limit(prices[said.asin], rng),)
    ]


def shuffled(goals: list[Goal]) -> list[Goal]:
    """Put goals into the order of the splits: always the same, whatever the seed of an environment."""
    random.Random(SEED).shuffle(goals)
    return goals


def draw_limit(price: float, rng: random.Random) -> float:
    """Draw a price limit: the larger of two of the next four multiples of 10 above the price."""
    above = [limit for limit in _LIMITS if limit > price][:4]
    return max(rng.sample(above, 2)) if len(above) >= 2 else NO_LIMIT


def limit_text(limit: float) -> str:
    """Say a price limit as instructions do; nothing where there is none."""
    return "" if limit == NO_LIMIT else f", and price lower than {limit:.2f} dollars"


def options_text(options: Mapping[str, str]) -> str:
    """Say options as instructions do: " with color: red, and size: m"."""
    said = ", and ".join(f"{name}: {value}" for name, value in options.items())
    return f" with {said}" if said else ""


def draw_goal(weights: Sequence[float], uniform: float, rules: Rules) -> int:
    """Draw the number of a goal by weight.

    Args:
        weights: Weight of each goal.
        uniform: A number drawn from [0, 1).
        rules: Whether the original's fault is kept; see `Rules.every_goal`.
    """
    ends = list(itertools.accumulate(weights))
    place = bisect(ends, uniform * ends[-1])
    return min(place if rules.every_goal else place + 1, len(weights) - 1)


def _of_product(product: Product, instruction: str, limit: float) -> Iterator[Goal]:
    names = sorted(product.options)
    for values in itertools.product(*(product.options[name] for name in names)):
        options = dict(zip(names, values, strict=True))
        text = f"{instruction}{options_text(options)}{limit_text(limit)}"
        yield _goal(product, text, product.wanted, options, limit)


def _goal(
    product: Product,
    text: str,
    attributes: tuple[str, ...],
    options: Mapping[str, str] | tuple[str, ...],
    limit: float,
) -> Goal:
    return Goal(
        asin=product.asin,
        instruction=text,
        name=product.name,
        query=product.query,
        category=product.category,
        product_category=product.product_category,
        attributes=attributes,
        options=options,
        price_limit=limit,
    )


def _rarity(attributes: Sequence[str], counts: Mapping[str, int]) -> float:
    return sum(1.0 / counts[attribute] for attribute in attributes) / len(attributes)
