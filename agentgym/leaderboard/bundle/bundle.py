"""A submission file as a value.

    frame 0          the header, one line of JSON (see `Header`)
    frame 1 .. E     the episodes in the order of their numbers, one trajectory line each
    frame E + 1      the trailer: number of episodes, digest of all lines before it

Every frame is a zstd frame of its own, so that one episode opens without the others and `zstd -d` of the
whole file is one JSONL text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agentgym.errors import SubmissionError
from agentgym.hashing import digest
from agentgym.leaderboard.bundle.frames import Limits, close_frame, open_frame, split_frames
from agentgym.leaderboard.bundle.header import SCHEMA, Header
from agentgym.leaderboard.bundle.lines import Opened, decode, open_line
from agentgym.trajectory import Trajectory

__all__ = ["Bundle", "content_digest", "pack", "read_bundle", "unpack"]

_LIMITS = Limits()
_TRAILER_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """A submission file: its frames as they are, opened when they are asked for.

    Attributes:
        header: The header.
        frames: All frames in order, shape (E + 2,): header, episodes, trailer. Joined, they are the file.
    """

    header: Header
    frames: tuple[bytes, ...]

    @property
    def episodes(self) -> int:
        """Number of episodes, E."""
        return len(self.frames) - 2

    def line(self, number: int, limits: Limits = _LIMITS) -> bytes:
        """Open the line of one episode.

        Raises:
            SubmissionError: The frame is damaged or too large.
        """
        if not 0 <= number < self.episodes:
            raise SubmissionError(f"There is no episode {number}; the submission has {self.episodes}.")
        try:
            return open_frame(self.frames[number + 1], limits.episode_bytes, f"episode {number}")
        except SubmissionError as error:
            raise SubmissionError(str(error), episode=number) from error

    def trajectory(self, number: int, limits: Limits = _LIMITS) -> Trajectory:
        """Decode the episode that stands at a place, and check its hash chain.

        Raises:
            SubmissionError: The frame is damaged or too large, or holds no trajectory as we write it.
        """
        return decode(self.line(number, limits), number)

    def trajectories(self, limits: Limits = _LIMITS) -> Iterator[Trajectory]:
        """Decode the episodes one at a time; see `opened`."""
        return (opened.trajectory for opened in self.opened(limits))

    def opened(self, limits: Limits = _LIMITS) -> Iterator[Opened]:
        """Decode the episodes one at a time, checking at the end the digest that the trailer gives.

        Raises:
            SubmissionError: Something is damaged, too large or altered.
        """
        seen = hashlib.blake2b(self.header.to_line(), digest_size=16)
        size = 0
        for number in range(self.episodes):
            line = self.line(number, limits)
            size += len(line)
            if size > limits.total_bytes:
                raise SubmissionError(
                    f"Up to episode {number} the file becomes {size} bytes; at most {limits.total_bytes} "
                    "are taken.",
                    episode=number,
                )
            seen.update(line)
            yield open_line(line, number)
        if _trailer(self.frames[-1])["digest"] != seen.hexdigest():
            raise SubmissionError("The trailer's digest is not that of the lines before it.")

    def to_bytes(self) -> bytes:
        """Return the file, byte for byte."""
        return b"".join(self.frames)


def pack(header: Header, trajectories: Iterable[Trajectory]) -> bytes:
    """Write a submission file; the trajectories come in the order of their episode numbers."""
    line = header.to_line()
    seen = hashlib.blake2b(line, digest_size=16)
    frames = [close_frame(line)]
    for trajectory in trajectories:
        line = trajectory.to_json().encode("ascii") + b"\n"
        seen.update(line)
        frames.append(close_frame(line))
    trailer = {"schema": SCHEMA, "episodes": len(frames) - 1, "digest": seen.hexdigest()}
    frames.append(close_frame(json.dumps(trailer, separators=(",", ":")).encode("ascii") + b"\n"))
    return b"".join(frames)


def unpack(data: bytes, limits: Limits = _LIMITS) -> Bundle:
    """Take a submission file apart. Episodes are not opened yet.

    Raises:
        SubmissionError: It is too large, damaged, cut off, or of another schema.
    """
    frames = split_frames(data, limits)
    if len(frames) < 2:
        raise SubmissionError(
            "The file is cut off: it lacks its trailer." if frames else "The file is empty."
        )
    header = Header.from_line(open_frame(frames[0], limits.header_bytes, "the header"))
    told = _trailer(frames[-1])["episodes"]
    if told != len(frames) - 2:
        raise SubmissionError(f"The trailer counts {told} episodes; {len(frames) - 2} are there.")
    return Bundle(header, frames)


def read_bundle(path: Path, limits: Limits = _LIMITS) -> Bundle:
    """Read a submission file.

    Raises:
        SubmissionError: See `unpack`.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return unpack(file.read(limits.file_bytes + 1), limits)


def content_digest(trajectories: Iterable[Trajectory]) -> str:
    """Digest what was played, clocks left out: equal for two submissions of one run."""
    lines = (trajectory.to_json().encode("ascii") + b"\n" for trajectory in trajectories)
    return digest([open_line(line, number).chain for number, line in enumerate(lines)])


def _trailer(frame: bytes) -> dict[str, object]:
    line = open_frame(frame, _TRAILER_BYTES, "the trailer")
    try:
        found = json.loads(line)
        plain_form = json.dumps(found, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
        whole = set(found) == {"schema", "episodes", "digest"} and type(found["episodes"]) is int
    except (ValueError, TypeError, RecursionError) as error:
        raise SubmissionError("The file is cut off: its last frame is no trailer.") from error
    if not whole or plain_form != line or found["schema"] != SCHEMA:
        raise SubmissionError(f"The file is cut off: its last frame is no trailer of {SCHEMA!r}.")
    trailer: dict[str, object] = found
    return trailer
