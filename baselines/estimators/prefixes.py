"""Equal beginnings: which episodes of a group share their first items, at every place.

Array axes: M items (tokens or steps), each in its episode's order.
"""

from __future__ import annotations

import itertools

import numpy as np

from agentgym.columns import IntArray
from baselines.estimators.labels import bounded, pair
from baselines.estimators.recursions import step_number

__all__ = ["prefix_codes"]


def prefix_codes(item: IntArray, episode: IntArray, group: IntArray) -> IntArray:
    """Number the beginnings of the sequences: two items have one number if all up to them is equal.

    Sequences are walked place by place, all episodes at once.

    Args:
        item: What stands at each place, shape (M,), int64.
        episode: Its episode, shape (M,); items of an episode are in order.
        group: Its group, shape (M,). Beginnings are compared within a group.

    Returns:
        Shape (M,), int64, 0 or more.
    """
    number = step_number(episode)
    order = np.lexsort((episode, number))  # place by place, and the same episodes in the same order
    place_start = np.searchsorted(number[order], np.arange(int(number.max(initial=-1)) + 2))
    label, kind = bounded(episode), bounded(item)
    reached = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    reached[label] = bounded(group)
    result, used = np.empty(len(item), np.int64), 0
    for start, end in itertools.pairwise(place_start):
        rows = order[start:end]
        here = np.unique(pair(reached[label[rows]], kind[rows]), return_inverse=True)[1]
        reached[label[rows]] = here
        result[rows] = here + used
        used += int(here.max()) + 1
    return result
