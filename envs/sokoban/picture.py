"""The board as a picture, drawn from simple shapes."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board

__all__ = ["TILE", "paint"]

TILE: Final = 32

Picture = NDArray[np.uint8]
_Colour = tuple[int, int, int]
_Mask = NDArray[np.bool_]

_FLOOR: Final = (236, 229, 214)
_FLOOR_EDGE: Final = (226, 217, 199)
_BRICK: Final = (92, 107, 122)
_MORTAR: Final = (66, 78, 91)
_GOAL: Final = (214, 82, 70)
_WOOD: Final = (201, 146, 76)
_WOOD_DARK: Final = (146, 99, 43)
_WOOD_HOME: Final = (111, 168, 96)
_WOOD_HOME_DARK: Final = (66, 115, 58)
_SUIT: Final = (46, 108, 173)
_SKIN: Final = (244, 204, 164)
_HAIR: Final = (74, 52, 38)


def paint(board: Board) -> Picture:
    """Paint a board.

    Args:
        board: Shape (H, W), uint8.

    Returns:
        RGB picture of shape (32 H, 32 W, 3), uint8.
    """
    tiles = _tiles()[board]
    height, width = board.shape
    return np.ascontiguousarray(tiles.transpose(0, 2, 1, 3, 4)).reshape(height * TILE, width * TILE, 3)


@cache
def _tiles() -> Picture:
    """One tile for each combination of flags, shape (16, TILE, TILE, 3)."""
    return np.stack([_tile(flags) for flags in range(16)])


def _tile(flags: int) -> Picture:
    tile = np.empty((TILE, TILE, 3), dtype=np.uint8)
    if flags & WALL:
        _paint_wall(tile)
        return tile
    tile[:] = _FLOOR
    tile[:1], tile[:, :1] = _FLOOR_EDGE, _FLOOR_EDGE
    if flags & TARGET:
        _fill(tile, _disc(16, 16, 8.5) & ~_disc(16, 16, 5.5), _GOAL)
        _fill(tile, _disc(16, 16, 2.6), _GOAL)
    if flags & BOX:
        _paint_box(tile, home=bool(flags & TARGET))
    if flags & PLAYER:
        _paint_player(tile)
    return tile


def _paint_wall(tile: Picture) -> None:
    """Four courses of bricks, each shifted by half a brick."""
    tile[:] = _MORTAR
    for course in range(4):
        shift = 0 if course % 2 == 0 else 8
        for start in range(-shift, TILE, 16):
            left, right = max(start + 1, 0), min(start + 15, TILE)
            tile[8 * course + 1 : 8 * course + 7, left:right] = _BRICK


def _paint_box(tile: Picture, *, home: bool) -> None:
    """A crate with a frame and a cross; green where it is home."""
    light, dark = (_WOOD_HOME, _WOOD_HOME_DARK) if home else (_WOOD, _WOOD_DARK)
    tile[3:29, 3:29] = dark
    tile[5:27, 5:27] = light
    y, x = np.mgrid[0:TILE, 0:TILE]
    inside = (y >= 5) & (y < 27) & (x >= 5) & (x < 27)
    _fill(tile, inside & ((np.abs(x - y) < 2) | (np.abs(x + y - 31) < 2)), dark)
    tile[3:29, 3:5], tile[3:29, 27:29] = dark, dark


def _paint_player(tile: Picture) -> None:
    """A keeper: shoulders, head, cap and eyes."""
    y, _ = np.mgrid[0:TILE, 0:TILE]
    _fill(tile, _disc(28, 15.5, 10.5) & (y < 29), _SUIT)
    _fill(tile, _disc(12.5, 15.5, 7.6), _SKIN)
    _fill(tile, _disc(12.5, 15.5, 7.6) & (y < 10), _HAIR)
    tile[12:15, 12:14], tile[12:15, 18:20] = _HAIR, _HAIR


def _disc(row: float, column: float, radius: float) -> _Mask:
    y, x = np.mgrid[0:TILE, 0:TILE]
    mask: _Mask = (y - row) ** 2 + (x - column) ** 2 <= radius**2
    return mask


def _fill(tile: Picture, mask: _Mask, colour: _Colour) -> None:
    tile[mask] = colour
