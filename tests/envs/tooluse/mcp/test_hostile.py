"""Servers that die, hang, flood or lie: an observation or a clear error, and no process left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from envs.tooluse.mcp.env import McpEnv
from envs.tooluse.mcp.link import McpServerError
from tests.envs.tooluse.mcp import hostile_server
from tests.envs.tooluse.mcp.processes import appears, ended, gone, running

_SCRIPT = Path(hostile_server.__file__)
_TASKS = [{"id": "only", "instruction": "Call good.", "outputs": ["done"]}]


@pytest.fixture
def mark() -> str:
    """A word in the command line of the server, to find it by."""
    return f"mark-{time.time_ns()}"


@pytest.fixture
def env(mark: str) -> Iterator[McpEnv]:
    made = McpEnv(
        server=[sys.executable, str(_SCRIPT), mark],
        tasks=_TASKS,
        timeout_s=2.0,
    )
    made.reset(seed=0)
    yield made
    made.close()
    assert ended(mark)


def _call(env: McpEnv, name: str) -> tuple[str, dict[str, Any]]:
    observation, _, terminated, truncated, info = env.step(
        f'<tool_call>{{"name": "{name}", "arguments": {{}}}}</tool_call>'
    )
    assert not terminated and not truncated
    return observation, info


def test_mcp__a_failed_call_is_told(env: McpEnv) -> None:
    assert "Error: fine" in _call(env, "fail")[0]
    assert "fine" in _call(env, "good")[0]


def test_mcp__an_error_of_the_protocol_is_an_answer(env: McpEnv) -> None:
    observation, info = _call(env, "refuse")
    assert "Error: not on Sundays" in observation and not info["extra"]["server_gone"]
    assert "fine" in _call(env, "good")[0]


def test_mcp__parameters_may_have_any_name(env: McpEnv) -> None:
    arguments = '{"name": 1, "self": 2, "tool": 3, "arguments": 4}'
    observation, *_ = env.step(f'<tool_call>{{"name": "fail", "arguments": {arguments}}}</tool_call>')
    assert "Error: fine" in observation


def test_mcp__a_schema_without_end_is_told(env: McpEnv) -> None:
    observation, *_, info = env.step('<tool_call>{"name": "good", "arguments": {"x": 1}}</tool_call>')
    assert "schema of this tool cannot be used" in observation and not info["action_valid"]


def test_mcp__a_server_that_dies_is_told_with_its_last_words(env: McpEnv) -> None:
    observation, info = _call(env, "die")
    assert "Error: " in observation and info["extra"]["server_gone"]
    assert "gone until the next episode" in _call(env, "good")[0]
    env.reset(seed=1)
    observation, info = _call(env, "good")
    assert "fine" in observation and not info["extra"]["server_gone"]


def test_mcp__a_server_that_hangs_is_ended(env: McpEnv, mark: str) -> None:
    observation, info = _call(env, "hang")
    assert "no answer within 2 s" in observation and info["extra"]["server_gone"]
    assert ended(mark)


def test_mcp__a_flood_without_a_line_end_is_cut_off(env: McpEnv, mark: str) -> None:
    observation, info = _call(env, "flood")
    assert "Error: " in observation and info["extra"]["server_gone"]
    assert ended(mark)


def test_mcp__garbage_between_messages_is_passed_over(env: McpEnv) -> None:
    assert "fine" in _call(env, "garbage")[0]


def test_mcp__a_huge_answer_is_cut(env: McpEnv) -> None:
    observation, _ = _call(env, "huge")
    assert "(cut)" in observation and len(observation) < 25_000


def test_mcp__an_answer_of_the_wrong_shape_is_an_error(env: McpEnv) -> None:
    observation, info = _call(env, "wrong")
    assert "cannot answer" in observation and info["extra"]["server_gone"]


def test_mcp__children_of_the_server_end_with_it(env: McpEnv) -> None:
    observation, _ = _call(env, "spawn")
    child = int("".join(c for c in observation if c.isdigit()))
    assert appears(child)
    env.close()
    assert gone(child)


def test_mcp__a_forgotten_environment_ends_its_server(mark: str) -> None:
    env = McpEnv(server=[sys.executable, str(_SCRIPT), mark], tasks=_TASKS)
    env.reset(seed=0)
    assert running(mark)
    del env
    gc.collect()
    assert ended(mark)


def test_mcp__a_killed_parent_leaves_no_server(mark: str) -> None:
    program = (
        "import time\nfrom envs.tooluse.mcp.env import McpEnv\n"
        f"env = McpEnv(server={[sys.executable, str(_SCRIPT), mark]!r}, tasks={_TASKS!r}, timeout_s=60)\n"
        "env.reset(seed=0)\n"
        'env.step(\'<tool_call>{"name": "hang", "arguments": {}}</tool_call>\')'
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    while not [pid for pid in running(mark) if pid != parent.pid]:
        assert parent.poll() is None
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    assert ended(mark)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/no/such/program"], "cannot be used"),
        ([sys.executable, "-c", "import sys; sys.exit('no paper')"], "no paper"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "not ready after 2 s"),
        ([sys.executable, "-c", "while True: print('hello')"], "cannot be used"),
    ],
)
def test_mcp__a_server_that_does_not_start_is_an_error(command: list[str], reason: str) -> None:
    env = McpEnv(server=command, tasks=_TASKS, start_timeout_s=2.0)
    with pytest.raises(McpServerError, match=reason):
        env.reset(seed=0)
    env.close()


def test_mcp__an_address_without_a_server_is_an_error() -> None:
    env = McpEnv(server="http://127.0.0.1:9/mcp", tasks=_TASKS)
    with pytest.raises(McpServerError, match=r"http://127\.0\.0\.1:9/mcp cannot be used"):
        env.reset(seed=0)
    env.close()
