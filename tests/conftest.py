"""What tests need of the machine: each marker is skipped, with its reason, where the machine lacks it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real data, laid out like `$AGENTGYM_DATA`."""
    root = _data_root()
    if not root.is_dir():
        pytest.skip(f"no data: {root} is no folder; set AGENTGYM_DATA")
    return root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacks = {"gpu": _no_gpu, "browser": _no_browser, "data": _no_data}
    for marker, reason_of in lacks.items():
        marked = [item for item in items if item.get_closest_marker(marker) is not None]
        reason = reason_of() if marked else None
        if reason is not None:
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))


def _data_root() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("AGENTGYM_DATA") or beside)


def _no_gpu() -> str | None:
    if importlib.util.find_spec("torch") is None:
        return "torch is not installed"
    import torch

    return None if torch.cuda.is_available() else "torch sees no CUDA device"


def _no_browser() -> str | None:
    browsers = ("chromium", "chromium-browser", "google-chrome")
    if not any(shutil.which(name) for name in browsers):
        return f"none of {', '.join(browsers)} is on the path"
    return None if shutil.which("chromedriver") else "chromedriver is not on the path"


def _no_data() -> str | None:
    return None if _data_root().is_dir() else f"{_data_root()} is no folder; set AGENTGYM_DATA"
