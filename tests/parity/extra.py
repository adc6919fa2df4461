"""The mark of tests that need the extra `alfworld`."""

from __future__ import annotations

import importlib.util

import pytest

__all__ = ["needs_textworld"]

needs_textworld = pytest.mark.skipif(
    any(importlib.util.find_spec(package) is None for package in ("alfworld", "textworld")),
    reason="textworld and alfworld are not installed: pip install -e '.[alfworld]'",
)
