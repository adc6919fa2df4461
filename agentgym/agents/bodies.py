"""Bodies of answers, bounded: no server can fill the memory of those who ask it."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["LONGEST_BODY", "read_body"]

LONGEST_BODY: Final = 1 << 24
"""Greatest number of bytes of an answer."""


async def read_body(response: Any) -> None:
    """Read the body of a response before the client does: a hook for the client that openai brings.

    Args:
        response: Of httpx or of its successor, whichever openai was built on. Its body is left where the
            client's own `aread` leaves it.

    Raises:
        ValueError: The body is too long, or compressed: a few bytes may then stand for very many.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ValueError("the answer is compressed, which was not asked for")
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > LONGEST_BODY:
            raise ValueError(f"the answer has more than {LONGEST_BODY} bytes")
    response._content = b"".join(parts)
