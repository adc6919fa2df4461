from __future__ import annotations

import json

import pytest

from agentgym.errors import DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.core import ToolCall
from envs.tooluse.core.conversation import openai_wire
from envs.tooluse.core.prompt import Detail
from envs.tooluse.formats import FORMATS, Message
from tests.envs.tooluse.core.counter import CounterEnv


def call(env: CounterEnv, *calls: ToolCall) -> str:
    return env._write(Message(calls))


@pytest.mark.parametrize("name", FORMATS)
def test_tool_env__keeps_the_contract_in_every_format(name: str) -> None:
    check_text_env(
        CounterEnv,
        episodes=2,
        resets=50,
        processes=False,
        env_kwargs={"action_format": name, "max_steps": 25},
    )


def test_tool_env__tells_calls_and_results() -> None:
    env = CounterEnv()
    env.reset(seed=1, options={"task": "train/4"})
    calls = ToolCall("add", {"amount": 13}), ToolCall("show", {"form": "json"})
    observation, _, _, _, info = env.step(call(env, *calls))
    assert (
        observation
        == '<tool_response>\n13\n</tool_response>\n<tool_response>\n{"value": 13}\n</tool_response>'
    )
    assert info["extra"]["tool_calls"] == [each.to_record() for each in calls]
    assert info["extra"]["tool_results"] == ["13", '{"value": 13}']
    assert info["extra"]["tools"] == env.tools
    assert [message["role"] for message in info["extra"]["messages"]] == ["user", "assistant", "tool", "tool"]
    assert env.step("It is 13.")[2]


def test_tool_env__runs_nothing_after_the_end() -> None:
    env = CounterEnv()
    env.reset(seed=1)
    _, _, terminated, _, info = env.step(call(env, ToolCall("stop"), ToolCall("add", {"amount": 1})))
    assert terminated
    assert info["extra"]["tool_results"] == ["Stopped"]
    assert env.counter.value == 0


def _nested(levels: int) -> str:
    """Write a call of so many levels, its own object and that of its arguments among them."""
    inner = "[" * (levels - 2) + "1" + "]" * (levels - 2)
    return f'<tool_call>{{"name": "add", "arguments": {{"amount": {inner}}}}}</tool_call>'


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ('<tool_call>{"name": "ad", "arguments": {}}</tool_call>', "Did you mean add?"),
        ('<tool_call>{"name": "add", "arguments": {}}</tool_call>', "lack 'amount'"),
        ('<tool_call>{"name": "add", "arguments": {"amount": "5"}}</tool_call>', "must be of type integer"),
        ('<tool_call>{"name": "add", "arguments": {"amount": 1, "to": 2}}</tool_call>', "hold 'to', unknown"),
        ('<tool_call>{"name": "show", "arguments": {"form": "x"}}</tool_call>', 'one of "plain", "json"'),
        ('<tool_call>{"name": "add", "arguments": {"amount": 1', "broken"),
        ('<tool_call>{"name": "add", "name": "show"}</tool_call>', "stands twice"),
        ('<tool_call>{"name": "add", "arguments": {"amount": 1e999}}</tool_call>', "out of range"),
        ('<tool_call>{"name": "add", "arguments": {"amount": NaN}}</tool_call>', "no JSON"),
        ("<tool_call>" + '{"a":' * 100_000, "deeply nested"),
        ('<tool_call>{"name": "add", "arguments": {"note": "\\ud800"}}</tool_call>', "lone surrogate"),
        ('<tool_call>{"name": "\\udfff"}</tool_call>', "lone surrogate"),
        ('<tool_call>{"name": "add", "arguments": {"\\ud800": 1}}</tool_call>', "lone surrogate"),
        (
            '<tool_call>{"name": "add", "arguments": {"amount": -1' + "0" * 400 + "}}</tool_call>",
            "out of range",
        ),
        (_nested(64), "must be of type integer"),
        (_nested(65), "at most 64 levels"),
        (
            '<tool_call>{"name": "add", "arguments": {"note": "' + "x" * 10_000_000 + '"}}</tool_call>',
            "at most",
        ),
        ("", "empty"),
    ],
)
def test_tool_env__a_fault_changes_nothing_and_says_what_is_wrong(action: str, said: str) -> None:
    env = CounterEnv()
    _, before = env.reset(seed=1)
    observation, reward, terminated, _, info = env.step(action)
    assert said in observation
    assert len(observation) < 2000 and observation.isascii()
    assert (reward, terminated, info["action_valid"]) == (0.0, False, False)
    assert info["state_key"] == before["state_key"]


@pytest.mark.parametrize("digits", ["0x" + "f" * 5000, "-0x" + "f" * 5000, "9" * 4000, "-" + "9" * 4000])
def test_tool_env__huge_integers_of_python_are_refused(digits: str) -> None:
    env = CounterEnv(action_format="pycall")
    env.reset(seed=1)
    observation, *_, info = env.step(f"add(amount={digits})")
    assert "out of range" in observation and not info["action_valid"]
    json.dumps(info)
    env.restore(env.snapshot())


def test_tool_env__no_depth_of_nesting_raises() -> None:
    env = CounterEnv(max_steps=500)
    env.reset(seed=1)
    for levels in range(800, 1000):  # the reader's limit lies here, and what it read must be quoted, too
        action = "<tool_call>" + "[" * levels + "]" * levels + "</tool_call>"
        assert not env.step(action)[4]["action_valid"]


def test_tool_env__a_tool_that_raises_is_told_and_has_run() -> None:
    env = CounterEnv()
    env.reset(seed=1)
    observation, _, _, _, info = env.step(call(env, ToolCall("add", {"amount": 500})))
    assert "Error: too large" in observation
    assert info["action_valid"] and env.counter.value == 0


@pytest.mark.parametrize(
    "action", ["Hi \ud800.", "<tool_call>\udfff", '<tool_call>{"name": "\\ud800"}</tool_call>']
)
def test_tool_env__no_message_holds_what_no_tokenizer_reads(action: str) -> None:
    env = CounterEnv()
    env.reset(seed=1)
    observation, _, _, _, info = env.step(action)
    for text in (observation, *(message["content"] for message in info["extra"]["messages"])):
        assert text.encode("utf-8").decode("utf-8") == text


def test_tool_env__mends_json_only_on_request_and_says_so() -> None:
    broken = "<tool_call>{'name': 'add', 'arguments': {'amount': 3,}}</tool_call>"
    strict, lenient = CounterEnv(), CounterEnv(repair=True)
    for env, value in ((strict, 0), (lenient, 3)):
        env.reset(seed=1)
        info = env.step(broken)[4]
        assert env.counter.value == value
        assert info["extra"]["repaired"] is (value == 3)
        assert bool(info["extra"]["parse_error"]) is (value == 0)


def test_tool_env__thoughts_in_front_are_left_out() -> None:
    env = CounterEnv()
    env.reset(seed=1)
    env.step(f"<think>Shall I <tool_call>?</think>\n{call(env, ToolCall('add', {'amount': 2}))}")
    assert env.counter.value == 2


def test_tool_env__prompt_says_how_much_of_the_tools() -> None:
    told = {}
    details: tuple[Detail, ...] = ("full", "signatures", "none")
    for detail in details:
        told[detail] = CounterEnv(prompt=detail).reset(seed=1)[1]["instruction"]
    assert '"name": "add"' in told["full"]
    assert "add(amount: integer, note: string = ...): Add to the number." in told["signatures"]
    assert told["none"] == "Count."


def test_tool_env__unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="hermes"):
        CounterEnv(action_format="hermez")
    with pytest.raises(UnknownNameError, match="signatures"):
        CounterEnv(prompt="signature")  # type: ignore[arg-type]


def test_openai_wire__writes_arguments_as_text() -> None:
    env = CounterEnv()
    env.reset(seed=1)
    messages = env.step(call(env, ToolCall("add", {"amount": 2})))[4]["extra"]["messages"]
    sent = openai_wire(messages)
    assert sent[1]["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"amount": 2}'}
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == {"amount": 2}


@pytest.mark.parametrize("calls", [[{}], [{"name": "add"}], [{"name": "add", "arguments": {}}] * 2])
def test_tool_env__a_snapshot_whose_calls_are_none_is_refused(calls: list[object]) -> None:
    env = CounterEnv()
    env.reset(seed=1)
    env.step(call(env, ToolCall("add", {"amount": 2})))
    frozen = json.loads(env.snapshot())
    frozen["state"]["last"]["calls"] = calls
    with pytest.raises(DataError, match="last step"):
        env.restore(json.dumps(frozen).encode())
