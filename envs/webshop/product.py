"""`Product`: one thing on sale, as the original loader makes it of a raw catalogue item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agentgym.errors import DataError

__all__ = ["NO_ATTRIBUTES", "Product", "price_tag", "read_product", "search_text"]

NO_ATTRIBUTES: Final = ("DUMMY_ATTR",)
_NO_PRICE: Final = (100.0,)
_NOT_PRICE: Final = re.compile(r"[^\d.]")


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on sale.

    Attributes:
        asin: Its id, upper case.
        name: The title.
        query: The search that it was found by when the catalogue was made, lower case.
        category: Department, e.g. "fashion".
        product_category: Path of categories, parts separated by "›".
        description: Free text, may be empty.
        bullets: The features.
        attributes: Phrases that describe it; `NO_ATTRIBUTES` where none are known.
        options: Values of each option group, lower case.
        price_range: Its price in dollars, or the least and the greatest one.
        image: Address of its picture; "" where there is none.
        instruction: What a shopper who wants it says (without options and price); None: it is no goal.
        wanted: The attributes that this shopper wants.
    """

    asin: str
    name: str
    query: str
    category: str
    product_category: str
    description: str = ""
    bullets: tuple[str, ...] = ()
    attributes: tuple[str, ...] = NO_ATTRIBUTES
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_range: tuple[float, ...] = _NO_PRICE
    image: str = ""
    instruction: str | None = None
    wanted: tuple[str, ...] = ()


def price_tag(product: Product) -> str:
    """Write the price as pages show it: "$5.0", or "$5.0 to $7.5"."""
    return " to ".join(f"${price}" for price in product.price_range)


def search_text(product: Product) -> str:
    """Return the document that is searched: title, description, first bullet and options, in lower case."""
    options = ", and ".join(f"{name}: {', '.join(values)}" for name, values in product.options.items())
    first = product.bullets[0] if product.bullets else ""
    return " ".join((product.name, product.description, first, options)).lower()


def read_product(item: Mapping[str, Any], notes: Mapping[str, Any] | None = None) -> Product:
    """Read a raw item of `items_shuffle*.json`.

    Args:
        item: The item.
        notes: What `items_ins_v2*.json` says about its asin.

    Raises:
        DataError: A field is missing or of the wrong type. The message names the field.
    """
    notes = _typed("the attributes file", notes or {}, dict)
    bullets = item.get("small_description")
    return Product(
        asin=_text(item, "asin"),
        name=_text(item, "name"),
        query=_text(item, "query").lower().strip(),
        category=_text(item, "category"),
        product_category=_text(item, "product_category"),
        description=_text(item, "full_description"),
        bullets=(bullets,) if isinstance(bullets, str) else _texts("small_description", bullets),
        attributes=_texts("attributes", notes["attributes"]) if "attributes" in notes else NO_ATTRIBUTES,
        options=_options(item.get("customization_options") or {}),
        price_range=_prices(item.get("pricing")),
        image=_image(item.get("images")),
        instruction=_text(notes, "instruction") if notes.get("instruction") is not None else None,
        wanted=_texts("instruction_attributes", notes.get("instruction_attributes") or []),
    )


def _prices(pricing: object) -> tuple[float, ...]:
    """Read "$5.00" or "$5.00 - $7.50". A third price and any after it are left out."""
    if not pricing:
        return _NO_PRICE
    numbers = [_NOT_PRICE.sub("", part) for part in _typed("pricing", pricing, str).split("$")[1:]]
    try:
        prices = tuple(float(number) for number in numbers[:2])
    except ValueError:
        prices = ()
    if not prices:
        raise DataError(
            f"field 'pricing' is {pricing!r:.80}. Expected text such as '$5.00' or '$5.00 - $7.50'"
        )
    return prices


def _options(groups: object) -> dict[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    for name, contents in _typed("customization_options", groups, dict).items():
        if contents is None:
            continue
        offered = _typed("customization_options", contents, list)
        values = [_text(_typed("customization_options", option, dict), "value") for option in offered]
        options[str(name).lower()] = tuple(v.strip().replace("/", " | ").lower() for v in values)
    return options


def _image(images: object) -> str:
    first = images[0] if isinstance(images, list) and images else ""
    return first if isinstance(first, str) else ""


def _text(record: Mapping[str, Any], name: str) -> str:
    if name not in record:
        raise DataError(f"field {name!r} is missing")
    value: str = _typed(name, record[name], str)
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    texts = _typed(name, value, list)
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"field {name!r} is {value!r:.80}. Expected a list of texts")
    return tuple(texts)


def _typed(name: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise DataError(f"field {name!r} is {value!r:.80}. Expected a {kind.__name__}")
    return value
