"""The PDDL domain and the text grammar that the engine implements, and the check that a game uses them.

Every ALFWorld game carries its own copy of both. The engine is not an interpreter: it implements the
actions of `data/alfred.pddl` and the sentences of `data/alfred.twl2`. A game whose copy says something else
is refused, never played wrongly. One difference is known and allowed: which receptacles clean an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from envs.alfworld.pddl import Expression, PddlError, read_expression, show

__all__ = ["DOMAIN", "check_domain", "check_grammar", "write_grammar"]

_FOLDER: Final = files("envs.alfworld") / "data"
DOMAIN: Final = (_FOLDER / "alfred.pddl").read_text(encoding="ascii")
"""The domain that generated games embed; a Sink and a SinkBasin clean."""

_GRAMMAR: Final = (_FOLDER / "alfred.twl2").read_text(encoding="ascii")
_TASK: Final = re.compile(r'"Your task is to: ((?:[^"\\]|\\.)*)"')
_SENTENCE: Final = re.compile(r'(?:"(?:condition|rhs)"|template|feedback)\s*::?\s*("(?:[^"\\]|\\.)*")')
_HELP: Final = ("Available commands:", "#help.feedback#")


@lru_cache(maxsize=8)
def check_domain(text: str) -> frozenset[str]:
    """Check that the engine implements a domain.

    Args:
        text: The PDDL of the domain.

    Returns:
        The types of receptacles that clean an object, lower case: {"sinktype", "sinkbasintype"}.

    Raises:
        PddlError: It is broken, or an action differs from what the engine does. The message names the action.
    """
    known, found = _known_actions(), _actions(read_expression(text))
    cleaners = frozenset[str]()
    for name, action in found.items():
        if name not in known:
            raise PddlError(f"its domain has an action {name!r} that the engine does not know")
        if name == "cleanobject":
            action, cleaners = _without_cleaners(action)
        if action != known[name]:
            raise PddlError(
                f"its domain's action {name!r} is not the one that the engine knows: {show(action)}"
            )
    missing = sorted(known.keys() - found.keys())
    if missing:
        raise PddlError(f"its domain lacks the actions {', '.join(missing)}")
    return cleaners


def check_grammar(text: str) -> str:
    """Check that the engine speaks a grammar.

    Args:
        text: The grammar of a game, in TextWorld's format.

    Returns:
        The sentence of the task: "put a mug in desk."

    Raises:
        PddlError: It names no task, or its sentences are not those of ALFWorld 0.4.
    """
    task = _TASK.search(text)
    if task is None:
        raise PddlError('its grammar has no sentence "Your task is to: ..."')
    _check_sentences(text[: task.start()] + text[task.end() :])
    try:
        return str(json.loads(f'"{task[1]}"'))
    except ValueError as error:
        raise PddlError(f"the sentence of its task is no JSON text: {error}") from error


def write_grammar(task: str) -> str:
    """Write the grammar of a game with this task: "put a mug in desk."."""
    return _GRAMMAR.replace("{task}", json.dumps(task)[1:-1])


@lru_cache(maxsize=8)
def _check_sentences(text: str) -> None:
    for number, (found, known) in enumerate(zip(_sentences(text), _known_sentences(), strict=False), start=1):
        if found != known:
            raise PddlError(
                f"sentence {number} of its grammar is {found[:80]}, not {known[:80]} as in ALFWorld 0.4, "
                "whose games alone can be played"
            )
    if len(_sentences(text)) != len(_known_sentences()):
        raise PddlError("its grammar is cut off or has more sentences than that of ALFWorld 0.4")


@cache
def _known_sentences() -> list[str]:
    return _sentences(_TASK.sub("", _GRAMMAR))


def _sentences(grammar: str) -> list[str]:
    return [
        " ".join(sentence.split())
        for sentence in _SENTENCE.findall(grammar)
        if not any(word in sentence for word in _HELP)
    ]


@cache
def _known_actions() -> Mapping[str, Expression]:
    actions = _actions(read_expression(DOMAIN))
    return {**actions, "cleanobject": _without_cleaners(actions["cleanobject"])[0]}


def _actions(domain: list[Expression]) -> dict[str, Expression]:
    return {
        str(part[1]): part
        for part in domain
        if isinstance(part, list) and len(part) > 1 and part[0] == ":action"
    }


def _without_cleaners(action: Expression) -> tuple[Expression, frozenset[str]]:
    """Take the types of receptacles out of the precondition of the action that cleans."""
    types = set[str]()

    def walk(part: Expression) -> Expression:
        match part:
            case ["receptacletype", "?r", str(name)]:
                types.add(name)
                return "receptacletype"
            case list():
                walked = [walk(each) for each in part]
                return [
                    each
                    for i, each in enumerate(walked)
                    if each != "receptacletype" or each not in walked[:i]
                ]
            case _:
                return part

    return walk(action), frozenset(types)
