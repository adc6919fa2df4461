"""Catalogue files in the original formats."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from agentgym.errors import DataError
from envs.webshop.goals import Instruction
from envs.webshop.product import Product, read_product

__all__ = ["CatalogueFiles", "find_files", "read_instructions", "read_products"]

_LONGEST_ASIN: Final = 10


class CatalogueFiles(NamedTuple):
    """The three files of a catalogue; the third one may be missing."""

    items: Path
    notes: Path
    people: Path | None


def find_files(folder: Path) -> CatalogueFiles:
    """Find the files of a catalogue in a folder.

    Raises:
        DataError: A file is missing, or there are several of one kind.
    """
    people = _one(folder, "items_human_ins*.json", needed=False)
    items, notes = _one(folder, "items_shuffle*.json"), _one(folder, "items_ins_v2*.json")
    assert items is not None and notes is not None
    return CatalogueFiles(items, notes, people)


def read_products(files: CatalogueFiles) -> dict[str, Product]:
    """Read the products, in order. As in the original, an asin "nan", too long or repeated is skipped.

    Raises:
        DataError: A file is malformed. The message names file, item and field.
    """
    notes = _load(files.notes, dict)
    products: dict[str, Product] = {}
    for number, item in enumerate(_load(files.items, list)):
        where = f"{files.items}, item {number}"
        if not isinstance(item, dict) or not isinstance(item.get("asin"), str):
            raise DataError(f"{where}: field 'asin' is missing or no text. Mend the file or fetch it again.")
        asin = item["asin"]
        if asin == "nan" or len(asin) > _LONGEST_ASIN or asin in products:
            continue
        try:
            products[asin] = read_product(item, notes.get(asin))
        except DataError as error:
            raise DataError(f"{where} ({asin}): {error}. Mend the file or fetch it again.") from error
    return products


def read_instructions(path: Path, products: Mapping[str, Product]) -> Iterator[Instruction]:
    """Read what people wrote, in the order of the products; that of unknown products is left out.

    Raises:
        DataError: The file is malformed. The message names file, item and field.
    """
    said = _load(path, dict)
    for asin in products:
        for number, record in enumerate(said.get(asin, ())):
            try:
                yield Instruction(
                    asin,
                    str(record["instruction"]),
                    tuple(map(str, record["instruction_attributes"])),
                    tuple(map(str, record["instruction_options"])),
                )
            except (LookupError, TypeError) as error:
                raise DataError(
                    f"{path}, item {asin}, number {number}: field {error} is missing or of the wrong type. "
                    "Mend the file or fetch it again."
                ) from error


def _one(folder: Path, pattern: str, *, needed: bool = True) -> Path | None:
    found = sorted(folder.glob(pattern))
    if len(found) == 1 or not (found or needed):
        return found[0] if found else None
    names = ", ".join(path.name for path in found) or "none"
    raise DataError(
        f"{folder} must hold one file {pattern}; it holds {names}. Pass the folder of one catalogue as data=."
    )


_LONE = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|[c-fC-F](?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]))"
)
"""Half of a pair of surrogates in JSON, without the other; found, too, after a backslash that is escaped."""


def _load(path: Path, kind: type) -> Any:
    try:
        raw = path.read_bytes()
        value = json.loads(raw)
        if _LONE.search(raw):  # a lone surrogate is no text: nothing could encode a page that shows it
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path} cannot be read as JSON: {error}. Mend the file or fetch it again."
        ) from error
    if not isinstance(value, kind):
        raise DataError(f"{path} holds a {type(value).__name__}, not a {kind.__name__}. Fetch it again.")
    return value
