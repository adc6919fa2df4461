"""The check of calls that nobody runs: in BFCL's single-turn categories the calls themselves are judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.document import Document

__all__ = ["call_fault", "calls_fault", "expected_calls", "normalised"]

Answer: TypeAlias = Mapping[str, Mapping[str, Any]]

_KINDS: Final[Mapping[str, type[Any]]] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "any": str,
}
_IGNORED: Final = re.compile(r"[ ,./\-_*^]")


def calls_fault(
    calls: Sequence[ToolCall], answers: Sequence[Answer], documents: Mapping[str, Document]
) -> str:
    """Say why calls do not answer a request; "" where they do.

    There must be as many calls as answers; each answer is met by one call, in any order. As in the benchmark,
    an answer takes the first free call that meets it.

    Args:
        calls: The calls.
        answers: `{function: {argument: accepted values}}` for each call that is expected.
        documents: The functions, by name.
    """
    if len(calls) != len(answers):
        return f"{len(calls)} calls were made, {len(answers)} were expected"
    free = list(calls)
    for answer in answers:
        ((name, accepted),) = answer.items()
        faults = [call_fault(call, documents[name], accepted) for call in free]
        if "" not in faults:
            return faults[0] if len(faults) == 1 else f"no call is the expected one of {name}"
        del free[faults.index("")]
    return ""


def call_fault(call: ToolCall, document: Document, accepted: Mapping[str, Any]) -> str:
    """Say why a call is not the expected one; "" where it is.

    Args:
        call: The call.
        document: The function that is expected.
        accepted: The accepted values of each argument; "" among them: it may be left out.
    """
    if call.name != document.name:
        return f"{call.name} was called, {document.name} was expected"
    properties = document.kinds["properties"]
    lacking = [name for name in document.kinds["required"] if name not in call.arguments]
    lacking += [name for name in accepted if name not in call.arguments and "" not in accepted[name]]
    if lacking:
        return f"{lacking[0]} is missing"
    for name, value in call.arguments.items():
        if name not in properties or name not in accepted:
            return f"{name} was not expected"
        if not _fits(value, properties[name], accepted[name]):
            return f"{name} has another value"
    return ""


def normalised(text: str) -> str:
    """Leave out spaces and the signs , . / - _ * ^, and take lower case and double quotes."""
    return _IGNORED.sub("", text).lower().replace("'", '"')


def expected_calls(answers: Sequence[Answer], documents: Mapping[str, Document]) -> tuple[ToolCall, ...]:
    """Write calls that meet answers: each argument takes the first value that is accepted."""
    calls = []
    for answer in answers:
        ((name, accepted),) = answer.items()
        kinds = documents[name].kinds["properties"]
        chosen = {
            argument: _first(values, kinds[argument])
            for argument, values in accepted.items()
            if argument in kinds and any(value != "" for value in values)
        }
        calls.append(ToolCall(name, chosen))
    return tuple(calls)


def _fits(value: Any, schema: Mapping[str, Any], accepted: Sequence[Any]) -> bool:
    kind: Any = _KINDS.get(schema.get("type", "any"), str)
    if kind is float and type(value) is int:
        value = float(value)
    named = _named_type(accepted)
    as_documented = named is None or named is kind
    if type(value) is not kind:  # a variable's name in place of a value
        return named is type(value) and value in accepted
    inner: Any = _KINDS.get(schema.get("items", {}).get("type", "")) if kind is list else None
    if inner is not None and not any(_items_fit(value, inner, each) for each in accepted):
        return False
    if not as_documented:
        return value in accepted
    if kind is dict:
        return any(_mapping_fits(value, each) for each in accepted if each != "")
    if kind is list and inner is dict:
        return any(_mappings_fit(value, each) for each in accepted)
    if kind is str:
        return normalised(value) in [normalised(each) for each in accepted if isinstance(each, str)]
    if kind is list:
        return _plain_list(value) in [_plain_list(each) for each in accepted]
    return value in accepted


def _named_type(accepted: Sequence[Any]) -> type | None:
    """The type of the values that are accepted; None where the argument can only be left out."""
    return next((type(value) for value in accepted if value != ""), None)


def _items_fit(items: Sequence[Any], inner: type, accepted: Any) -> bool:
    if not isinstance(accepted, list):
        return True
    named = _named_type(accepted)
    return all(type(item) in (inner, named) for item in items)


def _plain(value: Any) -> Any:
    return normalised(value) if isinstance(value, str) else value


def _plain_list(values: Sequence[Any]) -> list[Any]:
    return [_plain(value) for value in values]


def _mapping_fits(value: Any, accepted: Any) -> bool:
    """Compare a mapping with `{key: accepted values}`; "" among the values: the key may be left out."""
    if not isinstance(value, Mapping) or not isinstance(accepted, Mapping):
        return False
    known = all(key in accepted and _plain(each) in _plain_list(accepted[key]) for key, each in value.items())
    return known and all(key in value or "" in values for key, values in accepted.items())


def _mappings_fit(values: Sequence[Any], accepted: Any) -> bool:
    if len(values) != len(accepted):
        return False
    return all(_mapping_fits(value, each) for value, each in zip(values, accepted, strict=True))


def _first(accepted: Sequence[Any], schema: Mapping[str, Any]) -> Any:
    value = next(each for each in accepted if each != "")
    if schema.get("type") == "dict" and isinstance(value, Mapping):
        return _first_mapping(value)
    if isinstance(value, list) and schema.get("items", {}).get("type") == "dict":
        return [_first_mapping(each) for each in value]
    return value


def _first_mapping(accepted: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {key: values[0] for key, values in accepted.items() if values[0] != "" or "" not in values[1:]}
