"""`GeneratedCatalogue`: a shop of any size. Products and goals are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, overload

from agentgym.errors import ArgumentError
from agentgym.hashing import digest
from envs.webshop.catalogue import Search
from envs.webshop.generator.goal import make_goal
from envs.webshop.generator.product import MOST_PRODUCTS, Made, asin_of, make_product, number_of
from envs.webshop.goal import GOAL_KINDS, Goal, GoalKind
from envs.webshop.product import Product, search_text

__all__ = ["VERSION", "GeneratedCatalogue", "open_generated"]

VERSION: Final = 1
"""Version of the generator: another one makes other products of the same numbers."""

_GOALS_EACH: Final = 10
_MADE: Final = 1 << 13
_LOOKED_AT: Final = 50


class GeneratedGoals(Sequence[Goal]):
    """Ten goals of each product: the first one of every product of a split, then the second ones, ...

    Args:
        seed: Seed of the catalogue.
        blocks: Numbers of the products of each split, in the order of the splits' goals.
        kind: The kind of goals.
    """

    def __init__(self, seed: int, blocks: Sequence[range], kind: GoalKind) -> None:
        self._seed, self._blocks, self._kind = seed, tuple(blocks), kind

    def __len__(self) -> int:
        return _GOALS_EACH * sum(map(len, self._blocks))

    @overload
    def __getitem__(self, index: int) -> Goal: ...
    @overload
    def __getitem__(self, index: slice) -> list[Goal]: ...
    def __getitem__(self, index: int | slice) -> Goal | list[Goal]:
        chosen = range(len(self))[index]
        if isinstance(chosen, range):
            return [self[i] for i in chosen]
        for block in self._blocks:
            if chosen < _GOALS_EACH * len(block):
                variation, place = divmod(chosen, len(block))
                return make_goal(self._seed, block[place], variation, self._kind)
            chosen -= _GOALS_EACH * len(block)
        raise IndexError(index)


class GeneratedCatalogue:
    """A shop of generated products: a function of size and seed.

    A tenth of the products is wanted in the test split, a tenth in the validation split, the others in the
    training split: no product that is tested was ever wanted in training. Search finds them all.

    Args:
        size: Number of products.
        seed: Seed of the catalogue.
        jobs: Number of processes that build the index, where there is none yet.
        progress: Told how many products are indexed.

    Raises:
        ArgumentError: The size or the seed cannot be.
    """

    def __init__(
        self, size: int, seed: int = 0, *, jobs: int = 1, progress: Callable[[int], None] | None = None
    ) -> None:
        if not 10 <= size <= MOST_PRODUCTS:
            raise ArgumentError(f"`products` is {size!r}. A generated catalogue has 10 to {MOST_PRODUCTS:,}.")
        if seed < 0:
            raise ArgumentError(f"`catalogue_seed` is {seed}. It must be at least 0.")
        self.name = f"generated-{VERSION}/{size}/{seed}"
        self._size, self._seed = size, seed
        tenth = max(1, size // 10)
        self._blocks = (range(tenth), range(tenth, 2 * tenth), range(2 * tenth, size))
        self._goals = {kind: GeneratedGoals(seed, self._blocks, kind) for kind in GOAL_KINDS}
        self._make = lru_cache(_MADE)(self._made)
        name = self.name.replace("/", "-")
        self.search = Search(name, self._content(), self.documents, jobs=jobs, progress=progress)

    def __len__(self) -> int:
        return self._size

    def __reduce__(self) -> tuple[Any, ...]:
        return open_generated, (self._size, self._seed)

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield the asin and the searched text of each product."""
        for number in range(self._size):
            yield asin_of(number), search_text(make_product(self._seed, number).product)

    def product(self, asin: str) -> Product:
        """Return a product; a LookupError where there is none."""
        return self._make(asin).product

    def price(self, asin: str) -> float:
        """Return what a buyer pays for a product, in dollars."""
        return self._make(asin).price

    def goals(self, kind: GoalKind) -> Sequence[Goal]:
        """Return the goals of a kind."""
        return self._goals[kind]

    def weights(self, kind: GoalKind, chosen: range) -> Sequence[float]:
        """Return the weights of some goals: all weigh the same."""
        return [1.0] * len(chosen)

    def split(self, kind: GoalKind, split: str) -> range:
        """Return the numbers of the goals of a split."""
        ends = [_GOALS_EACH * block.stop for block in self._blocks]
        starts = {"test": (0, ends[0]), "validation": (ends[0], ends[1]), "train": (ends[1], ends[2])}
        return range(*starts[split])

    def _content(self) -> str:
        """Return a digest of some products: an index that another generator left behind is not used."""
        return digest([self.name, *islice(self.documents(), _LOOKED_AT)])

    def _made(self, asin: str) -> Made:
        number = number_of(asin)
        if number >= self._size:
            raise LookupError(asin)
        return make_product(self._seed, number)


@lru_cache(4)
def open_generated(size: int, seed: int = 0) -> GeneratedCatalogue:
    """Open a generated catalogue, or the one that is open already; its index is built where there is none.

    Raises:
        ArgumentError: The size or the seed cannot be.
    """
    return GeneratedCatalogue(size, seed)
