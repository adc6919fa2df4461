"""What a server says of its limits in headers."""

from __future__ import annotations

import pytest

from agentgym.agents.limits import pause_of


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"retry-after": "2"}, 2.0),
        (429, {"retry-after": "2", "x-ratelimit-reset-requests": "9s"}, 2.0),
        (429, {"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "1m0.5s"}, 60.5),
        (429, {"x-ratelimit-reset-requests": "20ms"}, 0.02),
        (503, {"retry-after": "Thu, 01 Jan 2026 00:00:07 GMT"}, 7.0),
        (429, {"x-ratelimit-reset": "1767225605"}, 5.0),
        (429, {"x-ratelimit-reset": "1767225605000"}, 5.0),
        (429, {"retry-after": "9999999"}, 120.0),
        (429, {"retry-after": "soon", "x-ratelimit-reset-tokens": "-1s; rm"}, 0.0),
        (429, {"retry-after": "9" * 5000, "x-ratelimit-reset": "1e999"}, 0.0),
        (200, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3s"}, 3.0),
        (200, {"x-ratelimit-remaining-tokens": "17", "x-ratelimit-reset-tokens": "3s"}, 0.0),
        (200, {"retry-after": "3"}, 0.0),
    ],
)
def test_pause__is_what_the_headers_ask_for(status: int, headers: dict[str, str], pause: float) -> None:
    assert pause_of(status, headers, now=1767225600.0) == pytest.approx(pause)
