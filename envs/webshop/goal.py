"""`Goal`: what a shopper wants, and how it is said."""

from __future__ import annotations

import itertools
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from envs.webshop.product import Product
from envs.webshop.rules import Rules

__all__ = [
    "GOAL_KINDS",
    "NO_LIMIT",
    "Goal",
    "GoalKind",
    "draw_goal",
    "goal_for",
    "limit_text",
    "limits_above",
    "options_text",
]

GoalKind: TypeAlias = Literal["synthetic", "human"]
GOAL_KINDS: Final[tuple[GoalKind, ...]] = ("synthetic", "human")
NO_LIMIT: Final = 1_000_000.0


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


def goal_for(
    product: Product,
    wish: str,
    *,
    attributes: tuple[str, ...],
    options: Mapping[str, str] | tuple[str, ...],
    limit: float,
    weight: float = 1.0,
) -> Goal:
    """Make a goal of a product.

    Args:
        product: The product.
        wish: What is wanted, in words, without the price limit.
        attributes: The attributes wanted.
        options: The options wanted.
        limit: Price limit in dollars.
        weight: Its share in weighted draws.
    """
    return Goal(
        asin=product.asin,
        instruction=f"{wish}{limit_text(limit)}",
        name=product.name,
        query=product.query,
        category=product.category,
        product_category=product.product_category,
        attributes=attributes,
        options=options,
        price_limit=limit,
        weight=weight,
    )


def limits_above(price: float) -> list[float]:
    """List the price limits of which one is drawn: the next four multiples of 10, none above 990 dollars."""
    first = int(price // 10) + 1
    return [10.0 * tens for tens in range(max(1, first), min(first + 4, 100))]


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
