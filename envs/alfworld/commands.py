"""Texts of commands: how people may write them, and how the engine wants them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["FORMS", "Spoken", "normalise", "read_command"]

LONGEST: Final = 300
"""Characters of the longest text that is looked at; the longest command of any game has about 60."""

FORMS: Final = (
    "look",
    "inventory",
    "help",
    "go to R",
    "open R",
    "close R",
    "examine R",
    "examine O",
    "take O from R",
    "move O to R",
    "clean O with R",
    "heat O with R",
    "cool O with R",
    "use O",
    "slice O with O",
)
"""Every form of command; O is an object, R a receptacle."""

_OLD_MOVE: Final = re.compile(r"put (.+) (?:in/on|into/onto|in|on|into|onto) (.+)")
_PAIRS: Final = {
    "take": " from ",
    "move": " to ",
    **dict.fromkeys(("clean", "heat", "cool", "slice"), " with "),
}


class Spoken(NamedTuple):
    """A command taken apart: "move mug 1 to desk 1" is ("move", "mug 1", "desk 1"). Missing parts are ""."""

    verb: str
    what: str = ""
    where: str = ""


def normalise(action: str) -> str:
    """Write a command as the engine wants it.

    Case and spaces are evened out, and the phrase of ALFWorld before 0.4, "put mug 1 in/on desk 1" (or "in",
    "on", "into", "onto"), becomes "move mug 1 to desk 1". A text that no command can be, because it is too
    long or not ASCII, comes back as it is: lower-casing must not make a command of look-alike letters.
    """
    if len(action) > LONGEST or not action.isascii():
        return action
    command = " ".join(action.lower().split())
    old = _OLD_MOVE.fullmatch(command)
    return f"move {old[1]} to {old[2]}" if old else command


def read_command(command: str) -> Spoken | None:
    """Take a command apart by its form alone, whether or not its things exist; None: it has no such form."""
    if len(command) > LONGEST:
        return None
    verb, _, rest = command.partition(" ")
    if verb in ("look", "inventory", "help"):
        return Spoken(verb) if not rest else None
    if verb == "go":
        verb, rest = "go", rest.removeprefix("to ") if rest.startswith("to ") else ""
    if verb in _PAIRS:
        what, word, where = rest.partition(_PAIRS[verb])
        return Spoken(verb, what, where) if word and what and where else None
    return Spoken(verb, rest) if rest and verb in ("go", "open", "close", "examine", "use") else None
