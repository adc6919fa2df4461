"""What an agent is told of a function: the benchmark's document, or ours from types and docstring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from agentgym.errors import DataError
from envs.tooluse.core.schema import ArgumentSchema, derive_schema
from envs.tooluse.core.tool import Tool
from envs.tooluse.functions.services import SERVICES, FunctionService

__all__ = ["Document", "document_from_json", "own_documents"]

_KINDS: Final = {"dict": "object", "float": "number", "tuple": "array"}
_MAX_DEPTH: Final = 20


@dataclass(frozen=True)
class Document:
    """Name, description and parameters of a function.

    Attributes:
        name: Its name.
        description: What it does.
        schema: The JSON schema of its arguments; the order of its parameters binds those without a name.
        kinds: The kinds of the parameters as the benchmark writes them ("float", "dict", ...): the document's
            own `parameters`.
    """

    name: str
    description: str
    schema: ArgumentSchema
    kinds: Mapping[str, Any]

    def loosened(self) -> Document:
        """Return it with a schema that asks for the names of the parameters alone."""
        parameters = self.schema.parameters
        properties = {
            name: {key: value for key, value in part.items() if key != "type"}
            for name, part in parameters["properties"].items()
        }
        return replace(self, schema=ArgumentSchema({**parameters, "properties": properties}))

    def unchecked(self) -> Document:
        """Return it with a schema that is shown, but refuses nothing."""
        return replace(self, schema=_Unchecked(self.schema.parameters))

    def tool(self, function: Callable[..., Any]) -> Tool:
        """Make a tool of it that runs `function`."""
        return Tool(self.name, self.description, self.schema, function)


class _Unchecked(ArgumentSchema):
    def fault(self, arguments: Mapping[str, Any]) -> str:
        return ""

    def __reduce__(self) -> tuple[type[ArgumentSchema], tuple[dict[str, Any]]]:
        return _Unchecked, (self.parameters,)


def document_from_json(record: Any) -> Document:
    """Read a document of the benchmark. Its kinds are not JSON Schema's: they are translated.

    Raises:
        DataError: It is no document.
    """
    try:
        name, description, parameters = record["name"], record["description"], record["parameters"]
        sound = isinstance(name, str) and isinstance(description, str) and parameters["type"] == "dict"
        if not sound or not isinstance(parameters["properties"], dict):
            raise ValueError("name and description are texts, parameters an object with properties")
        schema = ArgumentSchema({**_translated(parameters, 0), "required": list(parameters["required"])})
    except (LookupError, TypeError, ValueError) as error:
        raise DataError(f"This is no document of a function ({error}).") from error
    return Document(name, description, schema, parameters)


@cache
def own_documents(service: str) -> Mapping[str, Document]:
    """Return the documents of a service's functions, by name, from their types and docstrings."""
    kind = SERVICES[service]
    found = {}
    for name, function in vars(kind).items():
        if callable(function) and not name.startswith("_") and not hasattr(FunctionService, name):
            description, parameters = derive_schema(function)
            found[name] = Document(name, description, ArgumentSchema(parameters), parameters)
    return found


def _translated(schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth > _MAX_DEPTH:
        raise ValueError("its parameters are nested too deeply")
    made = dict(schema)
    kind = made.get("type")
    if kind == "any":
        del made["type"]
    elif isinstance(kind, str):
        made["type"] = _KINDS.get(kind, kind)
    if isinstance(made.get("items"), Mapping):
        made["items"] = _translated(made["items"], depth + 1)
    if isinstance(made.get("properties"), Mapping):
        inner = made["properties"].items()
        made["properties"] = {name: _translated(part, depth + 1) for name, part in inner}
    return made
