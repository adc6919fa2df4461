"""Check that the packages `envs` and `baselines` are ours: the index holds unrelated ones of both names."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

__all__ = ["check_siblings"]

_MARK = '__suite__ = "agentgym"'


def check_siblings(names: tuple[str, ...] = ("envs", "baselines")) -> None:
    """Import the sibling packages, so that they register, or say which stranger stands in their place.

    A stranger whose source can be read is not executed.

    Raises:
        ImportError: A package of that name is missing or belongs to another project.
    """
    for name in names:
        found = _locate(name)
        if _is_stranger(found):
            raise _clash(name, found)
        if getattr(importlib.import_module(name), "__suite__", None) != "agentgym":
            raise _clash(name, found)


def _locate(name: str) -> Path:
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # it was put into sys.modules by hand
        return Path("an unknown place")
    if spec is None:
        raise ImportError(
            f"agentgym needs its sibling package {name!r}, which is not importable. "
            "Install the whole distribution: pip install -e . in a checkout of AgentGym."
        )
    return Path(spec.origin or next(iter(spec.submodule_search_locations or ()), "an unknown place"))


def _is_stranger(found: Path) -> bool:
    """Whether the source is there and does not bear our mark; False where there is no source to read."""
    try:
        return _MARK not in found.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _clash(name: str, found: Path) -> ImportError:
    told = (
        f"The package {name!r} at {found} belongs to another project and hides AgentGym's own. Mend it with: "
    )
    if {"site-packages", "dist-packages"} & set(found.parts):
        return ImportError(
            f"{told}pip uninstall -y {name} && pip install --force-reinstall --no-deps -e . "
            "in a checkout of AgentGym."
        )
    folder = found.parent.parent if found.name == "__init__.py" else found.parent
    return ImportError(
        f"{told}python -P (or PYTHONSAFEPATH=1) where it is in the current folder; "
        f"else rename it, or take its folder off PYTHONPATH: {folder}"
    )
