"""The rules on very many boards at once, for search and for agents that see boards instead of text."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, ShapeError
from envs.sokoban.compiled import compiled_parallel
from envs.sokoban.generator import generate_batch
from envs.sokoban.rewards import RewardName, reward_table
from envs.sokoban.rules import (
    BOX,
    MOVED,
    PLAYER,
    PUSHED_OFF,
    PUSHED_ON,
    TARGET,
    WALL_AHEAD,
    boxes_off_target,
    legal_moves,
    move_flat,
    player_position,
)
from envs.sokoban.validity import is_closed

__all__ = ["BatchSokoban"]

_MANY: Final = (
    131_072  # boards that are worth waking all cores: 1 ms of work; on a busy machine it takes 8 ms
)

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@compiled_parallel(at_least=_MANY)
def _survey(boards: NDArray[np.uint8], players: NDArray[np.int32], off_target: NDArray[np.int32]) -> int:
    """Find players and boxes off target; return how many boards cannot be played."""
    faults = 0
    for b in numba.prange(boards.shape[0]):
        cells = boards[b].ravel()
        players[b] = player_position(boards[b])
        off_target[b] = boxes_off_target(boards[b])
        boxes, targets = np.count_nonzero(cells & BOX), np.count_nonzero(cells & TARGET)
        alone = np.count_nonzero(cells & PLAYER) == 1
        if not alone or boxes == 0 or boxes != targets or not is_closed(boards[b]):
            faults += 1
    return faults


@compiled_parallel(at_least=_MANY)
def _step(
    boards: NDArray[np.uint8],
    players: NDArray[np.int32],
    off_target: NDArray[np.int32],
    actions: NDArray[np.int8],
    table: _Floats,
    rewards: _Floats,
    done: _Bools,
    outcomes: NDArray[np.uint8],
) -> None:
    """Step every board; `table` holds the rewards of the six outcomes, of nonsense and of solving."""
    width = boards.shape[2]
    deltas = np.array([-width, width, -1, 1])
    cells = boards.reshape(boards.shape[0], boards.shape[1] * width)
    for b in numba.prange(boards.shape[0]):
        done[b], outcomes[b], rewards[b] = off_target[b] == 0, WALL_AHEAD, 0.0
        if done[b]:
            continue
        if actions[b] < 0 or actions[b] > 3:
            rewards[b] = table[6]
            continue
        delta = deltas[actions[b]]
        outcome = move_flat(cells[b], players[b], delta)
        moved = outcome >= MOVED
        players[b] += delta * int(moved)
        off_target[b] += int(outcome == PUSHED_OFF) - int(outcome == PUSHED_ON)
        solved = off_target[b] == 0
        rewards[b], done[b], outcomes[b] = table[outcome] + table[7] * int(solved), solved, outcome


@compiled_parallel(at_least=_MANY)
def _legal(boards: NDArray[np.uint8], players: NDArray[np.int32], masks: NDArray[np.uint8]) -> None:
    for b in numba.prange(boards.shape[0]):
        masks[b] = legal_moves(boards[b], players[b])


class BatchSokoban:
    """Up to millions of boards of one size, stepped together on all cores by the rules of the environment.

    There is no text, no step limit and no automatic restart: a solved board stays as it is until `replace`
    puts another in its place.

    Args:
        boards: Shape (B, H, W), uint8, flags of `envs.sokoban.rules`; copied.
        reward: "gym-sokoban" or "sparse".

    Attributes:
        boards: The boards as they are now, shape (B, H, W), uint8.
        players: Flat positions of the players, shape (B,), int32.
        off_target: Numbers of boxes that are not on a target, shape (B,), int32.
        outcomes: What the last step did, in the words of `envs.sokoban.rules`, shape (B,), uint8;
            `WALL_AHEAD` also where the action was nonsense or the board was solved before.

    Raises:
        ShapeError: The array is not of this shape and type.
        ArgumentError: Some board lacks one player, equally many boxes and targets, or closed walls.
        UnknownNameError: There is no such reward.
    """

    def __init__(self, boards: NDArray[np.uint8], *, reward: RewardName = "gym-sokoban") -> None:
        table = reward_table(reward)
        self._table = np.array([*table.outcomes, table.nonsense, table.solved])
        _check(boards)
        self.boards = np.array(boards, order="C")
        self.players, self.off_target = _surveyed(self.boards)
        self.outcomes = np.zeros(len(self.boards), dtype=np.uint8)

    @classmethod
    def generate(
        cls,
        count: int,
        *,
        seed: int = 0,
        size: tuple[int, int] = (10, 10),
        boxes: int = 4,
        split: str = "train",
        reward: RewardName = "gym-sokoban",
    ) -> BatchSokoban:
        """Generate the levels of the seeds `seed` to `seed + count - 1`."""
        seeds = np.arange(seed, seed + count, dtype=np.int64)
        return cls(generate_batch(seeds, size=size, boxes=boxes, split=split), reward=reward)

    def __len__(self) -> int:
        return len(self.boards)

    def step(self, actions: NDArray[np.integer]) -> tuple[_Floats, _Bools, _Bools]:
        """Move on every board that is not solved.

        Args:
            actions: Directions, shape (B,), integers; a number outside 0 to 3 is nonsense and changes
                nothing.

        Returns:
            Rewards, float64, whether the board is solved, and whether it changed, bool; each of shape (B,). A
            board that was solved before gives reward 0.

        Raises:
            ShapeError: `actions` is not of this shape and type.
        """
        if actions.shape != self.players.shape or not np.issubdtype(actions.dtype, np.integer):
            raise ShapeError(
                f"`actions` has shape {actions.shape} and type {actions.dtype}. "
                f"Expected ({len(self)},) integers."
            )
        if actions.dtype != np.int8:
            actions = np.clip(actions, -1, 4)
        directions = actions.astype(np.int8, copy=False)
        rewards, done = np.empty(len(self), dtype=np.float64), np.empty(len(self), dtype=np.bool_)
        state = self.boards, self.players, self.off_target
        _step(*state, directions, self._table, rewards, done, self.outcomes)
        return rewards, done, self.outcomes >= MOVED

    def legal_moves(self) -> NDArray[np.uint8]:
        """Bit masks of the directions that change the boards, shape (B,), uint8: bit d for direction d."""
        masks = np.empty(len(self), dtype=np.uint8)
        _legal(self.boards, self.players, masks)
        return masks

    def replace(self, indices: NDArray[np.integer], boards: NDArray[np.uint8]) -> None:
        """Put other boards in the place of some.

        Args:
            indices: Which, shape (K,), integers.
            boards: Shape (K, H, W), uint8.

        Raises:
            ShapeError: A shape or type does not fit.
            ArgumentError: As in the constructor; nothing is then replaced.
        """
        _check(boards)
        if boards.shape != (len(indices), *self.boards.shape[1:]):
            expected = (len(indices), *self.boards.shape[1:])
            raise ShapeError(f"`boards` has shape {boards.shape}. Expected {expected}.")
        players, off_target = _surveyed(np.ascontiguousarray(boards))
        self.boards[indices] = boards
        self.players[indices], self.off_target[indices] = players, off_target


def _check(boards: NDArray[np.uint8]) -> None:
    if boards.ndim != 3 or boards.dtype != np.uint8:
        raise ShapeError(
            f"`boards` has shape {boards.shape} and type {boards.dtype}. Expected (B, H, W) of uint8."
        )


def _surveyed(boards: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    players = np.empty(len(boards), dtype=np.int32)
    off_target = np.empty(len(boards), dtype=np.int32)
    faults = _survey(boards, players, off_target)
    if faults:
        raise ArgumentError(
            f"{faults} of {len(boards)} boards cannot be played. Each needs one player, as many targets as "
            "boxes, and closed walls. Leave the others out."
        )
    return players, off_target
