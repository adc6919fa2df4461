"""Verified trajectories as bytes for the store, and back: gzipped JSON lines, never pickled."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Sequence

from agentgym.errors import StoreError, TrajectoryError
from agentgym.hashing import digest
from agentgym.trajectory import Trajectory

__all__ = ["blob_digest", "content_digest", "pack", "unpack"]


def pack(trajectories: Sequence[Trajectory]) -> bytes:
    """Write the trajectories as JSON lines and compress them; equal trajectories give equal bytes."""
    lines = "".join(trajectory.to_json() + "\n" for trajectory in trajectories)
    return gzip.compress(lines.encode("ascii"), mtime=0)


def unpack(blob: bytes) -> list[Trajectory]:
    """Read what `pack` wrote and check every hash chain.

    Raises:
        StoreError: The bytes are damaged or altered.
    """
    try:
        lines = gzip.decompress(blob).decode("ascii").splitlines()
        return [Trajectory.from_json(line) for line in lines]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, TrajectoryError) as error:
        raise StoreError(f"The stored trajectories are damaged: {error}.") from error


def blob_digest(blob: bytes) -> str:
    """Digest stored bytes: 32 hexadecimal characters."""
    return hashlib.blake2b(blob, digest_size=16).hexdigest()


def content_digest(trajectories: Sequence[Trajectory]) -> str:
    """Digest what was played, clocks left out: equal for two submissions of one run."""
    return digest([trajectory.without_timing().to_json() for trajectory in trajectories])
