"""Which catalogue an environment plays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from agentgym.errors import ArgumentError
from envs.webshop.catalogue import Catalogue, open_folder
from envs.webshop.generator import open_generated

__all__ = ["catalogue_of"]

_DEFAULT_SIZE: Final = 1000


def catalogue_of(data: str | Path | None, products: int | None, seed: int) -> Catalogue:
    """Choose a catalogue and open it.

    Args:
        data: Folder of catalogue files. None: $AGENTGYM_DATA/webshop where it is, unless `products` is given.
        products: Size of a generated catalogue.
        seed: Seed of a generated catalogue.

    Raises:
        ArgumentError: The arguments contradict each other, or one cannot be used.
        DataError: The files are missing or malformed.
    """
    if data is not None and products is not None:
        raise ArgumentError("`data` and `products` name two catalogues. Leave one of them out.")
    if products is None:
        folder = _folder(data)
        if folder is not None:
            return open_folder(folder)
    return open_generated(_DEFAULT_SIZE if products is None else products, seed)


def _folder(data: str | Path | None) -> Path | None:
    if data is not None:
        return Path(data)
    root = os.environ.get("AGENTGYM_DATA")
    found = Path(root) / "webshop" if root else None
    return found if found is not None and found.is_dir() else None
