"""The tags of Search-R1: `<search>`, `<information>` and `<answer>`."""

from __future__ import annotations

from collections.abc import Sequence

from envs.tooluse.core import ToolResult
from envs.tooluse.formats.xml_tags import XmlTagsFormat

__all__ = ["SearchR1Format"]


class SearchR1Format(XmlTagsFormat):
    """Tags named like the tools, and documents between `<information>` tags.

    References:
        Jin et al. 2025, Search-R1, https://arxiv.org/abs/2503.09516.
    """

    name = "search-r1"

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        return "\n".join(f"<information>{result.output.strip()}</information>" for result in results)

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            "Write your thoughts between <think> and </think>. To search, write <search>query</search>; the "
            "documents found stand between <information> and </information>. To answer, write "
            "<answer>answer</answer>."
        )
