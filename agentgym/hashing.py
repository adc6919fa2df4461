"""Hashes that are the same in every process: keys of states, digests of records, seeds from seeds."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

__all__ = ["canonical_json", "derive_seed", "digest", "digest_text", "state_key"]


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Encode a JSON value in its one canonical form: sorted keys, no spaces, ASCII, no NaN."""
    return _CANONICAL.encode(value).encode("ascii")


def digest(value: Any) -> str:
    """Digest a JSON value (a text included) as 32 hexadecimal characters, 128 bits of BLAKE2b."""
    return _digest(canonical_json(value))


def digest_text(canonical: str) -> str:
    """Digest a JSON value that is in its canonical form already; see `digest`."""
    return _digest(canonical.encode("ascii"))


def state_key(state: bytes) -> str:
    """Key of a true state: 16 hexadecimal characters, 64 bits of BLAKE2b.

    Args:
        state: An encoding of everything that decides the future, and of nothing else (no step counter).
    """
    return hashlib.blake2b(state, digest_size=8).hexdigest()


def derive_seed(*numbers: int) -> int:
    """Derive a seed in [0, 2^63) from non-negative numbers, such as a run's seed and an episode's number."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _digest(canonical: bytes) -> str:
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()
