"""JSON that is inert even where a terminal shows it: printable ASCII, all else as escapes."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse

__all__ = ["InertJSON", "inert_json"]


class InertJSON(JSONResponse):
    """A JSON answer without control or bidirectional characters; what it says is the same."""

    def render(self, content: Any) -> bytes:
        """Write the answer."""
        return inert_json(json.dumps(content, allow_nan=False, separators=(",", ":")))


def inert_json(text: str) -> bytes:
    """Escape the one control character that ASCII JSON may hold as it is."""
    return text.replace("\x7f", "\\u007f").encode("ascii")
