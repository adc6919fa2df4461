"""Deals by number: tasks of the splits, and the chance that belongs to each."""

from __future__ import annotations

from typing import Final

import numpy as np

from agentgym.errors import suggest
from agentgym.tasks import NumberedTasks

__all__ = ["DEALS_PER_SPLIT", "SPLITS", "chance_of", "deals", "drawn_deal"]

SPLITS: Final = ("train", "validation", "test")
DEALS_PER_SPLIT: Final = 1_000_000
_DEALS: Final = {split: NumberedTasks({split: DEALS_PER_SPLIT}) for split in SPLITS}


def deals(split: str) -> NumberedTasks:
    """List the deals of a split: "<split>/0" to "<split>/999999".

    Raises:
        UnknownNameError: There is no such split.
    """
    if split not in _DEALS:
        raise suggest("split", split, SPLITS)
    return _DEALS[split]


def chance_of(deal: str) -> np.random.Generator:
    """Make the generator from which all cards and dice of a deal come, in every view and for every opponent.

    Raises:
        UnknownNameError: There is no such deal.
    """
    split = deal.partition("/")[0]
    found = deals(split if split in _DEALS else "train").locate(deal)
    if found is None:
        raise suggest("deal", deal, _DEALS["train"])
    return np.random.default_rng((SPLITS.index(split), found[1]))


def drawn_deal(split: str, rng: np.random.Generator) -> str:
    """Draw a deal as `TextEnv.reset` draws its task: one seed means one deal in every view."""
    return f"{split}/{int(rng.integers(1 << 62)) % DEALS_PER_SPLIT}"
