"""Limits of rate that a server tells in the headers of its answers: nobody asks before they are lifted."""

from __future__ import annotations

import asyncio
import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["LONGEST_PAUSE_S", "RateLimit", "pause_of"]

LONGEST_PAUSE_S: Final = 120.0
"""Seconds for which a server is obeyed that asks to wait."""
_FULL: Final = (429, 503)
_NUMBER: Final = re.compile(r"\d{1,16}(?:\.\d{1,9})?")
_SPAN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class RateLimit:
    """Holds back all requests of a client until the time that its server has named: two hooks of httpx."""

    def __init__(self) -> None:
        self._lifted = 0.0

    async def wait(self, request: Any) -> None:
        """Wait until requests may be sent: a hook for requests."""
        del request  # the limit is for all alike
        while (left := self._lifted - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def note(self, response: Any) -> None:
        """Take note of what an answer says of limits: a hook for responses."""
        pause = pause_of(response.status_code, response.headers, time.time())
        if pause > 0:
            self._lifted = max(self._lifted, time.monotonic() + pause)


def pause_of(status: int, headers: Mapping[str, str], now: float) -> float:
    """Find out for how many seconds a server wants no request.

    It says so where it is full (429, 503) by Retry-After, else by x-ratelimit-reset-requests or -tokens; and
    at any time by one of these where the x-ratelimit-remaining- of the same name is 0.

    Args:
        status: Of the response.
        headers: Of the response; names in small letters are found.
        now: The time in seconds since 1970, for headers that name a time.

    Returns:
        The pause, at most `LONGEST_PAUSE_S`; 0 where none is wanted.
    """
    wanted = [
        _seconds(headers.get(f"x-ratelimit-reset{of}", ""), now)
        for of in ("-requests", "-tokens", "")
        if status in _FULL or headers.get(f"x-ratelimit-remaining{of}", "").strip() == "0"
    ]
    if status in _FULL and (told := _seconds(headers.get("retry-after", ""), now)) > 0:
        wanted = [told]
    return min(LONGEST_PAUSE_S, max(wanted, default=0.0))


def _seconds(text: str, now: float) -> float:
    """Read "1.5", "6m0s", "20ms", a date, or seconds or milliseconds since 1970; 0 if it is none."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        since = number / 1000 if number > 1e11 else number
        return max(0.0, since - now) if since > 1e9 else number
    spans = _SPAN.findall(text)
    if spans and "".join(map("".join, spans)) == text:
        return float(sum(float(number) * _SECONDS[unit] for number, unit in spans))
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0
