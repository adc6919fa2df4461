"""Products by number: a function of the catalogue's seed and the number, so that none need be stored."""

from __future__ import annotations

from math import exp, log
from typing import Final, NamedTuple

from envs.webshop.generator.draws import Draws
from envs.webshop.generator.vocabulary import Department, Kind, vocabulary
from envs.webshop.product import Product

__all__ = ["MOST_PRODUCTS", "Made", "asin_of", "make_product", "number_of"]

MOST_PRODUCTS: Final = 10**8
_SPREAD: Final = 61_803_399  # no divisor of 10^8 divides it, so no two products share an asin
_GATHER: Final = pow(_SPREAD, -1, MOST_PRODUCTS)
_PRODUCT, _MOST_VALUES = 1, 8
_OPENINGS: Final = ("made for", "designed for", "perfect for", "a favorite for", "great for")


class Made(NamedTuple):
    """A product and what a buyer pays for it, in dollars."""

    product: Product
    price: float
    kind: Kind


def asin_of(number: int) -> str:
    """Return the asin of a product: "B0" and eight digits that look like chance."""
    return f"B0{(number + 1) * _SPREAD % MOST_PRODUCTS:08d}"


def number_of(asin: str) -> int:
    """Return the number of an asin.

    Raises:
        LookupError: It is none of `asin_of`.
    """
    digits = asin[2:]
    if asin[:2] != "B0" or len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        raise LookupError(asin)
    return (int(digits) * _GATHER - 1) % MOST_PRODUCTS


def make_product(seed: int, number: int) -> Made:
    """Make a product.

    Its title holds a brand and a model number that hardly another product has. Its attributes are said in its
    description, which is searched, and in its features.
    """
    draws = Draws(seed, _PRODUCT, number)
    kind = draws.pick(vocabulary().kinds)
    department = vocabulary().departments[kind.department]
    attributes = (
        *draws.sample(kind.attributes, draws.count(1, 3)),
        *draws.sample(department.attributes, draws.count(1, 3)),
    )
    brand, model = _brand(draws), _model(draws)
    uses = draws.sample(department.uses, 2)
    options = _options(kind, draws)
    prices = _prices(kind, draws)
    product = Product(
        asin=asin_of(number),
        name=f"{brand} {model} {_title(attributes[0])} {_title(kind.noun)} for {_title(uses[0])}, "
        + ", ".join(map(_title, attributes[1:])),
        query=kind.query,
        category=kind.department,
        product_category=f"{department.root} › {kind.path}",
        description=f"{brand} {model} is a {kind.noun} for {uses[0]} and {uses[1]}: {', '.join(attributes)}.",
        bullets=tuple(_bullet(attribute, department, draws) for attribute in attributes),
        attributes=attributes,
        options=options,
        price_range=prices,
    )
    return Made(product, draws.uniform(prices[0], prices[-1]), kind)


def _brand(draws: Draws) -> str:
    return "".join(draws.sample(vocabulary().syllables, draws.count(2, 3))).upper()


def _model(draws: Draws) -> str:
    letters = "".join(draws.sample("ABCDEFGHJKLMNPRSTUVWXZ", 2))
    return f"{letters}{draws.count(100, 9999)}"


def _title(phrase: str) -> str:
    return " ".join(
        word if word in ("for", "to", "and", "of") else word.capitalize() for word in phrase.split()
    )


def _bullet(attribute: str, department: Department, draws: Draws) -> str:
    return f"{attribute.capitalize()}: {draws.pick(_OPENINGS)} {draws.pick(department.uses)}."


def _options(kind: Kind, draws: Draws) -> dict[str, tuple[str, ...]]:
    """Draw the values on offer; now and then a product comes without one of its groups."""
    options: dict[str, tuple[str, ...]] = {}
    for name, known in kind.groups.items():
        if draws.uniform() < 0.9:
            chosen = set(draws.sample(known, draws.count(2, min(_MOST_VALUES, len(known)))))
            options[name] = tuple(value for value in known if value in chosen)
    return options


def _prices(kind: Kind, draws: Draws) -> tuple[float, ...]:
    """Draw a price, cheap ones more often; one product in ten has a range."""
    low, high = kind.dollars
    price = round(exp(draws.uniform(log(low), log(high))), 2)
    return (price, round(price * draws.uniform(1.1, 1.5), 2)) if draws.uniform() < 0.1 else (price,)
