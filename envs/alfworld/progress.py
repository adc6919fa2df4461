"""How far a household task has come: its sub-goals, as a function of the state alone."""

from __future__ import annotations

from typing import Final

from envs.alfworld.problem import FLAGS, Problem, bits
from envs.alfworld.world import TOGGLED, World

__all__ = ["SubGoals"]

_FOUND_AND_TAKEN: Final = 2


class SubGoals:
    """The sub-goals of a task: found, taken, (processed,) at the target, placed; twice for two objects.

    An object is found while the agent stands before it, and it is not hidden in a closed receptacle; it is at
    the target while the agent holds it there. What is found can be left again: progress follows the state.
    For a look in the light they are: object found, object taken, lamp on, and agent at that lamp.

    Args:
        problem: The household and its goal.
    """

    def __init__(self, problem: Problem) -> None:
        goal = problem.goal
        self._goal = goal
        able = [problem.able[fact] for fact in goal.object_facts if fact in problem.able]
        self._things = problem.objects_of(goal.object_type)
        for mask in able:
            self._things &= mask
        self._flags = [FLAGS.index(fact) for fact in goal.object_facts if fact in FLAGS]
        self._targets = problem.receptacles_of(goal.receptacle_type)
        self._lamps = problem.objects_of(goal.lamp_type) & problem.able["toggleable"]

    def won(self, world: World) -> bool:
        """Whether the goal is reached."""
        ready = self._ready(world)
        if self._goal.lamp_type:
            return world.held >= 0 and bool(ready >> world.held & 1 and self._lamps_here(world, lit=True))
        return any((world.contents[each] & ready).bit_count() >= self._goal.count for each in self._targets)

    def progress(self, world: World) -> float:
        """Share of the sub-goals that hold, in [0, 1]; 1 exactly where the goal is reached."""
        if self._goal.lamp_type:
            return self._light_progress(world)
        most = _FOUND_AND_TAKEN + bool(self._flags) + 2
        best = 0
        for target in self._targets:
            counts = sorted(self._reached(world, thing, target, most) for thing in bits(self._things))
            best = max(best, sum(counts[-self._goal.count :]))
        return best / (most * self._goal.count)

    def _ready(self, world: World) -> int:
        """The objects of the task's type that are as the goal wants them."""
        ready = self._things
        for flag in self._flags:
            ready &= world.flags[flag]
        return ready

    def _reached(self, world: World, thing: int, target: int, most: int) -> int:
        """How many sub-goals an object has reached, with one receptacle as its target."""
        ready = bool(self._ready(world) >> thing & 1)
        if ready and world.contents[target] >> thing & 1:
            return most
        held = world.held == thing
        at_target = held and ready and target in world.here and world.is_open(target)
        found = held or bool(_visible(world) >> thing & 1)
        return found + held + (ready and bool(self._flags)) + at_target

    def _light_progress(self, world: World) -> float:
        held = world.held >= 0 and bool(self._ready(world) >> world.held & 1)
        found = held or bool(_visible(world) & self._things)
        lit = bool(world.flags[TOGGLED] & self._lamps)
        return (found + held + lit + bool(self._lamps_here(world, lit=lit))) / 4

    def _lamps_here(self, world: World, *, lit: bool) -> int:
        lamps = 0
        for receptacle in world.here:
            lamps |= world.contents[receptacle] & self._lamps
        return lamps & world.flags[TOGGLED] if lit else lamps


def _visible(world: World) -> int:
    """The objects in receptacles at the agent's location that are not closed."""
    seen = 0
    for receptacle in world.here:
        if world.is_open(receptacle):
            seen |= world.contents[receptacle]
    return seen
