"""Catalogues: products, prices, goals and search, opened once in a process and shared by all instances."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from agentgym.files import cache_folder
from envs.webshop.files import CatalogueFiles, find_files, read_instructions, read_products
from envs.webshop.goal import Goal, GoalKind
from envs.webshop.goals import SEED, SyntheticGoals, human_goals, purchase_price
from envs.webshop.product import Product, search_text
from envs.webshop.search import Index

__all__ = ["SPLITS", "Catalogue", "LoadedCatalogue", "Search", "open_folder"]

SPLITS: Final = ("train", "validation", "test")
_VALIDATION, _TRAIN = 500, 1500
_Document: TypeAlias = tuple[str, str]
_LONGEST_KEPT: Final = 1000
_QUERIES_KEPT: Final = 512


class Catalogue(Protocol):
    """What an environment needs to know of a shop. Nothing of it ever changes."""

    @property
    def name(self) -> str:
        """Its name, for results."""
        ...

    def __len__(self) -> int:
        """Return the number of products."""
        ...

    def product(self, asin: str) -> Product:
        """Return a product; a LookupError where there is none."""
        ...

    def price(self, asin: str) -> float:
        """Return what a buyer pays for a product, in dollars."""
        ...

    def search(self, query: str) -> tuple[str, ...]:
        """Return the asins of the best products for a query, best first, at most 50."""
        ...

    def goals(self, kind: GoalKind) -> Sequence[Goal]:
        """Return the goals of a kind."""
        ...

    def weights(self, kind: GoalKind, chosen: range) -> Sequence[float]:
        """Return the weights of some goals."""
        ...

    def split(self, kind: GoalKind, split: str) -> range:
        """Return the numbers of the goals of a split. Splits never share one."""
        ...


class Search:
    """The index of a catalogue, which remembers what was asked last: agents of one group ask the same.

    Args:
        name: Name of its folder in the cache. Where that cannot be written, the index is built in memory.
        content: What the documents are; an index of others is built anew.
        documents: Called for pairs of asin and text where the index must be built.
        jobs: Number of processes that build it.
        progress: Told how many documents are indexed.
    """

    def __init__(
        self,
        name: str,
        content: str,
        documents: Callable[[], Iterator[_Document]],
        *,
        jobs: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        try:
            folder = cache_folder("webshop") / name
            self._index = Index.cached(folder, content, documents, jobs=jobs, progress=progress)
        except (OSError, RuntimeError):  # a home that is not there, or may not be written
            self._index = Index.in_memory(documents())
        self._kept = lru_cache(_QUERIES_KEPT)(self._find)

    def __call__(self, query: str) -> tuple[str, ...]:
        """Return the asins of at most 50 products, best first."""
        return self._kept(query) if len(query) <= _LONGEST_KEPT else self._find(query)

    def _find(self, query: str) -> tuple[str, ...]:
        return tuple(hit.asin for hit in self._index.search(query))


class LoadedCatalogue:
    """A catalogue of files in the original formats, in memory."""

    def __init__(self, files: CatalogueFiles) -> None:
        self._files = files
        self._products = read_products(files)
        self.name = f"{files.items.stem}/{len(self._products)}"
        rng = random.Random(SEED)
        self._prices = {asin: purchase_price(product, rng) for asin, product in self._products.items()}
        self._after_prices = rng.getstate()  # limits of both kinds of goals are drawn from here on
        self._said = read_instructions(files.people, self._products) if files.people is not None else ()
        content = hashlib.blake2b(files.items.read_bytes(), digest_size=16).hexdigest()
        self.search = Search(content, content, self._documents)

    @cached_property
    def _synthetic(self) -> SyntheticGoals:
        return SyntheticGoals(self._products.values(), self._prices, self._limits())

    @cached_property
    def _human(self) -> Sequence[Goal]:
        return human_goals(self._products, self._said, self._prices, self._limits())

    def _limits(self) -> random.Random:
        rng = random.Random(SEED)
        rng.setstate(self._after_prices)
        return rng

    def __len__(self) -> int:
        return len(self._products)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_folder, (self._files.items.parent,)

    def product(self, asin: str) -> Product:
        """Return a product; a LookupError where there is none."""
        return self._products[asin]

    def price(self, asin: str) -> float:
        """Return what a buyer pays for a product, in dollars."""
        return self._prices[asin]

    def goals(self, kind: GoalKind) -> Sequence[Goal]:
        """Return the goals of a kind."""
        return self._synthetic if kind == "synthetic" else self._human

    def weights(self, kind: GoalKind, chosen: range) -> Sequence[float]:
        """Return the weights of some goals; people's goals weigh the same."""
        if kind == "human":
            return [1.0] * len(chosen)
        return self._synthetic.weights()[chosen.start : chosen.stop]

    def split(self, kind: GoalKind, split: str) -> range:
        """Cut by number, as the papers do: test 0 to 499, validation 500 to 1499, train the others."""
        count = len(self.goals(kind))
        ends = {"test": (0, _VALIDATION), "validation": (_VALIDATION, _TRAIN), "train": (_TRAIN, count)}
        return range(count)[slice(*ends[split])]

    def _documents(self) -> Iterator[_Document]:
        return ((asin, search_text(product)) for asin, product in self._products.items())


def open_folder(folder: Path) -> LoadedCatalogue:
    """Open the catalogue of a folder, or the one that is open already if its files are unchanged.

    Raises:
        DataError: A file is missing or malformed. The message names file, item and field.
    """
    files = find_files(folder.expanduser())
    stamps = tuple(path.stat().st_mtime_ns for path in files if path is not None)
    return _open(files, stamps)


@lru_cache(4)
def _open(files: CatalogueFiles, stamps: tuple[int, ...]) -> LoadedCatalogue:
    return LoadedCatalogue(files)
