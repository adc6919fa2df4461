"""Python calls: `[refund(order="7"), today()]`, read by `ast` and never run."""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Sequence
from typing import Any

from envs.tooluse.core.call import ToolCall, ToolResult, quoted
from envs.tooluse.core.tool import Toolbox
from envs.tooluse.formats.message import MAX_CALLS, FormatFault, Message

__all__ = ["PycallFormat", "read_calls"]

_MAX_CHARACTERS = 100_000
_MAX_DEPTH = 60
_LOOKS_LIKE_CALLS = re.compile(r"\[.*\]|[A-Za-z_][\w.]*\(.*\)", re.DOTALL)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class PycallFormat:
    """A list of Python calls, or one call; any other text is a reply.

    Arguments are literals. Those without a name are bound in the order of the tool's parameters. A reply that
    looks like a call is written as the pseudo-call `respond(content="...")`.
    """

    name = "pycall"

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text."""
        body = text.strip()
        if not _LOOKS_LIKE_CALLS.fullmatch(body):
            return Message(text=body)
        calls = read_calls(body, tools)
        if len(calls) == 1 and calls[0].name == "respond" and "respond" not in tools:
            content = calls[0].arguments.get("content")
            if not isinstance(content, str):
                raise FormatFault("respond has one argument, content, a text.")
            return Message(text=content)
        return Message(calls)

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message; what is said beside calls is left out, for there is no place for it."""
        if message.calls:
            return f"[{', '.join(map(_write, message.calls))}]"
        text = message.text
        plain = text == text.strip() and not _LOOKS_LIKE_CALLS.fullmatch(text)
        return text if plain else _write(ToolCall("respond", {"content": text}))

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        return "\n".join(result.output for result in results)

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            "To call tools, write a list of Python calls and nothing else: [tool(argument=value), ...]. "
            "Values are literals. Any other text is a reply."
        )


def read_calls(text: str, tools: Toolbox) -> tuple[ToolCall, ...]:
    """Read a list of Python calls, or one call.

    Args:
        text: The calls.
        tools: For the order of their parameters.

    Raises:
        FormatFault: It is something else, or too long or too deep.
    """
    if len(text) > _MAX_CHARACTERS or _depth(text) > _MAX_DEPTH:
        raise FormatFault("The calls are too long or too deeply nested.")
    try:
        with warnings.catch_warnings(action="ignore"):  # of "\d" in a text
            tree = ast.parse(text, mode="eval").body
    except _UNREADABLE as error:
        raise FormatFault(
            f"This is no list of Python calls ({quoted(str(error))}): {quoted(text)}."
        ) from None
    nodes = tree.elts if isinstance(tree, ast.List) else [tree]
    if not 1 <= len(nodes) <= MAX_CALLS:
        raise FormatFault(f"There are {len(nodes)} calls. Make at least 1 and at most {MAX_CALLS}.")
    return tuple(_call(node, tools) for node in nodes)


def _depth(text: str) -> int:
    """Bound the nesting of a text from above: brackets, signs in a row and operators each make a level."""
    deepest = depth = signs = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        signs = signs + 1 if character in "-+~" else signs * (character == " ")
        deepest = max(deepest, depth + signs)
    return deepest


def _call(node: ast.expr, tools: Toolbox) -> ToolCall:
    if not isinstance(node, ast.Call):
        raise FormatFault(f"This is no call: {_source(node)}.")
    name = _dotted(node.func)
    names = tools[name].schema.names if name in tools else ()
    if len(node.args) > len(names) and name in tools:
        raise FormatFault(f"{name} takes {len(names)} arguments, not {len(node.args)}.")
    arguments = {given: _literal(value) for given, value in zip(names, node.args, strict=False)}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise FormatFault("** is not allowed in a call. Name each argument.")
        if keyword.arg in arguments:
            raise FormatFault(f"The argument {quoted(keyword.arg)} is given twice.")
        arguments[keyword.arg] = _literal(keyword.value)
    return ToolCall(name, arguments)


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise FormatFault(f"A tool is called by its name, not as {_source(node)}.")
    return ".".join([node.id, *reversed(parts)])


def _literal(node: ast.expr) -> Any:
    """Read a literal: the JSON values, and tuples as lists."""
    match node:
        case ast.Constant(value=bool() | str() | int() | None as value):
            return value
        case ast.Constant(value=float() as value) if math.isfinite(value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if (
            not isinstance(value, bool) and (isinstance(value, int) or math.isfinite(value))
        ):
            return -value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_literal(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _mapping(keys, values)
    raise FormatFault(f"An argument is a literal, not {_source(node)}.")


def _mapping(keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in zip(keys, values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or key.value in made:
            raise FormatFault("The keys of a mapping are different texts.")
        made[key.value] = _literal(value)
    return made


def _source(node: ast.expr) -> str:
    return f"{type(node).__name__} at character {node.col_offset}"


def _write(call: ToolCall) -> str:
    return f"{call.name}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})"
