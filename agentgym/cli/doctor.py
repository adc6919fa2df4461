"""`agentgym doctor`: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import platform
import shutil
from typing import Annotated

import typer

from agentgym.cli.commands import CHECKUPS

__all__ = ["doctor"]

_PACKAGES = {
    "gymnasium": "base",
    "numpy": "base",
    "numba": "base",
    "pettingzoo": "base",
    "torch": "train",
    "transformers": "train",
    "peft": "train",
    "tensorboard": "tensorboard",
    "sqlalchemy": "board",
}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Report versions, optional packages, accelerator and free disk, and run the checkups of other layers.

    Example: agentgym doctor
    """
    import agentgym

    report = {
        "agentgym": agentgym.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "cuda": _cuda(),
        "environments": len(agentgym.env_ids()),
        "free_disk_gb": round(shutil.disk_usage(".").free / 1e9, 1),
        **{name: _checkup(entry_point) for name, entry_point in CHECKUPS.items()},
    }
    if as_json:
        typer.echo(json.dumps(report))
        return
    for key, value in report.items():
        if key != "packages":
            typer.echo(f"{key:14} {value}")
    for name, extra in _PACKAGES.items():
        hint = f"missing: pip install -e '.[{extra}]'" if extra != "base" else "missing: pip install -e ."
        typer.echo(f"{name:14} {_version(name) or hint}")


def _checkup(entry_point: str) -> str:
    module, function = entry_point.split(":")
    return str(getattr(importlib.import_module(module), function)())


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cuda() -> str | None:
    if _version("torch") is None:
        return None
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
