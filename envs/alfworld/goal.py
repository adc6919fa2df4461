"""The goal of a household task, read from PDDL: which object, in which state, where.

Official goals say the same thing in several orders and nestings. A goal is therefore flattened to its atoms
and recognised by what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from agentgym.errors import suggest
from envs.alfworld.pddl import Expression, PddlError, show

__all__ = ["TASK_TYPES", "Goal", "TaskType", "check_task_type", "read_goal"]

TaskType: TypeAlias = Literal[
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
]
TASK_TYPES: Final[tuple[TaskType, ...]] = (
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
)

_OBJECT_FACTS: Final = frozenset(
    {
        "cleanable",
        "isclean",
        "heatable",
        "ishot",
        "coolable",
        "iscool",
        "sliceable",
        "issliced",
        "toggleable",
        "istoggled",
        "pickupable",
    }
)
_PROCESS: Final[dict[str, TaskType]] = {
    "isclean": "pick_clean_then_place_in_recep",
    "ishot": "pick_heat_then_place_in_recep",
    "iscool": "pick_cool_then_place_in_recep",
}
Atom = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What must hold.

    Attributes:
        task_type: Which of the six kinds of task.
        object_type: Type of the object, as in PDDL, lower case: "appletype".
        object_facts: What must be true of it, e.g. {"cleanable", "isclean"}.
        receptacle_type: Type of the receptacle it must lie in; "" for a look in the light.
        lamp_type: Type of the lamp that must be on where the agent holds the object; "" elsewhere.
        count: Number of different objects that must lie in one receptacle.
    """

    task_type: TaskType
    object_type: str
    object_facts: frozenset[str]
    receptacle_type: str
    lamp_type: str
    count: int

    @property
    def process(self) -> str:
        """The flag that the object must get: "isclean", "ishot", "iscool" or ""."""
        return next((fact for fact in _PROCESS if fact in self.object_facts), "")


def check_task_type(name: str) -> TaskType:
    """Return a type of task by its name.

    Raises:
        UnknownNameError: There is none of this name. The message lists close matches.
    """
    for known in TASK_TYPES:
        if known == name:
            return known
    raise suggest("task type", str(name), TASK_TYPES)


def read_goal(expression: Expression) -> Goal:
    """Recognise a goal.

    Args:
        expression: What stands in `(:goal ...)`.

    Raises:
        PddlError: It is none of the six kinds of task. The message quotes the part that is not known.
    """
    atoms: list[Atom] = []
    apart: list[Atom] = []
    _flatten(expression, atoms, apart)
    facts: dict[str, set[str]] = {}
    types: dict[str, dict[str, str]] = {"objecttype": {}, "receptacletype": {}}
    inside: set[Atom] = set()
    held = set()
    for name, *arguments in atoms:
        if name in types and len(arguments) == 2:
            types[name][arguments[0]] = arguments[1]
        elif name == "inreceptacle" and len(arguments) == 2:
            inside.add(tuple(arguments))
        elif name == "holds" and len(arguments) == 2:
            held.add(arguments[1])
        elif name in _OBJECT_FACTS and len(arguments) == 1:
            facts.setdefault(arguments[0], set()).add(name)
        elif name not in ("atlocation", "receptacleatlocation"):
            raise PddlError(
                f"the goal speaks of {show([name, *arguments])}, which is no part of a known task"
            )
    read = _light(types, inside, held, facts) if held else _placing(types, inside, facts, apart)
    if read is None:
        raise PddlError(f"its goal {show(expression)} is none of the six kinds of task")
    return read


def _flatten(expression: Expression, atoms: list[Atom], apart: list[Atom]) -> None:
    """Collect the atoms of a conjunction under `exists`, and the pairs of variables that must differ."""
    match expression:
        case ["and", *parts]:
            for part in parts:
                _flatten(part, atoms, apart)
        case ["exists", [*_], inner]:
            _flatten(inner, atoms, apart)
        case ["not", ["=", str(one), str(other)]]:
            apart.append((one, other))
        case [str(name), *arguments] if name not in ("or", "not", "forall", "imply", "when") and all(
            isinstance(argument, str) for argument in arguments
        ):
            atoms.append((name, *(str(argument) for argument in arguments)))
        case _:
            raise PddlError(f"the engine does not know {show(expression)} in a goal")


def _placing(
    types: dict[str, dict[str, str]], inside: set[Atom], facts: dict[str, set[str]], apart: list[Atom]
) -> Goal | None:
    objects, receptacles = types["objecttype"], types["receptacletype"]
    if (
        len(receptacles) != 1
        or len(set(objects.values())) != 1
        or len(objects) != 1 + len(apart)
        or len(apart) > 1
    ):
        return None
    (receptacle, receptacle_type), kind = *receptacles.items(), next(iter(objects.values()))
    if inside != {(one, receptacle) for one in objects} or facts.keys() - objects.keys():
        return None
    wanted = {frozenset(facts.get(one, ())) for one in objects}
    if len(wanted) != 1:
        return None
    (needed,) = wanted
    done = [task for fact, task in _PROCESS.items() if fact in needed]
    if len(done) + len(apart) > 1:
        return None
    task: TaskType = "pick_two_obj_and_place" if apart else done[0] if done else "pick_and_place_simple"
    return Goal(task, kind, needed, receptacle_type, "", 1 + len(apart))


def _light(
    types: dict[str, dict[str, str]], inside: set[Atom], held: set[str], facts: dict[str, set[str]]
) -> Goal | None:
    objects = types["objecttype"]
    lamps = [name for name, known in facts.items() if "istoggled" in known]
    if len(held) != 1 or len(lamps) != 1 or types["receptacletype"] or objects.keys() != {*held, *lamps}:
        return None
    (thing,), (lamp,) = held, lamps
    if thing == lamp or {one for one, _ in inside} != {lamp} or facts[lamp] - {"toggleable", "istoggled"}:
        return None
    needed = frozenset(facts.get(thing, ()))
    return Goal("look_at_obj_in_light", objects[thing], needed, "", objects[lamp], 1)
