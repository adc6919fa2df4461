"""Golden answers of tool use: where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def golden_root() -> Path:
    """The folder of answers that the original implementations gave."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "golden" / "tooluse"
    named = os.environ.get("AGENTGYM_GOLDEN")
    root = Path(named).parent / "tooluse" if named else beside
    if not root.is_dir():
        pytest.skip(f"no golden answers: {root} is no folder; set AGENTGYM_GOLDEN")
    return root
