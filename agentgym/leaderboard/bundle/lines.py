"""The line of one episode, taken only as this package writes it."""

from __future__ import annotations

from dataclasses import dataclass

from agentgym.errors import SubmissionError, TrajectoryError
from agentgym.plain import plain
from agentgym.trajectory import Trajectory

__all__ = ["Opened", "decode", "open_line"]

_CHAIN = b',"chain":"'


@dataclass(frozen=True, slots=True)
class Opened:
    """An episode read from its line.

    Attributes:
        trajectory: The episode.
        chain: The end of its hash chain: a digest of all of it but its clocks.
    """

    trajectory: Trajectory
    chain: str


def decode(line: bytes, number: int) -> Trajectory:
    """Decode an episode's line; see `open_line`."""
    return open_line(line, number).trajectory


def open_line(line: bytes, number: int) -> Opened:
    """Decode an episode's line and check its hash chain.

    Args:
        line: The line, its line break included.
        number: Place of the episode, for the message.

    Raises:
        SubmissionError: It is no trajectory, its hash chain breaks, or it is written otherwise.
    """
    try:
        if not line.endswith(b"\n") or line.count(b"\n") != 1:
            raise TrajectoryError("The frame holds something else than one line.")
        trajectory = Trajectory.from_json(line[:-1].decode("ascii"), strict=True)
    except (TrajectoryError, UnicodeDecodeError, RecursionError) as error:
        turn = getattr(error, "turn", None)
        told = f"episode {number}: {plain(error, limit=500)}"
        raise SubmissionError(told, episode=number, turn=turn) from error
    start = line.rindex(_CHAIN) + len(_CHAIN)  # only clocks stand behind the last one
    return Opened(trajectory, line[start : start + 32].decode("ascii"))
