"""The actions on a page: parsed, never evaluated."""

from __future__ import annotations

import json
import re
from typing import Final, Literal, NamedTuple

__all__ = ["KEYS", "LONGEST", "Command", "parse"]

KEYS: Final = ("Enter", "Escape", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight")
LONGEST: Final = 200
"""Most characters that are written at once."""
_NUMBERED: Final = re.compile(r"(click|type|select)\(([1-9][0-9]{0,3})(?:, (\".*\"))?\)")
_PRESS: Final = re.compile(r"press\(([A-Za-z]{1,10})\)")


class Command(NamedTuple):
    """An action on a page.

    Attributes:
        verb: What is done.
        number: The element's number; 0 for a key.
        argument: The text, the option or the key; "" for a click.
    """

    verb: Literal["click", "type", "select", "press"]
    number: int
    argument: str


def parse(action: str) -> Command | None:
    """Parse an action; None where it is none."""
    if len(action) > 4 * LONGEST:
        return None
    pressed = _PRESS.fullmatch(action)
    if pressed is not None:
        return Command("press", 0, pressed[1]) if pressed[1] in KEYS else None
    found = _NUMBERED.fullmatch(action)
    if found is None or (found[1] == "click") != (found[3] is None):
        return None
    argument = "" if found[3] is None else _text(found[3])
    return None if argument is None else Command(found[1], int(found[2]), argument)  # type: ignore[arg-type]


def _text(quoted: str) -> str | None:
    """Read a JSON text of printable characters."""
    try:
        text = json.loads(quoted)
    except ValueError:
        return None
    fits = isinstance(text, str) and len(text) <= LONGEST and text.isprintable()
    return text if fits else None
