"""ReAct: a thought, then an action, each after its word."""

from __future__ import annotations

import re

__all__ = ["ReactStyle"]

_ACTION = re.compile(r"^[ \t]*Action[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_NEXT = re.compile(r"^[ \t]*(?:Thought|Observation)[ \t]*:", re.MULTILINE)


class ReactStyle:
    """`Thought: ...` and `Action: ...`; the last action counts, up to the next thought or observation.

    References:
        Yao et al. 2023, https://arxiv.org/abs/2210.03629. Deviation from the paper: what the model invents
        after its action, an observation for instance, is left out.
    """

    manual = "Write one line 'Thought: ...' and then one line 'Action: ...'."

    def action(self, response: str) -> str:
        """Take the action out of a response."""
        found = list(_ACTION.finditer(response))
        if not found:
            return response.strip()
        rest = response[found[-1].start(1) :]
        beyond = _NEXT.search(rest)
        return (rest[: beyond.start()] if beyond else rest).strip()
