"""Search: BM25 that ranks as the original's Lucene does, ties included."""

from __future__ import annotations

from envs.webshop.search.index import Hit, Index

__all__ = ["Hit", "Index"]
