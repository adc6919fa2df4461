"""Check that the packages `envs` and `baselines` are ours: unrelated ones exist on the package index."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

__all__ = ["check_siblings"]


def check_siblings(names: tuple[str, ...] = ("envs", "baselines")) -> None:
    """Import the sibling packages, so that they register, or say which stranger stands in their place.

    Raises:
        ImportError: A package of that name is missing or belongs to another project.
    """
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ImportError(
                f"agentgym needs its sibling package {name!r}, which is not importable. "
                "Install the whole distribution: pip install -e . in a checkout of AgentGym."
            )
        found = spec.origin or next(iter(spec.submodule_search_locations or ()), "an unknown place")
        try:
            suite = getattr(importlib.import_module(name), "__suite__", None)
        except Exception as error:
            if _is_ours(found):
                raise
            raise _clash(name, found) from error
        if suite != "agentgym":
            raise _clash(name, found)


def _is_ours(origin: str) -> bool:
    try:
        return '__suite__ = "agentgym"' in Path(origin).read_text(encoding="utf-8")
    except OSError:
        return False


def _clash(name: str, found: str) -> ImportError:
    return ImportError(
        f"The package {name!r} at {found} belongs to another project and hides AgentGym's own. "
        f"Mend it with: pip uninstall -y {name} && pip install --force-reinstall --no-deps -e . "
        "in a checkout of AgentGym."
    )
