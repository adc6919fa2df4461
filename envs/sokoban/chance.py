"""A small counter-based random generator for compiled code (SplitMix64).

Its whole state is one uint64 in an array of shape (1,), made from an explicit seed. Neither numba's nor
NumPy's global generator is touched, and a seed gives the same numbers on every machine.

References:
    Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators, OOPSLA.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled

__all__ = ["Chance", "below", "chance_of", "chance_true", "mix"]

Chance = NDArray[np.uint64]


@compiled
def mix(value: np.uint64) -> np.uint64:
    """Scramble 64 bits, one to one."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def chance_of(seed: int) -> Chance:
    """Make the state of a generator from a seed in [0, 2^63)."""
    chance = np.empty(1, dtype=np.uint64)
    chance[0] = mix(np.uint64(seed))
    return chance


@compiled
def below(chance: Chance, bound: int) -> int:
    """Draw an integer in [0, bound); the bias is less than bound / 2^32."""
    chance[0] += np.uint64(0x9E3779B97F4A7C15)
    drawn = ((mix(chance[0]) >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32)
    return np.int64(drawn)  # type: ignore[return-value]  # int() of a uint64 stays unsigned when compiled


@compiled
def chance_true(chance: Chance, percent: int) -> bool:
    """Be true in `percent` of the cases."""
    return below(chance, 100) < percent
