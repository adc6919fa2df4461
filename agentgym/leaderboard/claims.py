"""What re-execution cannot check - tokens, clocks, values - must at least be possible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentgym.trajectory import Decision, Trajectory

__all__ = ["impossible_claim"]

_GREATEST: Final = 1e12
_GREATEST_TOKEN: Final = 1 << 31
_LONGEST_TOKEN: Final = 1_024
"""More characters than any token of a published tokenizer has."""
_LONGEST_ERROR: Final = 1 << 16
_ROUNDING: Final = 1e-3
"""How far a log-probability may exceed 0, or an entropy fall short of it, in half precision."""


def impossible_claim(trajectory: Trajectory, max_tokens: int | None) -> tuple[int | None, str] | None:
    """Find a claim of a trajectory that cannot be true.

    Args:
        trajectory: Decoded, so that all its numbers are finite.
        max_tokens: The suite's limit on the tokens of one response; None: any.

    Returns:
        The turn (None: the episode as a whole) and what is wrong; None where nothing is.
    """
    error = trajectory.error
    if error is not None and (not isinstance(error, str) or not 0 < len(error) <= _LONGEST_ERROR):
        return None, f"error is {error!r:.80}; expected a reason in words, or null"
    for name in ("model_s", "env_s"):
        if not 0 <= getattr(trajectory, name) <= _GREATEST:
            return None, f"{name} is {getattr(trajectory, name)!r} seconds"
    for turn, step in enumerate(trajectory.steps):
        decision = step.decision
        wrong = next(chain(_counts(decision), _arrays(decision)), None)
        if wrong is not None:
            return turn, wrong
        if max_tokens is not None and decision.tokens > max_tokens:
            return turn, f"the response has {decision.tokens} tokens; the suite allows {max_tokens}"
    return None


def _counts(decision: Decision) -> Iterator[str]:
    usage = decision.usage or {}
    for name, number in usage.items():
        if not 0 <= number <= _GREATEST:
            yield f"usage claims {name} = {number!r}"
        if name.endswith("_tokens") and number != int(number):
            yield f"usage claims {name} = {number!r}, which is no count"
    if "completion_tokens" in usage and decision.token_ids is not None:
        claimed, there = int(usage["completion_tokens"]), len(decision.token_ids)
        if claimed != there:
            yield f"usage claims {claimed} tokens of response; {there} token ids are there"
    if 0 < decision.tokens * _LONGEST_TOKEN < len(decision.response):
        yield f"{len(decision.response)} characters of response are claimed to be {decision.tokens} tokens"
    if decision.value is not None and abs(decision.value) > _GREATEST:
        yield f"value is {decision.value!r}"


def _arrays(decision: Decision) -> Iterator[str]:
    for name, ids in (("prompt_ids", decision.prompt_ids), ("token_ids", decision.token_ids)):
        if ids is not None and not _within(ids, 0, _GREATEST_TOKEN):
            yield f"{name} holds a number that is no token id"
    for name, numbers, low, high in (
        ("logprobs", decision.logprobs, -_GREATEST, _ROUNDING),
        ("entropies", decision.entropies, -_ROUNDING, _GREATEST),
    ):
        if numbers is None:
            continue
        if decision.token_ids is None or len(numbers) != len(decision.token_ids):
            count = 0 if decision.token_ids is None else len(decision.token_ids)
            yield f"{len(numbers)} {name} are there for {count} token ids"
        if not _within(numbers, low, high):
            yield f"{name} holds a number that is none of these"


def _within(numbers: NDArray[np.int64] | NDArray[np.float64], low: float, high: float) -> bool:
    return len(numbers) == 0 or bool(low <= numbers.min() and numbers.max() <= high)
