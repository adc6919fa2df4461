"""Other packages' environments, agents and estimators, found by the entry-point group `agentgym.plugins`.

A package names a module in its pyproject.toml, and importing that module registers what the package brings:

    [project.entry-points."agentgym.plugins"]
    my-maze = "my_maze"
"""

from __future__ import annotations

import warnings
from importlib import metadata

__all__ = ["GROUP", "load_plugins"]

GROUP = "agentgym.plugins"


def load_plugins() -> dict[str, str]:
    """Import every installed plugin.

    Returns:
        What became of each, by name: "" where it was imported, else why not. One that cannot be imported is
        left out with a warning: it must not take down everything else.
    """
    found = {}
    for plugin in sorted(metadata.entry_points(group=GROUP)):
        found[plugin.name] = ""
        try:
            plugin.load()
        except Exception as error:
            found[plugin.name] = f"{type(error).__name__}: {error}"
            warnings.warn(
                f"The plugin {plugin.name!r} ({plugin.value}) cannot be imported and is left out: "
                f"{found[plugin.name]}. Mend or uninstall it.",
                stacklevel=2,
            )
    return found
