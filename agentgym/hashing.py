"""Hashes that are the same in every process: short keys of states and long digests of records."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["canonical_json", "digest", "state_key"]


def canonical_json(value: Any) -> bytes:
    """Encode a JSON value in its one canonical form: sorted keys, no spaces, ASCII, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def digest(value: Any) -> str:
    """Digest a JSON value (a text included) as 32 hexadecimal characters, 128 bits of BLAKE2b."""
    return hashlib.blake2b(canonical_json(value), digest_size=16).hexdigest()


def state_key(state: bytes) -> str:
    """Key of a true state: 16 hexadecimal characters, 64 bits of BLAKE2b.

    Args:
        state: An encoding of everything that decides the future, and of nothing else (no step counter).
    """
    return hashlib.blake2b(state, digest_size=8).hexdigest()
