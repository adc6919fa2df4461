"""Golden cases of estimators and losses: where they lie and which there are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(
    os.environ.get("AGENTGYM_GOLDEN")
    or Path(__file__).resolve().parents[3] / "shared" / "golden" / "estimators"
)
Case = dict[str, Any]


def cases(wanted: Callable[[str], bool]) -> list[Any]:
    """The cases whose `method` is wanted, as parameters; one skipped parameter where there is no folder."""
    if not FOLDER.is_dir():
        reason = f"no golden cases: {FOLDER} is no folder; set AGENTGYM_GOLDEN"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="absent")]
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return [pytest.param(case, id=case["name"]) for case in found if wanted(case["method"])]


def counts() -> dict[str, int]:
    """Number of cases of each method; skips the calling test where there is no folder."""
    if not FOLDER.is_dir():
        pytest.skip(f"no golden cases: {FOLDER} is no folder; set AGENTGYM_GOLDEN")
    methods = [json.loads(path.read_text("utf-8"))["method"] for path in FOLDER.glob("*.json")]
    return {method: methods.count(method) for method in methods}
