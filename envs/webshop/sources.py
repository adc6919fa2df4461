"""Which catalogue an environment plays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal, TypeAlias

from agentgym.errors import ArgumentError, suggest
from envs.webshop.catalogue import Catalogue, open_folder
from envs.webshop.generator import open_generated

__all__ = ["CatalogueChoice", "catalogue_of"]

CatalogueChoice: TypeAlias = Literal["auto", "files", "generated"]
_CHOICES: Final = ("auto", "files", "generated")
_DEFAULT_SIZE: Final = 1000


def catalogue_of(choice: str, *, data: str | Path | None, products: int | None, seed: int) -> Catalogue:
    """Choose a catalogue and open it.

    Args:
        choice: "files", "generated", or "auto": files where a folder of them is known and `products` is None,
            else generated.
        data: Folder of catalogue files. None: $AGENTGYM_DATA/webshop.
        products: Size of a generated catalogue. None: 1,000.
        seed: Seed of a generated catalogue.

    Raises:
        ArgumentError: The arguments contradict each other, or one cannot be used.
        UnknownNameError: There is no such choice.
        DataError: The files are missing or malformed.
    """
    if choice not in _CHOICES:
        raise suggest("choice of catalogue", str(choice), _CHOICES)
    if data is not None and (products is not None or choice == "generated"):
        raise ArgumentError(
            "`data` names files, and a generated catalogue is asked for. Leave one of them out."
        )
    if products is not None and choice == "files":
        raise ArgumentError(
            "`products` is the size of a generated catalogue. Leave it out with catalogue='files'."
        )
    folder = None if products is not None or choice == "generated" else _folder(data)
    if folder is not None:
        return open_folder(folder)
    if choice == "files":
        raise ArgumentError(
            "There is no folder of catalogue files. Pass data=, or set $AGENTGYM_DATA to the folder of "
            "webshop/items_shuffle*.json."
        )
    return open_generated(_DEFAULT_SIZE if products is None else products, seed)


def _folder(data: str | Path | None) -> Path | None:
    if data is not None:
        return Path(data)
    root = os.environ.get("AGENTGYM_DATA")
    found = Path(root) / "webshop" if root else None
    return found if found is not None and found.is_dir() else None
