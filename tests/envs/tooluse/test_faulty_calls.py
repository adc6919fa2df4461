"""Every tool of every family, called with what does not fit it: told to the agent, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import agentgym  # noqa: F401 - registers the ids
from envs.tooluse.core import Tool, ToolCall, run_call
from envs.tooluse.core.env import ToolEnv
from envs.tooluse.customer.database import Database
from envs.tooluse.customer.sources import domain_named
from envs.tooluse.customer.task import TRANSFER, Domain
from envs.tooluse.functions.services import SERVICES

ODD: tuple[Any, ...] = (None, True, -1, 0.5, "\0", [], [[1]], {}, {"": {}})


def _env(id: str, **kwargs: Any) -> ToolEnv:
    made = gymnasium.make(id, action_format="openai", max_steps=10_000, **kwargs).unwrapped
    assert isinstance(made, ToolEnv)
    return made


def _fitting(schema: dict[str, Any]) -> Any:
    """Make a value that fits the schema of a parameter."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        return {name: _fitting(schema["properties"][name]) for name in schema.get("required", ())}
    plain = {"string": "x", "integer": 1, "number": 1.5, "boolean": False, "array": [], "null": None}
    return plain[kind]


def _misfits(tool: Tool) -> Iterator[dict[str, Any]]:
    """Yield arguments that break the tool's schema: one lacks, one is too many, one is of another type."""
    properties = tool.schema.parameters.get("properties", {})
    required = tool.schema.parameters.get("required", [])
    fitting = {name: _fitting(properties[name]) for name in required}
    assert tool.schema.fault(fitting) == ""
    yield {**fitting, "surplus": 1}
    for name in required:
        yield {other: value for other, value in fitting.items() if other != name}
    for name, odd in ((name, odd) for name in properties for odd in ODD):
        if tool.schema.fault({**fitting, name: odd}):
            yield {**fitting, name: odd}


def _try_all(env: ToolEnv, tried: set[str]) -> None:
    """Call each tool that was not tried before with all that does not fit it."""
    key = env.reset(seed=0)[1]["state_key"]
    for name in [name for name in env.toolbox if name not in tried]:
        for arguments in _misfits(env.toolbox[name]):
            _refused(env, json.dumps({"name": name, "arguments": arguments}), key)
        _refused(env, f'{{"name": "{name}", "arguments": {{', key)
        _refused(env, json.dumps({"name": f"{name}_"}), key)
        tried.add(name)


def _refused(env: ToolEnv, action: str, key: str) -> None:
    observation, reward, terminated, truncated, info = env.step(action)
    assert "Error" in observation and (reward, terminated, truncated) == (0.0, False, False), action
    assert info["state_key"] == key and not info["action_valid"], action


@pytest.mark.parametrize("id", ["CustomerService", "SearchQA", "MCP"])
def test_tools__what_does_not_fit_changes_nothing(id: str) -> None:
    env = _env(f"agentgym/{id}-v0")
    tried: set[str] = set()
    _try_all(env, tried)
    assert tried
    env.close()


def test_tools__of_mathematics_are_not_run_with_what_does_not_fit() -> None:
    tried: set[str] = set()
    _try_all(_env("agentgym/PythonMath-v0", tools=["calculator"]), tried)
    assert tried == {"calculator", "answer"}


def test_tools__of_the_eight_services_are_not_run_with_what_does_not_fit() -> None:
    tried: set[str] = set()
    for service in SERVICES:
        _try_all(_env("agentgym/FunctionCalling-v0", services=[service]), tried)
    assert len(tried) == 128


@pytest.mark.data
@pytest.mark.parametrize(("domain", "count"), [("retail", 16), ("airline", 14)])
def test_tools__of_tau_bench_are_not_run_with_what_does_not_fit(
    data_root: Path, domain: str, count: int
) -> None:
    tried: set[str] = set()
    _try_all(_env("agentgym/CustomerService-v0", domain=domain, data=data_root / "tau_bench"), tried)
    assert len(tried) == count


def _mixed(source: Domain) -> tuple[int, int]:
    """Make calls of the ground truth, each with one argument of another call.

    Returns:
        How many failed, which must have changed no row, and how many changed one.
    """
    made = [
        (task, call)
        for task in source.tasks("test")[:115]
        for call in source.task(task).actions
        if call.name != TRANSFER
    ]
    values: dict[str, list[Any]] = {}
    for name, value in (pair for _, call in made for pair in call.arguments.items()):
        values.setdefault(name, []).append(value)
    chance = np.random.default_rng(0)
    failed = written = 0
    for task, call, name in ((*each, name) for each in made for name in each[1].arguments):
        database = Database(source.base(task))
        arguments = {**call.arguments, name: values[name][chance.integers(len(values[name]))]}
        result = run_call(source.service(database).tools, ToolCall(call.name, arguments))
        if result.output.startswith("Error"):
            failed += 1
            assert not database.changed(), (call.name, arguments)
        written += bool(database.changed())
    return failed, written


def test_tools__of_the_shop_write_all_or_nothing() -> None:
    failed, written = _mixed(domain_named("shop", None))
    assert failed > 50 and written > 50


@pytest.mark.data
@pytest.mark.parametrize("domain", ["retail", "airline"])
def test_tools__of_tau_bench_write_all_or_nothing(data_root: Path, domain: str) -> None:
    failed, written = _mixed(domain_named(domain, data_root / "tau_bench"))
    assert failed > 50 and written > 50
