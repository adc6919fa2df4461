"""Experts for some games of others: they look at the solution in the game, or play a known strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from agentgym.errors import ArgumentError

__all__ = ["EXPERTS", "expert_words"]


def expert_words(game: Any) -> str:
    """Return the words of an expert's action, without the brackets that a project wants around them.

    Raises:
        ArgumentError: Nobody has written an expert for this game.
    """
    kind = type(game).__name__
    if kind not in EXPERTS:
        known = ", ".join(sorted(EXPERTS))
        raise ArgumentError(f"There is no expert for {kind}. Play one of {known}, or another agent.")
    return EXPERTS[kind](game)


def _facts(game: Any) -> Mapping[str, Any]:
    """What TextArena keeps beside the object; empty in GEM."""
    return getattr(getattr(game, "state", None), "game_state", None) or {}


def _number(game: Any) -> str:
    return str(game.game_number)


def _code(game: Any) -> str:
    return " ".join(map(str, _facts(game).get("secret_code") or game.game_code))


def _sudoku(game: Any) -> str:
    board = _facts(game).get("board") or game.board
    for row, (shown, full) in enumerate(zip(board, game.full_grid, strict=True), 1):
        for column, (number, right) in enumerate(zip(shown, full, strict=True), 1):
            if number == 0:
                return f"{row} {column} {right}"
    raise ArgumentError("The board is full.")


def _hanoi(game: Any) -> str:
    """Move the largest disk that is not where it belongs, once all smaller ones are out of its way."""
    towers: Mapping[str, Sequence[int]] = _facts(game).get("towers") or game.board
    place = {disk: name for name, disks in towers.items() for disk in disks}
    target, step = "C", ""
    for disk in sorted(place, reverse=True):
        if place[disk] != target:
            step = f"{place[disk]} {target}"
            target = next(name for name in "ABC" if name not in (place[disk], target))
    return step


EXPERTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "GuessTheNumberEnv": _number,
    "MastermindEnv": _code,
    "SudokuEnv": _sudoku,
    "TowerOfHanoiEnv": _hanoi,
    "TowerofHanoiEnv": _hanoi,
}
