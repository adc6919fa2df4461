"""Questions over documents: a generated world or your own files, BM25 search, exact match and F1."""

from __future__ import annotations

from envs.tooluse.search.metrics import best_over, exact_match, f1, normalise

__all__ = ["best_over", "exact_match", "f1", "normalise"]
