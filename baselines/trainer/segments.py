"""Segments of an episode under one subgoal, and which tokens say what: the columns of hierarchical methods.

A response may carry tags:

    <switch>switch</switch><subgoal>reach the box</subgoal><action>up</action>

* A segment starts where `<switch>` says "switch", "yes" or "true", in any case; where there is no `<switch>`,
  at every `<subgoal>`.
* `option` numbers the texts of `<subgoal>`, equal texts alike; -1 where none was written.
* Tokens of the `<switch>` element are switch text, those of the `<subgoal>` element subgoal text, and all
  others, reasoning included, action text.

A model that has not learnt these tags (nano) still has to be trainable. An episode without any tag is
therefore cut after every `every` steps; the tokens that open a segment count as subgoal text as well as
action text, since they are all that was said there; there is no switch text, and so nothing to credit for
switching.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.models.companion import Play

__all__ = ["ACTION_TEXT", "SUBGOAL_TEXT", "SWITCH_TEXT", "segment_columns"]

ACTION_TEXT, SUBGOAL_TEXT, SWITCH_TEXT = 1, 2, 4

_ELEMENT = re.compile(r"<(switch|subgoal)>(.*?)</\1>", re.DOTALL)
_AGREED = {"switch", "yes", "true"}


def segment_columns(play: Play, tokenizer: Any, *, every: int) -> dict[str, NDArray[Any]]:
    """Cut episodes into segments.

    Args:
        play: N turns with T response tokens.
        tokenizer: Decodes the responses.
        every: Steps of a segment in an episode without tags.

    Returns:
        `subgoal` (N,) bool, `option` (N,) int64 and `token_role` (T,) int64, see the module's docstring.
    """
    starts: list[bool] = []
    texts: list[str] = []
    roles: list[NDArray[np.int64]] = []
    for trajectory in play.trajectories:
        responses = [step.decision.response for step in trajectory.steps]
        tagged = any(_ELEMENT.search(response) for response in responses)
        for number, response in enumerate(responses):
            found = dict(_ELEMENT.findall(response))
            starts.append(number == 0 or (_starts(found) if tagged else number % every == 0))
            texts.append(" ".join(found.get("subgoal", "").casefold().split()))
            ids = play.rows[len(roles)].response
            plain = ACTION_TEXT if tagged or not starts[-1] else ACTION_TEXT | SUBGOAL_TEXT
            roles.append(_roles(ids, response, tokenizer) if found else np.full(len(ids), plain))
    return {
        "subgoal": np.array(starts),
        "option": _numbered(texts),
        "token_role": np.concatenate(roles).astype(np.int64),
    }


def _starts(found: dict[str, str]) -> bool:
    if "switch" in found:
        return found["switch"].strip().casefold() in _AGREED
    return "subgoal" in found


def _numbered(texts: Iterable[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) if text else -1 for text in texts], np.int64)


def _roles(ids: NDArray[np.int64], response: str, tokenizer: Any) -> NDArray[np.int64]:
    """Say of each token to which element its last character belongs."""
    role_at = np.full(max(len(response), 1), ACTION_TEXT, np.int64)
    for match in _ELEMENT.finditer(response):
        role_at[match.start() : match.end()] = SWITCH_TEXT if match[1] == "switch" else SUBGOAL_TEXT
    ends = [len(tokenizer.decode(ids[: k + 1], skip_special_tokens=True)) for k in range(len(ids))]
    roles: NDArray[np.int64] = role_at[np.maximum(np.array(ends) - 1, 0)]
    return roles
