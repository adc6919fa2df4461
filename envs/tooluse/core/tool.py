"""`Tool`: a function that an agent may call, with the JSON schema of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MethodType
from typing import Any

from agentgym.errors import ArgumentError
from envs.tooluse.core.call import ToolCall, ToolResult, quoted, text_of
from envs.tooluse.core.schema import ArgumentSchema, derive_schema

__all__ = ["Tool", "Toolbox", "run_call", "tool", "toolbox"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that an agent may call.

    As an attribute of a class it is bound like a method: `service.refund` is the tool of that instance.

    Attributes:
        name: Its name.
        description: What it does, for the agent.
        schema: The schema of its arguments.
        function: What is run, with the arguments as keywords.
    """

    name: str
    description: str
    schema: ArgumentSchema
    function: Callable[..., Any]

    def __get__(self, instance: object, owner: type | None = None) -> Tool:
        if instance is None:
            return self
        return Tool(self.name, self.description, self.schema, MethodType(self.function, instance))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function, unchecked."""
        return self.function(*args, **kwargs)

    @classmethod
    def from_openai(cls, record: Mapping[str, Any], function: Callable[..., Any]) -> Tool:
        """Make a tool of an OpenAI function schema (with or without its outer `{"type": "function"}`)."""
        inner = record.get("function", record)
        return cls(inner["name"], inner["description"], ArgumentSchema(inner["parameters"]), function)

    def openai(self) -> dict[str, Any]:
        """Return the OpenAI function schema."""
        inner = {"name": self.name, "description": self.description, "parameters": self.schema.parameters}
        return {"type": "function", "function": inner}


Toolbox = Mapping[str, Tool]
"""The tools that an agent has, by name."""


def tool(function: Callable[..., Any]) -> Tool:
    """Make a tool of a function (or method) with types and a Google docstring.

    Raises:
        ArgumentError: A parameter has no type, or one that has no JSON schema.
    """
    description, parameters = derive_schema(function)
    return Tool(function.__name__, description, ArgumentSchema(parameters), function)


def toolbox(tools: Iterable[Tool]) -> dict[str, Tool]:
    """Put tools into a box.

    Raises:
        ArgumentError: Two tools have one name.
    """
    box: dict[str, Tool] = {}
    for each in tools:
        if each.name in box:
            raise ArgumentError(f"There are two tools named {each.name!r}. Rename one.")
        box[each.name] = each
    return box


def run_call(box: Toolbox, call: ToolCall, *, failure: str = "Error: {error}") -> ToolResult:
    """Run a call. Whatever the call holds, this does not raise.

    Args:
        box: The tools that there are.
        call: An unknown tool, or arguments that break its schema, are not run.
        failure: What is said where the tool raises; "{error}" stands for the exception.
    """
    chosen = box.get(call.name)
    if chosen is None:
        return _refusal(call, _unknown(call.name, box))
    fault = chosen.schema.fault(call.arguments)
    if fault:
        return _refusal(call, f"{fault} Nothing was done; call {call.name} again with arguments that fit.")
    try:
        return ToolResult(call, text_of(chosen.function(**call.arguments)))
    except Exception as error:  # whatever a tool raises is told to the agent, as a server would
        return ToolResult(call, failure.format(error=error), failed=True)


def _refusal(call: ToolCall, why: str) -> ToolResult:
    return ToolResult(call, f"Error: {why}", ran=False, failed=True)


def _unknown(name: str, box: Toolbox) -> str:
    close = get_close_matches(name[:100], box, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"The tools are: {', '.join(box) or 'none'}."
    return f"there is no tool {quoted(name)}. {hint} Nothing was done."
