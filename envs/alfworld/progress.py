"""How far a household task has come: its sub-goals, as a function of the state alone."""

from __future__ import annotations

from typing import Final

from envs.alfworld.problem import FLAGS, Problem
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
        ready, visible, count = self._ready(world), _visible(world), self._goal.count
        most = _FOUND_AND_TAKEN + bool(self._flags) + 2
        best = self._best(world, count, self._things, ready, visible, at_target=False)
        for target in self._targets:
            placed = world.contents[target] & ready
            at_target = target in world.here and world.is_open(target)
            if placed or at_target:  # elsewhere it is as it is at no target at all
                done = placed.bit_count()
                others = self._things & ~placed
                rest = self._best(world, count - done, others, ready, visible, at_target=at_target)
                best = max(best, done * most + rest)
        return min(best / (most * count), 1.0)

    def _best(
        self, world: World, count: int, things: int, ready: int, visible: int, *, at_target: bool
    ) -> int:
        """Most sub-goals that some of the things, none of them placed, have reached together."""
        processed = ready if self._flags else 0
        held = 1 << world.held & things if world.held >= 0 else 0
        others = things & ~held
        best = [1] * (others & (visible ^ processed)).bit_count()
        best += [2] * (others & visible & processed).bit_count()
        if held:
            best.append(_FOUND_AND_TAKEN + bool(processed & held) + bool(at_target and ready & held))
        best.sort(reverse=True)
        return sum(best[: max(count, 0)])

    def _ready(self, world: World) -> int:
        """The objects of the task's type that are as the goal wants them."""
        ready = self._things
        for flag in self._flags:
            ready &= world.flags[flag]
        return ready

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
