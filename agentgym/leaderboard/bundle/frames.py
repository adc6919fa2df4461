"""Independent zstd frames, one after another: found by walking their blocks, opened only within limits.

The walk needs no decompression (RFC 8878, section 3.1.1): a frame is a header, blocks that each tell their
size, and a checksum. So a file is cut into frames before any of them is opened, and each must declare how
large it becomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agentgym.errors import SubmissionError, require

__all__ = ["Limits", "close_frame", "open_frame", "split_frames"]

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_LEVEL: Final = 9
_WINDOW: Final = 1 << 23
"""Greatest window in bytes: what a decompressor must hold for the sake of a frame."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a submission may be.

    Attributes:
        file_bytes: The file.
        header_bytes: The header, opened.
        episode_bytes: One episode, opened.
        total_bytes: All episodes, opened.
        episodes: Number of episodes.
    """

    file_bytes: int = 256 << 20
    header_bytes: int = 1 << 20
    episode_bytes: int = 32 << 20
    total_bytes: int = 4 << 30
    episodes: int = 20_000


def close_frame(line: bytes) -> bytes:
    """Compress a line into a frame that declares its size and carries a checksum."""
    compressor = _zstandard().ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
    frame: bytes = compressor.compress(line)
    return frame


def open_frame(frame: bytes, limit: int, what: str) -> bytes:
    """Decompress one frame.

    Args:
        frame: The frame, whole.
        limit: Greatest number of bytes that it may become.
        what: What it is, for the message: "the header", "episode 3".

    Raises:
        SubmissionError: It is damaged or too large.
    """
    zstandard = _zstandard()
    try:
        found = zstandard.get_frame_parameters(frame)
        size = found.content_size
        if size == zstandard.CONTENTSIZE_UNKNOWN or not found.has_checksum or found.dict_id:
            raise SubmissionError(
                f"The frame of {what} must declare its size, carry a checksum and need no dictionary."
            )
        if size > limit:
            raise SubmissionError(f"The frame of {what} becomes {size} bytes; at most {limit} are taken.")
        if min(found.window_size, size) > max(_WINDOW, limit):
            raise SubmissionError(f"The frame of {what} asks for a window of {found.window_size} bytes.")
        line: bytes = zstandard.ZstdDecompressor().decompress(frame, max_output_size=size)
    except zstandard.ZstdError as error:
        raise SubmissionError(f"The frame of {what} is damaged: {error}.") from error
    if len(line) != size:
        raise SubmissionError(f"The frame of {what} declares {size} bytes and holds {len(line)}.")
    return line


def split_frames(data: bytes, limits: Limits) -> tuple[bytes, ...]:
    """Cut a file into its frames without opening one.

    Raises:
        SubmissionError: The file is too large, is cut off, or holds something that is no frame.
    """
    if len(data) > limits.file_bytes:
        raise SubmissionError(
            f"The file has {len(data)} bytes; at most {limits.file_bytes} are taken. "
            "Leave out what nobody checks, e.g. the prompts' token ids."
        )
    frames: list[bytes] = []
    start = 0
    while start < len(data):
        if len(frames) > limits.episodes + 1:
            raise SubmissionError(f"The file has more than {limits.episodes} episodes.")
        end = _end_of_frame(data, start, len(frames))
        frames.append(data[start:end])
        start = end
    return tuple(frames)


def _end_of_frame(data: bytes, start: int, number: int) -> int:
    """Return where the frame that begins at `start` ends."""
    if data[start : start + 4] != _MAGIC:
        raise SubmissionError(
            f"No zstd frame begins at byte {start}, after {number} frames. "
            "Make the file with: agentgym leaderboard run"
        )
    try:
        descriptor = data[start + 4]
        single, checksum = descriptor >> 5 & 1, descriptor >> 2 & 1
        window, dictionary = 1 - single, (0, 1, 2, 4)[descriptor & 3]
        size = (single, 2, 4, 8)[descriptor >> 6]
        position = start + 5 + window + dictionary + size
        last = False
        while not last:
            block = int.from_bytes((data[position], data[position + 1], data[position + 2]), "little")
            last, repeated = bool(block & 1), (block >> 1 & 3) == 1
            position += 3 + (1 if repeated else block >> 3)
        end = position + 4 * checksum
    except IndexError:
        end = len(data) + 1
    if end > len(data):
        raise SubmissionError(f"The file is cut off within frame {number}.")
    return end


def _zstandard() -> Any:
    return require("zstandard", extra="board", who="A submission file")
