"""MCP-v0 on servers of ours: in memory, in a child process over its streams, and over HTTP."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.mcp.address import read_address
from envs.tooluse.mcp.env import McpEnv
from envs.tooluse.mcp.link import Link
from envs.tooluse.mcp.services import open_service, service_names
from envs.tooluse.mcp.stockroom import SPLITS, Stockroom, numbered, stockroom_task
from envs.tooluse.mcp.task import read_tasks

_SERVE = [sys.executable, "-m", "agentgym", "mcp", "serve"]
_RECORD = {"id": "a", "instruction": "Put a nut on A1.", "outputs": ["done"]}


def _expert(env: McpEnv, task: str) -> list[tuple[Any, ...]]:
    """Play the expert's episode; return what was seen."""
    told: list[tuple[Any, ...]] = [env.reset(seed=1, options={"task": task})]
    while not (len(told) > 1 and told[-1][2]):
        told.append(env.step(env.oracle_action()))
    return told


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a stockroom that a child process serves over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([*_SERVE, "stockroom", "--http", "--port", str(port)])
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/mcp"
    process.terminate()
    process.wait()


@pytest.mark.slow
def test_mcp__keeps_the_contract() -> None:
    check_text_env("agentgym/MCP-v0", episodes=2, resets=200)


@pytest.mark.slow
def test_mcp__a_child_process_plays_as_memory_does() -> None:
    tasks = numbered("test")[:4]
    near, far = McpEnv(), McpEnv(server=[*_SERVE, "stockroom"], tasks="stockroom")
    for task in tasks:
        assert _expert(near, task) == _expert(far, task)
    near.close()
    far.close()


@pytest.mark.slow
def test_mcp__http_plays_as_memory_does(url: str) -> None:
    near, far = McpEnv(), McpEnv(server=url, tasks="stockroom")
    for task in numbered("validation")[:4]:
        assert _expert(near, task) == _expert(far, task)
    twin = pickle.loads(pickle.dumps(far))
    assert twin.snapshot() == far.snapshot()
    for env in (near, far, twin):
        env.close()


def test_mcp__restart_gives_a_fresh_server() -> None:
    put = {"name": "put", "arguments": {"shelf": "A1", "item": "nut", "amount": 3}}
    env = McpEnv(server="memory:stockroom", tasks=[{**_RECORD, "calls": [put]}], hidden=["prepare"])
    first, second = _expert(env, "a"), _expert(env, "a")
    assert first == second and second[-1][1] == 1.0
    assert "There are now 3 of nut" in second[1][0]
    env.close()


def test_mcp__without_tasks_says_so() -> None:
    with pytest.raises(ArgumentError, match="`tasks` is missing"):
        McpEnv(server="memory:shop")


def test_mcp__hides_the_tools_of_the_setup() -> None:
    env = McpEnv()
    env.reset(seed=0)
    assert "prepare" not in [tool["function"]["name"] for tool in env.tools]
    observation, *_ = env.step('<tool_call>{"name": "prepare", "arguments": {"task": "x"}}</tool_call>')
    assert "there is no tool 'prepare'" in observation
    env.close()


def test_mcp__doing_nothing_earns_nothing() -> None:
    env = McpEnv()
    for task in numbered("test")[:40]:
        env.reset(options={"task": task})
        _, reward, terminated, *_ = env.step("Done.")
        assert terminated and reward == 0.0
    env.close()


def test_mcp__check_is_asked_for_the_score() -> None:
    seen: list[tuple[Any, int]] = []

    def check(state: Any, messages: Sequence[Mapping[str, Any]]) -> float:
        seen.append((state, len(messages)))
        return 0.25

    env = McpEnv(
        server="memory:stockroom", tasks=[{"id": "a", "instruction": "Do as you like."}], check=check
    )
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step("I am done.")
    assert (reward, terminated, info["success"]) == (0.25, True, False)
    assert seen[0][0]["A1"] and seen[0][1] == 2
    env.close()


@pytest.mark.parametrize("check", ["json", "json:no_such_name", "no_such_module:x", 7])
def test_mcp__check_must_be_a_function(check: Any) -> None:
    with pytest.raises(ArgumentError, match="`check` is"):
        McpEnv(server="memory:stockroom", tasks=[_RECORD], check=check)


def test_mcp__a_check_outside_its_range_is_an_error() -> None:
    env = McpEnv(server="memory:stockroom", tasks=[_RECORD], check=lambda state, messages: 2.0)
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="must return a number from 0 to 1"):
        env.step("Done.")
    env.close()


def test_mcp__a_server_that_does_not_repeat_itself_cannot_be_restored() -> None:
    env = McpEnv()
    env.reset(seed=0)
    env.step(env.oracle_action())
    frozen = json.loads(env.snapshot())
    frozen["state"]["own"]["history"][0][2] = "something else"
    before = env.snapshot()
    with pytest.raises(DataError, match="does not repeat itself"):
        env.restore(json.dumps(frozen).encode())
    assert env.snapshot() == before
    env.close()


@pytest.mark.parametrize("name", service_names())
def test_service__is_served_with_its_schemas(name: str) -> None:
    if name == "python" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    link = Link(read_address(f"memory:{name}"), start_s=60.0, call_s=10.0)
    tools = link.tools()
    assert tools and all(tool.input_schema["type"] == "object" for tool in tools)
    text, failed = link.call("no such tool", {})
    assert failed and "no such tool" in text
    link.close()


def test_service__calculator_computes() -> None:
    link = Link(read_address("memory:calculator"), start_s=60.0, call_s=10.0)
    assert link.call("calculator", {"expression": "2**10"}) == ("1024", False)
    assert link.call("calculator", {"expression": "1/0"}) == ("It divides by zero.", True)
    assert link.call("calculator", {"wrong": 1})[1]
    link.close()


def test_service__an_unknown_name_lists_close_ones() -> None:
    with pytest.raises(UnknownNameError, match="stockroom"):
        open_service("stockrom")


def test_mcp_serve__an_unknown_name_is_one_line() -> None:
    done = subprocess.run([*_SERVE, "shoop"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Did you mean 'shop'" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([], "no JSON object"),
        ({"instruction": "x"}, "'id' is ''"),
        ({"id": "a"}, "'instruction' is ''"),
        ({**_RECORD, "calls": [{"arguments": {}}]}, "task 'a': 'calls' holds"),
        ({**_RECORD, "setup": "reset"}, "task 'a': 'setup' is 'reset'"),
        ({**_RECORD, "outputs": [1]}, "task 'a': 'outputs' is"),
        ({**_RECORD, "reply": ""}, "task 'a': 'reply' is ''"),
    ],
)
def test_tasks__a_broken_record_is_named(tmp_path: Path, record: Any, message: str) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({**_RECORD, "id": "first"}) + "\n" + json.dumps(record) + "\n")
    with pytest.raises(DataError, match=re.escape(f"{path}, line 2")) as raised:
        read_tasks(path)
    assert message in str(raised.value)


def test_tasks__an_instruction_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    record = {**_RECORD, "instruction": "One\u2028two\x85"}
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    assert [task.instruction for task in read_tasks(path)] == [record["instruction"]]


def test_tasks__nothing_to_judge_by_is_an_error() -> None:
    with pytest.raises(DataError, match="Nothing tells whether task 'a' is done"):
        McpEnv(server="memory:shop", tasks=[{"id": "a", "instruction": "Hello."}])


def test_tasks__two_of_one_name_are_an_error() -> None:
    with pytest.raises(DataError, match="Two tasks are called 'a'"):
        read_tasks([_RECORD, _RECORD])


def test_stockroom__the_experts_calls_lead_to_the_state() -> None:
    for split in SPLITS:
        for name in numbered(split)[:40]:
            task = stockroom_task(name)
            assert task.state is not None and (task.outputs or len(task.calls) > 1)


def test_stockroom__splits_share_no_task() -> None:
    texts = [
        {
            stockroom_task(name).instruction + json.dumps(stockroom_task(name).state)
            for name in numbered(split)[:100]
        }
        for split in SPLITS
    ]
    assert not texts[0] & texts[1] and not texts[0] & texts[2] and not texts[1] & texts[2]


def test_stockroom__refuses_what_cannot_be() -> None:
    room = Stockroom({"A1": {"nut": 2}, "A2": {}})
    for call in (
        lambda: room.take("A1", "nut", 3),
        lambda: room.move("nut", "A1", "B9", 1),
        lambda: room.put("A1", "nut", 0),
        lambda: room.load({"A1": {"nut": -1}}),
    ):
        with pytest.raises((ValueError, DataError)):
            call()
        assert room.save() == {"A1": {"nut": 2}, "A2": {}}
    assert room.move("nut", "A1", "A2", 2) == "There are now 2 of nut on A2."
    assert room.save() == {"A1": {}, "A2": {"nut": 2}}


def test_mcp__random_junk_never_raises() -> None:
    env, rng = McpEnv(max_steps=30), np.random.default_rng(0)
    env.reset(seed=0)
    for _ in range(20):
        name = ["put", "take", "move", "find_item", "nothing"][int(rng.integers(5))]
        arguments = {"shelf": ["A1", 3, None, {}][int(rng.integers(4))], "amount": int(rng.integers(-5, 5))}
        *_, info = env.step(f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>")
        assert info["score"] == 0.0
    env.close()
