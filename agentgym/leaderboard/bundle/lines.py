"""The line of one episode, taken only as this package writes it.

A value may be spelt in many ways in JSON: keys twice, 1 for 1.0, true for 1, escapes, spaces, another order.
All but one are refused, so what is checked here is what every later reader sees.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

from agentgym.errors import SubmissionError, TrajectoryError
from agentgym.plain import plain
from agentgym.trajectory import Trajectory

__all__ = ["decode"]


def decode(line: bytes, number: int) -> Trajectory:
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
        text = line[:-1].decode("ascii")
        trajectory = Trajectory.from_json(text)
        again = trajectory.to_json()
    except (TrajectoryError, UnicodeDecodeError, RecursionError, MemoryError) as error:
        turn = getattr(error, "turn", None)
        raise SubmissionError(
            f"episode {number}: {plain(error, limit=500)}", episode=number, turn=turn
        ) from error
    if again != text:
        turn = _differing_turn(json.loads(text), json.loads(again))
        where = "" if turn is None else f", turn {turn}"
        raise SubmissionError(
            f"episode {number}{where}: it is not written as this package writes it (a key twice or unknown, "
            "a number or text of another type, another order or spacing)",
            episode=number,
            turn=turn,
        )
    return trajectory


def _differing_turn(found: dict[str, Any], expected: dict[str, Any]) -> int | None:
    pairs = zip_longest(found["turns"], expected["turns"])
    return next((n for n, (one, two) in enumerate(pairs) if json.dumps(one) != json.dumps(two)), None)
