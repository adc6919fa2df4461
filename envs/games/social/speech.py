"""What a player says: a move, and perhaps a message to the others.

    propose 2 books, 0 hats, 1 ball
    <say>The hats are all yours.</say> propose 2 books, 0 hats, 1 ball

A message is a stranger's text. It is cut to one printable line without quotes and brackets before anybody
sees it, and stands between quotes wherever it is shown, so that it cannot pass for the game's own words.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from agentgym.plain import plain
from envs.games.protocol import IllegalMoveError

__all__ = ["LONGEST_MESSAGE", "Speech", "clean", "read_speech"]

LONGEST_MESSAGE: Final = 200
"""Characters of a message; what is longer is cut."""

_BEGIN, _END = "<say>", "</say>"
_HARMLESS = str.maketrans({'"': "'", "<": "(", ">": ")", "[": "(", "]": ")", "\\": "/", "{": "(", "}": ")"})


class Speech(NamedTuple):
    """A move in canonical words, and the message that goes with it; "" where there is none."""

    move: str
    message: str = ""

    def __str__(self) -> str:
        return f"<say>{self.message}</say> {self.move}" if self.message else self.move


def clean(message: str) -> str:
    """Make a message one harmless line. What is clean stays as it is."""
    return plain(" ".join(message[: 2 * LONGEST_MESSAGE].split()), limit=LONGEST_MESSAGE).translate(_HARMLESS)


def read_speech(text: str, *, silence: str) -> tuple[str, str]:
    """Part a text into its move, unread as yet, and its clean message.

    Args:
        text: Untrusted text of any length.
        silence: The move of a player that only talks; "" where talk alone is no move.

    Raises:
        IllegalMoveError: There are several messages.
    """
    start = text.find(_BEGIN)
    end = text.find(_END, start)
    if start < 0 or end < 0:
        return text, ""
    move = (text[:start] + text[end + len(_END) :]).strip()
    if _BEGIN in move:
        raise IllegalMoveError("An action holds at most one <say>message</say>.")
    message = clean(text[start + len(_BEGIN) : end])
    return (move or silence, message) if message else (move, "")
