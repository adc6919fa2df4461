"""The environment families, one folder each. Importing this package registers their ids and nothing more."""

from __future__ import annotations

import importlib
import pkgutil

__suite__ = "agentgym"

for _family in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_family.name}")
