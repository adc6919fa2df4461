"""PDDL as nested lists: the reader that problems and domains share.

A list is a Python list of words (lower case) and lists. Comments run from a semicolon to the end of the line.
What follows the outermost list is not read.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from agentgym.errors import DataError

__all__ = ["Expression", "PddlError", "read_expression", "show"]

Expression: TypeAlias = "str | list[Expression]"

_COMMENT = re.compile(r";[^\n]*")


class PddlError(DataError):
    """A PDDL text is broken, or says what the engine does not know."""


def read_expression(text: str) -> list[Expression]:
    """Read the first list of a text.

    Args:
        text: PDDL; upper and lower case are the same.

    Raises:
        PddlError: There is no list, or it is not closed. The message names the line.
    """
    plain = _COMMENT.sub("", text) if ";" in text else text
    before, *parts = plain.lower().split("(")  # by parentheses, not by words: it takes half the time
    outer: list[list[Expression]] = []
    current: list[Expression] = []
    if not before.strip():
        for part in parts:
            outer.append(current)
            body, *tails = part.split(")")
            current = [*body.split()]
            for tail in tails:
                outer[-1].append(current)
                current = outer.pop()
                if not outer:
                    return _the_list(current)
                current += tail.split()
    raise PddlError(_unclosed(plain, len(outer)))


def show(expression: Expression) -> str:
    """Write an expression as PDDL, at most 80 characters of it."""
    text = expression if isinstance(expression, str) else f"({' '.join(map(show, expression))})"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _the_list(read: list[Expression]) -> list[Expression]:
    found = read[0]
    return found if isinstance(found, list) else [found]


def _unclosed(text: str, depth: int) -> str:
    if not depth:
        return "no list begins there. Expected (define ...)"
    lines = text.rstrip().count("\n") + 1
    return f"it ends at line {lines} with {depth} lists still open: it is cut off"
