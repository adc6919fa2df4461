"""BFCL's files and the golden answers beside them: where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.baselines.golden import FOLDER

GOLDEN = FOLDER.parent / "tooluse"


def golden(name: str) -> list[dict[str, Any]]:
    """The golden cases of a file; skips the calling test where there is none."""
    path = GOLDEN / name
    if not path.is_file():
        pytest.skip(f"no golden cases: {path} is no file; set AGENTGYM_GOLDEN")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def bfcl_folder(data_root: Path) -> Path:
    """The folder of BFCL's files; skips the calling test where there is none."""
    folder = data_root / "bfcl"
    if not folder.is_dir():
        pytest.skip(f"no data: {folder} is no folder; set AGENTGYM_DATA")
    return folder
