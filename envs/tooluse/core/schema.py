"""JSON schemas of tools: derived from types and docstring, compiled, and explained when broken."""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from agentgym.errors import ArgumentError, MissingExtraError, require
from envs.tooluse.core.call import quoted

__all__ = ["ArgumentSchema", "derive_schema"]

_PLAIN: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Note|Example|Examples):\s*$")
_ENTRY = re.compile(r"^(\w+)(?: \([^)]*\))?:\s*(.*)$")


class ArgumentSchema:
    """The JSON schema of a tool's arguments. It is compiled when it is first used.

    Args:
        parameters: JSON schema of an object. Arguments that it does not name are refused, unless it says
            otherwise itself.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = dict(parameters)

    def __reduce__(self) -> tuple[type[ArgumentSchema], tuple[dict[str, Any]]]:
        return ArgumentSchema, (self.parameters,)  # what was compiled cannot be pickled

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, in order."""
        return tuple(self.parameters.get("properties", {}))

    def fault(self, arguments: Mapping[str, Any]) -> str:
        """Say what is wrong with arguments; "" where nothing is."""
        try:
            error = next(self._validator.iter_errors(arguments), None)
        except MissingExtraError:
            raise
        except Exception as broken:  # whatever a stranger's schema may make the validator raise
            return f"The schema of this tool cannot be used: {quoted(str(broken), 200)}."
        return "" if error is None else _explain(error, self.names)

    @cached_property
    def _validator(self) -> Any:
        jsonschema = require("jsonschema", extra="tooluse", who="A tool")
        referencing = require("referencing", extra="tooluse", who="A tool")
        closed = _without_patterns({"additionalProperties": False, **self.parameters})
        # An empty registry: a schema from a stranger must not make us fetch what it refers to.
        return jsonschema.Draft202012Validator(closed, registry=referencing.Registry())


_BY_NAME = ("properties", "$defs", "definitions", "dependentSchemas")
_VALUES = ("enum", "const", "default", "examples")


def _without_patterns(schema: Any) -> Any:
    """Leave out regular expressions: one of a stranger's could take for ever to match."""
    if isinstance(schema, list):
        return [_without_patterns(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, part in schema.items():
        if key in _BY_NAME and isinstance(part, dict):
            kept[key] = {name: _without_patterns(inner) for name, inner in part.items()}
        elif key in _VALUES:
            kept[key] = part
        elif key not in ("pattern", "patternProperties"):
            kept[key] = _without_patterns(part)
    if "patternProperties" in schema:
        kept["additionalProperties"] = True
    return kept


def derive_schema(function: Callable[..., Any]) -> tuple[str, dict[str, Any]]:
    """Derive a tool's description and parameters from its function.

    Args:
        function: Every parameter has a type: str, int, float, bool, None, Literal, Optional and other unions,
            list, dict with str keys, TypedDict, or Any. `self` is left out. The Google docstring describes it
            and, under "Args:", each parameter.

    Returns:
        The description (the docstring up to its first section) and the JSON schema of the arguments.

    Raises:
        ArgumentError: A parameter has no type, or one that has no schema.
    """
    description, told = _read_docstring(inspect.getdoc(function) or "")
    hints = get_type_hints(function)
    properties: dict[str, Any] = {}
    required = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            continue
        if name not in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ArgumentError(f"`{name}` of the tool {function.__name__} has no type. Annotate it.")
        properties[name] = _schema_of(hints[name], f"`{name}` of the tool {function.__name__}")
        if name in told:
            properties[name]["description"] = told[name]
        if parameter.default is parameter.empty:
            required.append(name)
        elif parameter.default is not None:
            properties[name]["default"] = parameter.default
    return description, {"type": "object", "properties": properties, "required": required}


def _schema_of(hint: Any, where: str) -> dict[str, Any]:
    if hint is Any:
        return {}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        kinds = {_PLAIN[type(value)] for value in inner}
        return {"type": kinds.pop(), "enum": list(inner)} if len(kinds) == 1 else {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return _union([_schema_of(part, where) for part in inner])
    if hint is list or origin is list:
        return {"type": "array", "items": _schema_of(inner[0], where)} if inner else {"type": "array"}
    if hint is dict or origin is dict:
        values = {"additionalProperties": _schema_of(inner[1], where)} if inner else {}
        return {"type": "object", **values}
    if is_typeddict(hint):
        return _typed_dict(hint, where)
    raise ArgumentError(f"{where} is annotated {hint!r}, which has no JSON schema. Use a JSON type.")


_RANK = ("boolean", "integer", "number", "string", "array", "object", "null")


def _union(parts: list[dict[str, Any]]) -> dict[str, Any]:
    # Python keeps unions in an order that depends on what was imported before.
    parts = sorted(parts, key=lambda part: (_rank(part), json.dumps(part)))
    if all(part.keys() == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _rank(part: dict[str, Any]) -> int:
    return _RANK.index(part["type"]) if part.get("type") in _RANK else len(_RANK)


def _typed_dict(hint: Any, where: str) -> dict[str, Any]:
    _, told = _read_docstring(inspect.getdoc(hint) or "", heading="Attributes")
    fields = {name: _schema_of(kind, where) for name, kind in get_type_hints(hint).items()}
    for name in told.keys() & fields.keys():
        fields[name]["description"] = told[name]
    return {
        "type": "object",
        "properties": fields,
        "required": sorted(hint.__required_keys__, key=list(fields).index),
        "additionalProperties": False,
    }


def _read_docstring(text: str, heading: str = "Args") -> tuple[str, dict[str, str]]:
    """Split a Google docstring into what comes before its first section, and the entries of one section."""
    before: list[str] = []
    entries: dict[str, str] = {}
    section, last = "", ""
    for line in text.splitlines():
        found = _SECTION.match(line) or re.match(rf"^({heading}):\s*$", line)
        entry = _ENTRY.match(line.strip())
        if found:
            section = found[1]
        elif not section:
            before.append(line.strip())
        elif section == heading and entry and line.startswith("    ") and not line.startswith("     "):
            last = entry[1]
            entries[last] = entry[2]
        elif section == heading and last and line.strip():
            entries[last] = f"{entries[last]} {line.strip()}"
    return " ".join(filter(None, before)), entries


def _explain(error: Any, names: tuple[str, ...]) -> str:
    where = ".".join(str(step) for step in error.absolute_path)
    subject = f"Argument {quoted(where)}" if where else "The arguments"
    kind, expected = error.validator, error.validator_value
    if kind == "required":
        lacking = [name for name in expected if name not in error.instance]
        return f"{subject} lack{'s' if where else ''} {', '.join(map(quoted, lacking))}."
    if kind == "additionalProperties" and expected is False:
        known = names if not where else tuple(error.schema.get("properties", {}))
        surplus = [name for name in error.instance if name not in known][:5]
        has = f"The parameters are: {', '.join(known)}" if known else "There are no parameters"
        return f"{subject} hold{'s' if where else ''} {', '.join(map(quoted, surplus))}, unknown here. {has}."
    if kind == "type":
        kinds = expected if isinstance(expected, str) else " or ".join(expected)
        return f"{subject} must be of type {kinds}, but is {_shown(error.instance)}."
    if kind == "enum":
        choices = ", ".join(map(_shown, expected[:20]))
        return f"{subject} is {_shown(error.instance)}, but must be one of {choices}."
    return f"{subject} cannot be used: {quoted(error.message, 200)}."


def _shown(value: Any) -> str:
    """Write a JSON value in ASCII, at most 80 characters of it."""
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
