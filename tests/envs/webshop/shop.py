"""A small catalogue in the original formats, and goals on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envs.webshop.goal import Goal

__all__ = ["MUG", "RUG", "SHIRT", "SOAP", "TEA", "goal_of", "items", "write_catalogue"]

MUG, RUG, SHIRT, SOAP, TEA = "B000000001", "B000000002", "B000000003", "B000000004", "B000000005"
_HOME = "Home & Kitchen › Kitchen › "


def items() -> list[dict[str, Any]]:
    """Five raw items: several options, a price range, no price, no options, hostile texts."""
    return [
        _item(MUG, "Blue Stoneware Mug", "Mugs ", "garden", f"{_HOME}Mugs", "$8.50",
              options={"Color": _values("Blue", "Rose Red"), "Size": _values("8 oz", "12 oz/Large")},
              small_description=["dishwasher safe mug ", " "]),
        _item(RUG, "Wool Area Rug", "area rugs", "garden", f"{_HOME}Rugs", "$20.00 - $30.00",
              options={"Shape": _values("Rectangular", "Round"), "Style": None}),
        _item(SHIRT, 'Cotton Shirt "Easy" <b>Fit</b>', "men's shirts", "fashion", "Wear › Men", "$15.00",
              options={"Size": _values("Small", "X-Large"), "Fit": _values("Small", 'Ümlaut "wide"')}),
        _item(SOAP, "<script>alert('soap')</script> Soap", "soaps", "beauty", "Beauty › Bath › Soaps", "",
              options="", small_description="one bullet"),
        _item(TEA, "Green Tea", "teas", "grocery", "Grocery › Beverages › Tea", "$995.00", options={}),
    ]  # fmt: skip


def write_catalogue(folder: Path, raw: list[dict[str, Any]] | None = None) -> Path:
    """Write the files of a catalogue; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = {
        MUG: _notes("Find me dishwasher safe mugs", ["dishwasher safe", "stoneware"], ["dishwasher safe"]),
        RUG: _notes("Find me wool area rugs", ["wool"], ["wool"]),
        SHIRT: _notes("Find me cotton men's shirts", ["cotton", "easy care"], ["cotton", "easy care"]),
        SOAP: {"attributes": []},
        TEA: _notes("Find me green teas", ["green"], ["green"]),
    }
    said = {
        MUG: [
            {
                "asin": MUG,
                "instruction": "i need a rose mug that may go into the dishwasher.",
                "attributes": ["dishwasher safe"],
                "options": ["color: rose red"],
                "instruction_attributes": ["dishwasher safe"],
                "instruction_options": ["rose red"],
            },
            {"asin": MUG, "instruction": "a mug", "instruction_attributes": [], "instruction_options": []},
        ]
    }
    for name, value in (
        ("items_shuffle", raw or items()),
        ("items_ins_v2", notes),
        ("items_human_ins", said),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value), "utf-8")
    return folder


def goal_of(asin: str, **changes: Any) -> Goal:
    """Make a goal of the product of that asin, with other fields where they are given."""
    item = next(raw for raw in items() if raw["asin"] == asin)
    fields: dict[str, Any] = {
        "asin": asin,
        "instruction": "Find me something",
        "name": item["name"],
        "query": item["query"].lower().strip(),
        "category": item["category"],
        "product_category": item["product_category"],
        "attributes": ("wool",),
        "options": {},
        "price_limit": 50.0,
    }
    return Goal(**{**fields, **changes})


def _item(
    asin: str, name: str, query: str, category: str, path: str, pricing: str, *, options: Any, **others: Any
) -> dict[str, Any]:
    return {
        "asin": asin,
        "name": name,
        "query": query,
        "category": category,
        "product_category": path,
        "pricing": pricing,
        "full_description": f"About {name}.",
        "small_description": ["first", "second"],
        "images": [f"https://example.org/{asin}.jpg"],
        "customization_options": options,
        **others,
    }


def _values(*values: str) -> list[dict[str, Any]]:
    return [{"value": value, "image": None} for value in values]


def _notes(instruction: str, attributes: list[str], wanted: list[str]) -> dict[str, Any]:
    return {"attributes": attributes, "instruction": instruction, "instruction_attributes": wanted}
