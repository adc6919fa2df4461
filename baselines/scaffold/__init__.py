"""New packages that add an environment, an estimator, a tool or an agent: small, working, and tested."""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Mapping
from pathlib import Path

from agentgym.errors import ArgumentError, suggest

__all__ = ["KINDS", "create"]

KINDS = ("agent", "env", "estimator", "tool")
_TEMPLATES = Path(__file__).parent / "templates"
_PROJECT = _TEMPLATES / "pyproject.toml.template"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(kind: str, name: str, into: Path) -> Path:
    """Write a package that works, with its test.

    Args:
        kind: One of `KINDS`.
        name: Name of the package: lower case letters, digits and single dashes, e.g. "number-maze".
        into: The folder in which the package's own folder is made.

    Returns:
        The package's folder.

    Raises:
        UnknownNameError: There is no such kind.
        ArgumentError: The name cannot be used, or the folder is already there or cannot be written.
    """
    if kind not in KINDS:
        raise suggest("kind", kind, KINDS)
    words = _words(name)
    folder = into / name
    if folder.exists():
        raise ArgumentError(f"{folder} is already there and was left as it is. Choose another name.")
    sources = {
        source.relative_to(_TEMPLATES / kind): source for source in (_TEMPLATES / kind).rglob("*.template")
    }
    sources[Path(_PROJECT.name)] = _PROJECT
    for place, source in sources.items():
        target = folder / _filled(str(place).removesuffix(".template"), words)
        text = _filled(source.read_text(encoding="utf-8"), words)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"{target} cannot be written: {error}. Choose another folder.") from error
    return folder


def _words(name: str) -> dict[str, str]:
    """What stands for the marks of the templates."""
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise ArgumentError(
            f"{name!r} cannot be the name of a package. Use lower case letters, digits and single dashes, "
            "e.g. number-maze."
        )
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or importlib.util.find_spec(module) is not None:
        raise ArgumentError(f"A module {module!r} exists already. Choose another name.")
    title = "".join(word.capitalize() for word in name.split("-"))
    return {"<<name>>": name, "<<module>>": module, "<<Title>>": title}


def _filled(text: str, words: Mapping[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
