"""The answer is the action, alone or in a tag."""

from __future__ import annotations

import re

__all__ = ["PlainStyle"]

_TAG = re.compile(r"<(action|answer)>(.*?)</\1>", re.DOTALL)


class PlainStyle:
    """The last `<action>` or `<answer>`, else all of the response."""

    manual = ""

    def action(self, response: str) -> str:
        """Take the action out of a response."""
        tagged = _TAG.findall(response)
        return (tagged[-1][1] if tagged else response).strip()
