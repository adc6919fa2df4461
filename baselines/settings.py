"""Settings of a run: a TOML file, and single values that were changed on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError

__all__ = ["settings_tree"]


def settings_tree(path: Path | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Read a file and put the changes into it.

    Args:
        path: A TOML file; None: nothing but the changes.
        changes: Dotted names and values, e.g. {"update.learning_rate": 1e-3}.

    Raises:
        ArgumentError: The file is no TOML, or a change goes into what is no table.
    """
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ArgumentError(f"{path} is no readable TOML file: {error}.") from error
    for name, value in changes.items():
        *tables, last = name.split(".")
        node: Any = tree
        for table in tables:
            node = node.setdefault(table, {})
            if not isinstance(node, dict):
                raise ArgumentError(
                    f"`{table}` is {node!r:.80} in {path}, so `{name}` cannot be set. Make it a table."
                )
        node[last] = value
    return tree
