"""How `--option name=value` and its like on the command line become keyword arguments."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agentgym.agents.specs import agent_specs
from agentgym.errors import ArgumentError
from agentgym.hashing import canonical_json

__all__ = ["WHO_PLAYS", "agent_options_of", "how_to_play", "parse_options"]

WHO_PLAYS = f"Who plays: {', '.join(agent_specs())}."


def parse_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Parse "name=value" pairs; a value is TOML (3, 0.5, true, "text", [1, 2]), anything else is plain text.

    Raises:
        ArgumentError: A pair has no "=" or no name, or a value is no JSON (a date, nan, inf).
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
    return _recordable(options)


def agent_options_of(file: Path | None, pairs: Iterable[str]) -> dict[str, Any]:
    """Read an agent's options from a TOML file, if there is one, and change them by "name=value" pairs.

    Raises:
        ArgumentError: The file is no TOML, a pair has no "=" or no name, or a value is no JSON.
    """
    options: dict[str, Any] = {}
    if file is not None:
        try:
            options = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ArgumentError(f"{file} is no readable TOML file: {error}.") from error
    return _recordable(options) | parse_options(pairs)


def _recordable(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse values that could not be written down with a run."""
    for name, value in options.items():
        try:
            canonical_json(value)
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"The option {name} is {value!r}, which JSON cannot hold. Pass a finite number, a text, "
                "true, false, or a list or table of these."
            ) from error
    return options


def how_to_play(step_limit: float | None, retries: int, workers: str | None) -> dict[str, Any]:
    """Make the keywords `isolation` and `workers` of a run.

    Raises:
        ArgumentError: A number is out of range, or the workers have no such form.
    """
    from agentgym.rollout import Isolation, RayWorkers

    return {
        "isolation": None if step_limit is None else Isolation(step_limit, retries),
        "workers": None if workers is None else RayWorkers.parse(workers),
    }
