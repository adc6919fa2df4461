"""A tiny environment for tests of the harness: it imports fast, needs no data and has chance in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from agentgym import Facts, TextEnv, Transition, register_env
from agentgym.errors import ArgumentError, DataError, suggest
from agentgym.hashing import canonical_json, state_key

__all__ = ["TOY_ID", "CorridorEnv"]

TOY_ID = "agentgym/ToyCorridor-v0"

_MOVES = {"go west": -1, "wait": 0, "go east": 1}
_TASK = re.compile(r"(\w+)/(\d+)-(west|east)")


class _Corridor(NamedTuple):
    """One task: `cells` cells, of which the first and the last are doors."""

    cells: int
    start: int
    door: str

    @property
    def goal(self) -> int:
        return self.cells - 1 if self.door == "east" else 0


class CorridorEnv(TextEnv):
    """Walk through the right one of two doors, against a wind that now and then holds you back.

    Task "train/3-east" starts in cell 3 and wants the east door. The right door ends the episode with reward
    1, the wrong one with reward 0. A corridor of split number k has `length + k` cells.

    Args:
        length: Number of cells in the training split, at least 3.
        wind: Probability that a move is held back.
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" or None.
    """

    def __init__(
        self,
        *,
        length: int = 7,
        wind: float = 0.2,
        split: str = "train",
        max_steps: int = 40,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        if length < 3:
            raise ArgumentError(f"`length` is {length} in {self.name}. It must be at least 3. Pass length=7.")
        self.length = length
        self.wind = wind
        self._corridor = _Corridor(length, 1, "east")
        self._cell = 1

    def tasks(self, split: str) -> Sequence[str]:
        """List every start and door of a split."""
        starts = range(1, self._cells(split) - 1)
        return tuple(f"{split}/{start}-{door}" for start in starts for door in ("west", "east"))

    def oracle_action(self) -> str:
        """Walk towards the right door."""
        return f"go {self._corridor.door}"

    def render(self) -> str | None:
        """Draw the corridor: `@` is you, `>` or `<` the right door."""
        if self.render_mode is None:
            return None
        cells = ["."] * self._corridor.cells
        cells[self._corridor.goal] = ">" if self._corridor.door == "east" else "<"
        cells[self._cell] = "@"
        return "".join(cells)

    def _cells(self, split: str) -> int:
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return self.length + self.splits.index(split)

    def _begin(self, task: str) -> str:
        self._corridor = self._parse(task)
        self._cell = self._corridor.start
        return f"You must leave by the {self._corridor.door} door. {self._look()}"

    def _act(self, action: str) -> Transition:
        if action not in _MOVES:
            return Transition("Nothing happens: say 'go west', 'wait' or 'go east'.", valid=False)
        held = float(self.np_random.random()) < self.wind
        if not held:
            self._cell += _MOVES[action]
        won = self._cell == self._corridor.goal
        ended = self._cell in (0, self._corridor.cells - 1)
        said = "The wind holds you back. " if held else ""
        return Transition(said + self._look(), reward=float(won), terminated=ended)

    def _look(self) -> str:
        return f"You are {self._cell} steps from the west door."

    def _facts(self) -> Facts:
        corridor, won = self._corridor, self._cell == self._corridor.goal
        return Facts(
            instruction=f"Leave by the {corridor.door} door.",
            state_key=state_key(canonical_json([corridor.cells, corridor.door, self._cell])),
            progress=1.0 - abs(corridor.goal - self._cell) / (corridor.cells - 1),
            score=float(won),
            success=won,
            admissible_actions=tuple(_MOVES),
            extra={"cell": self._cell},
        )

    def _save(self) -> dict[str, Any]:
        return {"cell": self._cell}

    def _load(self, task: str, state: Any) -> None:
        corridor = self._parse(task)
        cell = state["cell"]
        if not isinstance(cell, int) or not 0 <= cell < corridor.cells:
            raise DataError(f"cell {cell!r} is not in a corridor of {corridor.cells}")
        self._corridor, self._cell = corridor, cell

    def _parse(self, task: str) -> _Corridor:
        match = _TASK.fullmatch(task)
        if match is None:
            raise DataError(f"task {task!r} is no corridor")
        return _Corridor(self._cells(match[1]), int(match[2]), match[3])


register_env("ToyCorridor-v0", "tests.toys:CorridorEnv")
