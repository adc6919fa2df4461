"""Reading what OpenSpiel writes."""

from __future__ import annotations

import re

from agentgym.errors import DataError

__all__ = ["found"]


def found(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Search a text of OpenSpiel's for what is always there.

    Raises:
        DataError: It is not there: this version of OpenSpiel writes otherwise.
    """
    match = pattern.search(text)
    if match is None:
        raise DataError(
            f"OpenSpiel writes {text!r}, which should hold {pattern.pattern!r}. Install open_spiel 2."
        )
    return match
