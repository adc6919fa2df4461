"""The goals of a catalogue, in the order that its splits are cut from."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

from envs.webshop.goal import NO_LIMIT, Goal, goal_for, limits_above, options_text
from envs.webshop.product import Product

__all__ = ["SEED", "Instruction", "SyntheticGoals", "human_goals", "purchase_price"]

SEED: Final = 233
"""Seed of prices, price limits and order, whatever the seed of an environment."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a person wrote for a product (`items_human_ins*.json`)."""

    asin: str
    text: str
    attributes: tuple[str, ...]
    options: tuple[str, ...]


def purchase_price(product: Product, rng: random.Random) -> float:
    """Return the price in dollars that a buyer pays; where there is a range, it is drawn."""
    low, *high = product.price_range
    return rng.uniform(low, high[0]) if high else low


class SyntheticGoals(Sequence[Goal]):
    """One goal of each combination of options of each product that has an instruction, shuffled.

    Args:
        products: The catalogue, in order.
        prices: Purchase price of each asin, in dollars.
        rng: The price limits are drawn from it, one per product.
    """

    def __init__(self, products: Iterable[Product], prices: Mapping[str, float], rng: random.Random) -> None:
        self._limits: dict[str, float] = {}
        self._specs: list[tuple[Product, tuple[str, ...]]] = []
        self._counts: Counter[str] = Counter()
        for product in products:
            if product.instruction is None or not product.wanted:
                continue
            self._limits[product.asin] = _limit(prices[product.asin], rng)
            groups = [product.options[name] for name in sorted(product.options)]
            made = [(product, values) for values in itertools.product(*groups)]
            self._specs += made
            for attribute in product.wanted:
                self._counts[attribute] += len(made)
        random.Random(SEED).shuffle(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    @overload
    def __getitem__(self, index: int) -> Goal: ...
    @overload
    def __getitem__(self, index: slice) -> list[Goal]: ...
    def __getitem__(self, index: int | slice) -> Goal | list[Goal]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        product, values = self._specs[index]
        options = dict(zip(sorted(product.options), values, strict=True))
        return goal_for(
            product,
            f"{product.instruction}{options_text(options)}",
            attributes=product.wanted,
            options=options,
            limit=self._limits[product.asin],
            weight=self._rarity(product),
        )

    def weights(self) -> list[float]:
        """Return the weight of each goal: the mean over its attributes of 1 / (number of goals with it)."""
        return [self._rarity(product) for product, _ in self._specs]

    def _rarity(self, product: Product) -> float:
        return sum(1.0 / self._counts[a] for a in product.wanted) / len(product.wanted)


def human_goals(
    products: Mapping[str, Product],
    instructions: Iterable[Instruction],
    prices: Mapping[str, float],
    rng: random.Random,
) -> list[Goal]:
    """Make one goal of each instruction that names an attribute, shuffled; see `SyntheticGoals`."""
    goals = []
    for said in instructions:
        if not said.attributes:
            continue
        goal = goal_for(
            products[said.asin],
            said.text.strip("."),
            attributes=said.attributes,
            options=said.options,
            limit=_limit(prices[said.asin], rng),
        )
        goals.append(goal)
    random.Random(SEED).shuffle(goals)
    return goals


def _limit(price: float, rng: random.Random) -> float:
    """Draw the larger of two price limits."""
    above = limits_above(price)
    return max(rng.sample(above, 2)) if len(above) >= 2 else NO_LIMIT
