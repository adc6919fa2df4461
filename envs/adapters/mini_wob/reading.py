"""What a page shows: its instruction and its visible elements, and how they are written down as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Element", "Reading", "reading_of"]


class Element(NamedTuple):
    """A visible element of a page.

    Attributes:
        number: Its number on the page, from 1.
        kind: The type of an input, else the name of the tag: "checkbox", "button", "span".
        text: Its own words, or those of its label.
        mark: Its classes, or its id.
        value: What is written in it; None where nothing can be.
        checked: Whether it is checked; None where it cannot be.
        options: The options of a list.
        selected: Those that are selected.
        chosen: Whether the page marks it as chosen, or it is the tab or header of what is shown.
        disabled: Whether it takes no input.
        focused: Whether the keyboard writes to it.
    """

    number: int
    kind: str
    text: str
    mark: str
    value: str | None
    checked: bool | None
    options: tuple[str, ...]
    selected: tuple[str, ...]
    chosen: bool
    disabled: bool
    focused: bool

    @property
    def line(self) -> str:
        """The element as a line of an observation."""
        parts = [f"[{self.number}] {self.kind}"]
        parts += [_quoted(self.text)] if self.text else [f"({self.mark})"] if self.mark else []
        parts += [f"= {_quoted(self.value)}"] if self.value is not None else []
        if self.options:
            parts.append(f"= {_listed(self.selected)} of {_listed(self.options)}")
        facts = {
            "checked": self.checked,
            "chosen": self.chosen,
            "disabled": self.disabled,
            "focused": self.focused,
        }
        parts += [f"({name})" for name, true in facts.items() if true]
        return " ".join(parts)


class Reading(NamedTuple):
    """A page at one moment.

    Attributes:
        utterance: The instruction.
        elements: The visible elements, in the order of the page.
        done: Whether the page has ended the episode.
        reward: Its reward, without the share that it takes off for time.
        state: The page's tree as JSON text, without places and sizes.
    """

    utterance: str
    elements: tuple[Element, ...]
    done: bool
    reward: float
    state: str

    @property
    def text(self) -> str:
        """The page as an observation."""
        return "\n".join([self.utterance, "", *(element.line for element in self.elements)])

    @property
    def choices(self) -> tuple[str, ...] | None:
        """The actions that the page takes; None where something can be written."""
        if any(element.value is not None for element in self.elements):
            return None
        usable = [element for element in self.elements if not element.disabled]
        clicks = [f"click({element.number})" for element in usable if not element.options]
        selects = [
            f"select({element.number}, {_quoted(option)})"
            for element in usable
            for option in dict.fromkeys(element.options)
        ]
        return (*clicks, *selects)


def reading_of(found: Mapping[str, Any]) -> Reading:
    """Make a reading of what the script in the page returned."""
    elements = tuple(
        Element(number, **{**each, "options": tuple(each["options"]), "selected": tuple(each["selected"])})
        for number, each in enumerate(found["elements"], 1)
    )
    reward = float(found["reward"] or 0.0)
    return Reading(found["utterance"], elements, bool(found["done"]), reward, found["state"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, texts))
