"""What a purchase is worth: the kind of product, its attributes, options and price against the goal's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from agentgym.errors import require
from envs.webshop.colours import COLOURS, normalise_colour
from envs.webshop.goal import Goal
from envs.webshop.product import Product
from envs.webshop.rules import Rules

__all__ = ["Reward", "judge", "title_score"]

_LEAST_RATIO = 85
_SIGN = "›"


@dataclass(frozen=True, slots=True)
class Reward:
    """The parts of a reward.

    Attributes:
        kind: Factor for the kind of product, in {0, 0.1, 0.5, 1}.
        query_match: Whether the queries are equal.
        category_match: Whether the paths of categories share two parts.
        title: Share of the nouns of the goal's title that occur in the product's.
        attributes: Number of attributes wanted.
        attributes_met: Number of them met.
        options: Number of options wanted.
        options_met: Number of them met.
        price_met: Whether the price is within the limit.
    """

    kind: float
    query_match: bool
    category_match: bool
    title: float
    attributes: int
    attributes_met: int
    options: int
    options_met: int
    price_met: bool

    @property
    def value(self) -> float:
        """The reward, in [0, 1]."""
        return (self.attributes_met + self.options_met + self.price_met) / self._parts * self.kind

    def as_info(self) -> dict[str, float | bool]:
        """Return the parts under the original's names; w_ is a part's share of the whole."""
        info: dict[str, float | bool] = {
            "r_type": self.kind,
            "r_att": self.attributes_met / self.attributes,
            "w_att": self.attributes / self._parts,
            "query_match": self.query_match,
            "category_match": self.category_match,
            "title_score": self.title,
        }
        if self.options:
            info["r_option"] = self.options_met / self.options
            info["w_option"] = self.options / self._parts
        info["r_price"] = self.price_met
        info["w_price"] = 1 / self._parts
        return info

    @property
    def _parts(self) -> int:
        return self.attributes + self.options + 1


def judge(
    goal: Goal,
    product: Product,
    *,
    price: float,
    options: Mapping[str, str],
    nouns: tuple[Sequence[str], Sequence[str]],
    rules: Rules,
) -> Reward:
    """Judge a purchase.

    reward = kind * (attributes met + options met + price met) / (attributes + options + 1)

    Args:
        goal: What was wanted.
        product: What was bought.
        price: What was paid, in dollars.
        options: The options chosen, group to value.
        nouns: Nouns of the goal's title and of the product's, lower case, repeated ones included.
        rules: Which faults of the original are kept.
    """
    query_match = goal.query == product.query
    category_match = len(_parts_of(goal.product_category) & _parts_of(product.product_category)) >= 2
    title = title_score(*nouns)
    return Reward(
        kind=_kind(query_match or category_match, title, rules),
        query_match=query_match,
        category_match=category_match,
        title=title,
        attributes=len(goal.attributes),
        attributes_met=sum(_has(product, attribute) for attribute in goal.attributes),
        options=len(goal.options),
        options_met=_options_met(goal, options.values(), rules),
        price_met=price <= goal.price_limit,
    )


def title_score(goal: Sequence[str], product: Sequence[str]) -> float:
    """Return the share of a goal's nouns that a title has too; 0.2 where the goal's has none."""
    return len(set(goal) & set(product)) / len(goal) if goal else 0.2


def _kind(match: bool, title: float, rules: Rules) -> float:
    if match and rules.type_before_title:
        return 1.0
    if title < 0.1:
        return 0.1 if title > 0 else 0.0
    return 1.0 if match or title > 0.2 else 0.5


def _parts_of(path: str) -> set[str]:
    return {part.strip() for part in path.split(_SIGN)}


def _has(product: Product, attribute: str) -> bool:
    if any(_alike(known, attribute) for known in product.attributes):
        return True
    texts = (product.name, " ".join(product.bullets), product.description)
    return any(attribute in text.lower() for text in texts)


def _options_met(goal: Goal, chosen: Iterable[str], rules: Rules) -> int:
    values = [normalise_colour(value) for value in chosen]
    if rules.plain_options:  # two texts without a letter or digit are not alike, even if they are equal
        wanted = [normalise_colour(value) for value in goal.option_values]
        return sum(any(v == w or _alike(v, w) for v in values) for w in wanted)
    return sum(any(_alike(v, w) for v in values) for w in _as_compared(goal))


def _as_compared(goal: Goal) -> list[str]:
    """Write the wanted options as the original compares them, fault included; see `Rules.plain_options`."""
    if isinstance(goal.options, Mapping):
        return [_colour_of(pair) or str(pair) for pair in goal.options.items()]
    return [normalise_colour(value) for value in goal.options]


def _colour_of(pair: tuple[str, str]) -> str:
    return min((text for text in pair if text in COLOURS), default="")


def _alike(one: str, other: str) -> bool:
    """Compare two texts as sets of words; "large" is like "x-large"."""
    fuzz, clean = _fuzzy()
    return bool(round(fuzz(one, other, processor=clean)) > _LEAST_RATIO)


@cache
def _fuzzy() -> tuple[Any, Any]:
    who = "agentgym/WebShop-v0"
    fuzz = require("rapidfuzz.fuzz", extra="webshop", who=who)
    return fuzz.token_set_ratio, require("rapidfuzz.utils", extra="webshop", who=who).default_process
