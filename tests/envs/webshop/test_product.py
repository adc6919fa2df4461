"""Raw items and files: what is read of them, and what is said of broken ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import DataError
from envs.webshop.catalogue import open_folder
from envs.webshop.product import NO_ATTRIBUTES, price_tag, read_product, search_text
from tests.envs.webshop.shop import MUG, RUG, SHIRT, SOAP, items, write_catalogue


def _read(asin: str, **changes: Any) -> Any:
    return read_product({**next(item for item in items() if item["asin"] == asin), **changes})


def test_read_product__evens_out_queries_and_options() -> None:
    mug = _read(MUG)
    assert mug.query == "mugs"
    assert mug.options == {"color": ("blue", "rose red"), "size": ("8 oz", "12 oz | large")}
    assert _read(RUG).options == {"shape": ("rectangular", "round")}
    assert mug.attributes == NO_ATTRIBUTES
    assert _read(SOAP).bullets == ("one bullet",)
    assert (_read(SOAP, images=[]).image, _read(SOAP, images=None).image) == ("", "")
    assert mug.image == f"https://example.org/{MUG}.jpg"


@pytest.mark.parametrize(
    ("pricing", "prices", "tag"),
    [
        ("$8.50", (8.5,), "$8.5"),
        ("$1,234.00 - $2,000.00", (1234.0, 2000.0), "$1234.0 to $2000.0"),
        ("$1 $2 $3", (1.0, 2.0), "$1.0 to $2.0"),
        ("", (100.0,), "$100.0"),
        (None, (100.0,), "$100.0"),
    ],
)
def test_read_product__reads_prices(pricing: str | None, prices: tuple[float, ...], tag: str) -> None:
    product = _read(MUG, pricing=pricing)
    assert product.price_range == prices
    assert price_tag(product) == tag


def test_search_text__is_title_description_first_bullet_and_options() -> None:
    assert search_text(_read(SHIRT)) == (
        'cotton shirt "easy" <b>fit</b> about cotton shirt "easy" <b>fit</b>. first '
        'size: small, x-large, and fit: small, ümlaut "wide"'
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pricing": "ten"}, "'pricing' is 'ten'"),
        ({"name": 7}, "'name' is 7"),
        ({"small_description": [1]}, "'small_description' is"),
        ({"customization_options": {"Size": [{"image": None}]}}, "'value' is missing"),
        ({"customization_options": {"Size": "Small"}}, "'customization_options' is 'Small'"),
        ({"customization_options": ["Size"]}, "'customization_options' is"),
    ],
)
def test_open_folder__names_file_item_and_field(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    raw = items()
    raw[1] |= changes
    with pytest.raises(DataError) as caught:
        open_folder(write_catalogue(tmp_path, raw))
    assert all(part in str(caught.value) for part in ("items_shuffle.json, item 1", RUG, words))


def test_open_folder__skips_what_the_original_skips(tmp_path: Path) -> None:
    raw = [*items(), {**items()[0], "name": "twin"}, {"asin": "nan"}, {"asin": "B0000000012"}]
    shop = open_folder(write_catalogue(tmp_path, raw))
    assert len(shop) == 5
    assert shop.product(MUG).name == "Blue Stoneware Mug"


def test_open_folder__says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"one file items_shuffle\*.json; it holds none"):
        open_folder(tmp_path)
    write_catalogue(tmp_path)
    (tmp_path / "items_shuffle_2.json").write_text("[]")
    with pytest.raises(DataError, match=r"it holds items_shuffle\.json, items_shuffle_2\.json"):
        open_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[[" * 50_000, "{}", "\x00"])
def test_open_folder__refuses_files_that_are_no_lists_of_items(tmp_path: Path, text: str) -> None:
    write_catalogue(tmp_path)
    (tmp_path / "items_shuffle.json").write_text(text)
    with pytest.raises(DataError, match=r"items_shuffle\.json"):
        open_folder(tmp_path)


def test_open_folder__mends_lone_surrogates(tmp_path: Path) -> None:
    raw = items()
    raw[0]["name"] = "Mug \ud800 \U0001f600"
    assert open_folder(write_catalogue(tmp_path, raw)).product(MUG).name == "Mug ? \U0001f600"


def test_open_folder__reads_changed_files_anew(tmp_path: Path) -> None:
    before = open_folder(write_catalogue(tmp_path))
    assert open_folder(tmp_path) is before
    (tmp_path / "items_shuffle.json").write_text(json.dumps(items()[:2]))
    assert len(open_folder(tmp_path)) == 2
