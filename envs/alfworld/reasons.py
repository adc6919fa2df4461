"""Why nothing happened: what `info["extra"]["reason"]` says of a command that had no effect.

A reason may tell what the agent could know: which receptacles there are, what it sees where it stands, what
it holds, and what things are for. It never tells what lies in a closed receptacle or elsewhere, nor whether a
thing out of sight exists at all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from envs.alfworld.commands import FORMS, Spoken, read_command
from envs.alfworld.problem import bits
from envs.alfworld.world import World

__all__ = ["why_nothing"]

_QUOTED: Final = 40  # characters of the agent's text that a reason repeats at most
_TOOLS: Final = {
    "clean": ("cleaned", "cleanable", "a sink"),
    "heat": ("heated", "heatable", "a microwave"),
    "cool": ("cooled", "coolable", "a fridge"),
}
_KNIVES: Final = frozenset({"knifetype", "butterknifetype"})


def why_nothing(world: World, command: str) -> str:
    """Say in one sentence or two why a command had no effect.

    Args:
        world: The state, in which the command is not admissible.
        command: What `normalise` returned; untrusted, of any length. At most 40 characters of it are quoted,
            and these are escaped.
    """
    spoken = read_command(command)
    if spoken is None:
        forms = ", ".join(FORMS)
        return f"{_quote(command)} is no command. Commands are: {forms} (O: object, R: receptacle, K: knife)."
    return _Scene(world).reason(spoken)


def _quote(text: str) -> str:
    return ascii(text[:_QUOTED])


def _meant(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name[:_QUOTED], list(names), n=1, cutoff=0.75)
    return f" Did you mean {close[0]}?" if close else ""


class _Scene:
    """What the agent sees. Each check returns a reason, or "" where there is none."""

    def __init__(self, world: World) -> None:
        problem = world.problem
        self._world, self._problem = world, problem
        self._places = {place.name: number for number, place in enumerate(problem.receptacles)}
        self._held = problem.names[world.held] if world.held >= 0 else ""
        self._seen = {
            problem.names[thing]: thing
            for place in world.here
            if world.is_open(place)
            for thing in bits(world.contents[place])
        }
        if world.held >= 0:
            self._seen[self._held] = world.held

    def reason(self, spoken: Spoken) -> str:
        """Why a well-formed command has no effect."""
        verb, what, where = spoken
        match verb:
            case "go":
                found = self._unknown(what) or f"You are already at {what}."
            case "open" | "close":
                found = self._away(what) or self._hinge(verb, what)
            case "examine":
                found = self._away(what) if what in self._places else self._unseen(what) or self._closer(what)
            case "take":
                found = self._away(where) or self._shut(where) or self._full() or self._absent(what, where)
            case "move":
                found = (
                    self._not_held(what) or self._away(where) or self._shut(where) or self._unfit(what, where)
                )
            case "clean" | "heat" | "cool":
                found = self._not_held(what) or self._away(where) or self._no_tool(verb, what, where)
            case "use":
                found = self._unseen(what) or self._no_switch(what)
            case "slice":
                found = self._not_held(where) or self._blunt(where) or self._unseen(what) or self._uncut(what)
            case _:
                found = ""
        return found or "It has no effect now."

    def _unknown(self, place: str) -> str:
        if place in self._places:
            return ""
        return f"There is no receptacle {_quote(place)} in this house.{_meant(place, self._places)}"

    def _away(self, place: str) -> str:
        if place in self._places and self._places[place] not in self._world.here:
            return f"You are not at {place}: go to {place} first."
        return self._unknown(place)

    def _shut(self, place: str) -> str:
        is_open = self._world.is_open(self._places[place])
        return "" if is_open else f"The {place} is closed: open {place} first."

    def _hinge(self, verb: str, place: str) -> str:
        if not self._problem.receptacles[self._places[place]].openable:
            return f"The {place} cannot be {'opened' if verb == 'open' else 'closed'}."
        return f"The {place} is already {'open' if verb == 'open' else 'closed'}."

    def _full(self) -> str:
        return f"Your hand is full: you are carrying {self._held}." if self._held else ""

    def _not_held(self, thing: str) -> str:
        if not self._held:
            return "You are not carrying anything."
        return "" if thing == self._held else f"You are carrying {self._held}, not {_quote(thing)}."

    def _unseen(self, thing: str) -> str:
        if thing in self._seen:
            return ""
        return f"You do not see any {_quote(thing)} here.{_meant(thing, self._seen)}"

    def _absent(self, thing: str, place: str) -> str:
        inside = self._world.contents[self._places[place]]
        if thing in self._seen and inside >> self._seen[thing] & 1:
            return f"The {thing} cannot be picked up."
        names = (self._problem.names[each] for each in bits(inside))
        return f"You do not see any {_quote(thing)} at {place}.{_meant(thing, names)}"

    def _closer(self, thing: str) -> str:
        return "" if thing == self._held else f"Only what you hold can be examined: take {thing} first."

    def _unfit(self, thing: str, place: str) -> str:
        accepts = self._problem.receptacles[self._places[place]].accepts
        return "" if accepts >> self._world.held & 1 else f"The {place} does not take such things as {thing}."

    def _no_tool(self, verb: str, thing: str, place: str) -> str:
        done, able, tool = _TOOLS[verb]
        if not self._problem.able[able] >> self._world.held & 1:
            return f"The {thing} cannot be {done}."
        return f"Nothing can be {done} with {place}: that takes {tool}."

    def _no_switch(self, thing: str) -> str:
        if not self._problem.able["toggleable"] >> self._seen[thing] & 1:
            return f"The {thing} cannot be turned on."
        return f"The {thing} is in your hand: put it down first."

    def _blunt(self, thing: str) -> str:
        if self._problem.types[self._world.held] in _KNIVES:
            return ""
        return f"The {thing} cannot slice: that takes a knife or a butterknife."

    def _uncut(self, thing: str) -> str:
        if not self._problem.able["sliceable"] >> self._seen[thing] & 1:
            return f"The {thing} cannot be sliced."
        return f"The {thing} is out of the knife's reach."
