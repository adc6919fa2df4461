"""The whole household as text, hidden things included: for people who look on, not for agents."""

from __future__ import annotations

from envs.alfworld.problem import bits
from envs.alfworld.world import World

__all__ = ["picture"]

_MARKS = ("clean", "hot", "cool", "sliced", "on")


def picture(world: World) -> str:
    """Draw a household: one line a receptacle, `>` where the agent stands, and what the agent holds."""
    lines = []
    for number, place in enumerate(world.problem.receptacles):
        here = ">" if number in world.here else " "
        lid = "" if not place.openable else " (open)" if world.is_open(number) else " (closed)"
        inside = ", ".join(_thing(world, thing) for thing in bits(world.contents[number])) or "-"
        lines.append(f"{here} {place.name}{lid}: {inside}")
    held = "nothing" if world.held < 0 else _thing(world, world.held)
    return "\n".join([*lines, f"You hold {held}."])


def _thing(world: World, thing: int) -> str:
    marks = [mark for mark, things in zip(_MARKS, world.flags, strict=True) if things >> thing & 1]
    return world.problem.names[thing] + (f" ({', '.join(marks)})" if marks else "")
