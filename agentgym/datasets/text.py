"""Text that Parquet and tokenizers can hold."""

from __future__ import annotations

__all__ = ["encodable"]


def encodable(text: str) -> str:
    """Make a text valid Unicode: a lone surrogate becomes U+FFFD, nothing else changes.

    Columns of Parquet are UTF-8, which has no lone surrogates; JSON has them, so environments and models may
    say them. The form "trajectories" also holds each episode as ASCII JSON, where they stay as they are.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
