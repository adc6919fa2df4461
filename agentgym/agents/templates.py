"""Prompt templates by name: one TOML file for each family of environments, or a file of your own.

A family's template is the file `prompt.toml` in the package of its environments, or in one above it. Its
entries are fields of `PromptTemplate`.
"""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import gymnasium

from agentgym.errors import ArgumentError, suggest

__all__ = ["FAMILY_FILE", "families", "template_fields"]

FAMILY_FILE = "prompt.toml"


def template_fields(name: str) -> dict[str, Any]:
    """Read the fields of a template.

    Args:
        name: A family, e.g. "sokoban", or the path of a TOML file.

    Raises:
        UnknownNameError: It is neither.
        ArgumentError: The file is no TOML.
    """
    path = Path(name) if name.endswith(".toml") else families().get(name)
    if path is None:
        raise suggest("prompt template", name, families())
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path} is no readable TOML file: {error}.") from error


def families() -> dict[str, Path]:
    """List the registered families that have a template, and where it stands."""
    found = {}
    for spec in gymnasium.registry.values():
        module = str(spec.entry_point).partition(":")[0] if isinstance(spec.entry_point, str) else ""
        if spec.namespace is not None and (path := _nearest(module.rpartition(".")[0])) is not None:
            found[path.parent.name] = path
    return dict(sorted(found.items()))


def _nearest(package: str) -> Path | None:
    """Find the template of a package or of the nearest one above it, importing none but those above."""
    while package:
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations if spec is not None else None) or ():
            if (path := Path(place) / FAMILY_FILE).is_file():
                return path
        package = package.rpartition(".")[0]
    return None
