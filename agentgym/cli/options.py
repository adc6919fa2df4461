"""How `--option name=value` on the command line becomes keyword arguments."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from agentgym.errors import ArgumentError

__all__ = ["parse_options"]


def parse_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Parse "name=value" pairs; a value is TOML (3, 0.5, true, "text", [1, 2]), anything else is plain text.

    Raises:
        ArgumentError: A pair has no "=" or no name.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name:
            raise ArgumentError(f"{pair!r} is no option. Write it as name=value.")
        try:
            options[name] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            options[name] = text
    return options
