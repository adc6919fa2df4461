"""`Wording`: what makes a curated game of an OpenSpiel game."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from envs.games.openspiel.state import SpielState

__all__ = ["Expert", "Render", "Word", "Wording"]

Render = Callable[["SpielState", int], str]
"""(state, seat) -> what the seat sees."""

Word = Callable[[Any, int, int], str]
"""(pyspiel state, seat, number of a legal action) -> canonical text."""

Expert = Callable[["SpielState", int, np.random.Generator], str]
"""(state, seat, generator) -> a good action."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a game and what else OpenSpiel does not tell of it.

    Attributes:
        title: Name for people.
        rules: The rules in words.
        render: Writes what a seat sees; None: OpenSpiel's own text.
        word: Names an action; None: OpenSpiel's own string.
        fixed_words: Whether an action of a seat has the same name in every state.
        par: A final return above this is a success.
        position_decides: Whether `str` of the OpenSpiel state holds all that decides the future.
        open_actions: Whether every seat sees every action; then the actions are part of what a seat knows
            where OpenSpiel names no information state.
        expert: The specification of an opponent (see `envs.games.opponents`), or a function.
    """

    title: str
    rules: str
    render: Render | None = None
    word: Word | None = None
    fixed_words: bool = True
    par: float = 0.0
    position_decides: bool = False
    open_actions: bool = False
    expert: str | Expert = "random"
