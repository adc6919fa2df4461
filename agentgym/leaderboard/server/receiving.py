"""An upload on its way: chunk by chunk to a file without a name, which no crash leaves behind."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO, Final, cast

from agentgym.errors import ArgumentError

__all__ = ["received"]

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
"""The first bytes of every Zstandard frame."""


@asynccontextmanager
async def received(chunks: AsyncIterator[bytes]) -> AsyncIterator[BinaryIO]:
    """Give the whole of an upload as a file at its beginning; it is gone afterwards.

    Args:
        chunks: The body, as it comes.

    Raises:
        ArgumentError: It does not begin like a Zstandard file.
    """
    with tempfile.TemporaryFile() as file:
        head = b""
        async for chunk in chunks:
            if len(head) < len(_MAGIC):
                head = (head + chunk)[: len(_MAGIC)]
                _check(head)
            await asyncio.to_thread(file.write, chunk)
        if len(head) < len(_MAGIC):
            _check(b"")
        file.seek(0)
        yield cast(BinaryIO, file)


def _check(head: bytes) -> None:
    if not head or not _MAGIC.startswith(head):
        raise ArgumentError(
            "The body is no Zstandard file. Send a submission (*.jsonl.zst) as it was written."
        )
