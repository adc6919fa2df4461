"""Texts of commands: how people may write them, and how the engine wants them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["FORMS", "Spoken", "normalise", "read_command"]

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
    "slice O with K",
)
"""Every form of command; R is a receptacle, O an object, K a knife."""

_LONGEST: Final = 300  # characters; the longest command of any game has about 60
_OLD_MOVE: Final = re.compile(r"put (.+) (?:in/on|into/onto|in|on|into|onto) (.+)")
_ALONE: Final = frozenset({"look", "inventory", "help"})
_WITH_ONE: Final = {"go": "to ", **dict.fromkeys(("open", "close", "examine", "use"), "")}
_WITH_TWO: Final = {
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
    if len(action) > _LONGEST or not action.isascii():
        return action
    command = " ".join(action.lower().split())
    old = _OLD_MOVE.fullmatch(command)
    return f"move {old[1]} to {old[2]}" if old else command


def read_command(command: str) -> Spoken | None:
    """Take a command apart by its form alone, whether or not its things exist; None: it has no such form."""
    if len(command) > _LONGEST:
        return None
    verb, _, rest = command.partition(" ")
    if verb in _ALONE:
        return None if rest else Spoken(verb)
    if verb in _WITH_ONE:
        word = _WITH_ONE[verb]
        what = rest.removeprefix(word) if rest.startswith(word) else ""
        return Spoken(verb, what) if what else None
    what, _, where = rest.partition(_WITH_TWO.get(verb, " "))
    return Spoken(verb, what, where) if verb in _WITH_TWO and what and where else None
