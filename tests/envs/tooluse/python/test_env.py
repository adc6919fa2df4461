from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.python.env import PythonMathEnv
from envs.tooluse.python.sandbox import BubblewrapSandbox, SandboxError
from envs.tooluse.python.tasks import KINDS, LEVELS, SPLITS, math_task, numbered, solutions

ID = "agentgym/PythonMath-v0"


@pytest.fixture
def env(sandbox: BubblewrapSandbox) -> PythonMathEnv:
    return PythonMathEnv()


def _call(name: str, **arguments: Any) -> str:
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


@pytest.mark.slow
def test_id__keeps_the_contract(sandbox: BubblewrapSandbox) -> None:
    check_text_env(ID, episodes=2, resets=500)


def test_id__keeps_the_contract_with_a_notebook(sandbox: BubblewrapSandbox) -> None:
    kwargs = {"notebook": True, "action_format": "xml-tags", "levels": [2], "format_penalty": 0.5}
    check_text_env(ID, env_kwargs=kwargs, episodes=2, resets=1, processes=False)


def test_oracle__solves_every_kind_and_level(env: PythonMathEnv) -> None:
    for task in env.tasks("test")[:36]:
        env.reset(options={"task": task})
        env.step(env.oracle_action())
        _, reward, terminated, *_, info = env.step(env.oracle_action())
        assert reward == 1.0 and terminated and info["success"], task


def test_env__one_that_does_nothing_or_guesses_earns_nothing(env: PythonMathEnv) -> None:
    for action in ("I do not know.", "<answer></answer>", "<answer>0</answer>"):
        for task in env.tasks("test")[:18]:
            env.reset(options={"task": task})
            assert env.step(action)[1] == 0.0


def test_env__tells_no_truth(env: PythonMathEnv) -> None:
    for task in env.tasks("validation")[:18]:
        observation, info = env.reset(options={"task": task})
        (answer,) = env.reference_answer()
        told = json.dumps([observation, info])
        assert len(answer) < 4 or answer not in told


def test_python__is_stateless(env: PythonMathEnv) -> None:
    env.reset(seed=0)
    env.step(_call("python", code="x = 41"))
    assert "NameError" in env.step(_call("python", code="x + 1"))[0]


def test_python__as_a_notebook_keeps_variables(sandbox: BubblewrapSandbox) -> None:
    env = PythonMathEnv(notebook=True)
    _, info = env.reset(seed=0)
    keys = {info["state_key"]}
    env.step(_call("python", code="print('once'); x = 41"))
    frozen = env.snapshot()
    observation, *_, info = env.step(_call("python", code="x + 1"))
    assert "42" in observation and "once" not in observation
    assert info["state_key"] not in keys
    assert "ZeroDivisionError" in env.step(_call("python", code="x = 0; 1 / x"))[0]
    assert "41" in env.step(_call("python", code="x"))[0]  # a cell that fails is not kept
    env.restore(frozen)
    assert "42" in env.step(_call("python", code="x + 1"))[0]


def test_python__a_cell_that_exits_does_not_end_the_next_ones(sandbox: BubblewrapSandbox) -> None:
    env = _reset(PythonMathEnv(notebook=True))
    env.step(_call("python", code="import sys; x = 41; sys.exit(0)"))
    assert "42" in env.step(_call("python", code="x + 1"))[0]


def test_python__tells_how_code_was_stopped(sandbox: BubblewrapSandbox) -> None:
    env = _reset(PythonMathEnv(limits={"wall_s": 0.5}))
    assert "stopped after 0.5 s" in env.step(_call("python", code="import time; time.sleep(9)"))[0]
    env = _reset(PythonMathEnv(limits={"cpu_s": 1, "wall_s": 120}))
    assert "stopped after 1 s of computing" in env.step(_call("python", code="while True: pass"))[0]
    assert "(no output)" in env.step(_call("python", code="x = 1"))[0]
    assert "characters" in env.step(_call("python", code="#" * 200_000))[0]


def test_env__a_reply_without_an_answer_costs_the_penalty(sandbox: BubblewrapSandbox) -> None:
    env = PythonMathEnv(format_penalty=0.5)
    env.reset(seed=0)
    observation, reward, terminated, *_ = env.step("It is seven.")
    assert reward == -0.5 and not terminated and "no answer" in observation
    _, reward, *_, info = env.step("<tool_call>{")
    assert reward == -0.5 and not info["action_valid"]
    assert info["extra"]["reward_parts"] == {"format": -0.5}


def test_env__calls_for_methods_leave_the_answer_out(env: PythonMathEnv) -> None:
    env.reset(seed=0)
    *_, info = env.step(_call("calculator", expression="6 * 7"))
    assert [call["name"] for call in info["extra"]["tool_calls"]] == ["calculator"]
    *_, info = env.step(_call("answer", value="1"))
    assert info["extra"]["tool_calls"] == []


def test_env__an_answer_may_be_a_number(env: PythonMathEnv) -> None:
    env.reset(options={"task": "train/arithmetic-1/0"})
    (answer,) = env.reference_answer()
    assert env.step(_call("answer", value=int(answer)))[1] == 1.0


def test_env__an_answer_ends_the_calls_of_its_message(env: PythonMathEnv) -> None:
    env.reset(seed=0)
    (answer,) = env.reference_answer()
    _, reward, terminated, *_ = env.step(_call("answer", value=answer) + _call("answer", value="wrong"))
    assert reward == 1.0 and terminated


def test_env__without_bubblewrap_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        PythonMathEnv()
    env = PythonMathEnv(tools=["calculator"])
    assert [tool["function"]["name"] for tool in _reset(env).tools] == ["calculator", "answer"]


def _reset(env: PythonMathEnv) -> PythonMathEnv:
    env.reset(seed=0)
    return env


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"kinds": ["algebras"]}, "Did you mean 'algebra'"),
        ({"levels": [4]}, "Levels are 1, 2 and 3"),
        ({"kinds": []}, "pass some of each"),
        ({"tools": ["browser"]}, "no tool named 'browser'"),
        ({"limits": {"cpu": 3}}, "fields of Limits"),
        ({"limits": {"cpu_s": 1.5}}, "an integer above 0"),
        ({"limits": {"wall_s": "5"}}, "a number above 0"),
        ({"format_penalty": -1.0}, "0 or more"),
        ({"sandbox": "rlimit"}, "allow_unsafe=True"),
    ],
)
def test_env__wrong_arguments_say_what_is_wrong(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        PythonMathEnv(**kwargs)


def test_env__an_unknown_split_is_named(env: PythonMathEnv) -> None:
    with pytest.raises(UnknownNameError, match="no split named 'dev'"):
        env.tasks("dev")


def test_env__a_notebook_from_elsewhere_is_refused(env: PythonMathEnv) -> None:
    env.reset(seed=0)
    frozen = json.loads(env.snapshot())
    frozen["state"]["own"]["work"] = ["x" * 200_000]
    with pytest.raises(DataError, match="notebook"):
        env.restore(json.dumps(frozen).encode())


def test_tasks__splits_share_no_question() -> None:
    questions = [
        {math_task(task).question for task in numbered(split, list(KINDS), LEVELS)[:180]} for split in SPLITS
    ]
    for one, other in itertools.combinations(questions, 2):
        assert not one & other


def test_tasks__there_are_millions() -> None:
    tasks = numbered("train", list(KINDS), LEVELS)
    assert len(tasks) == 9_000_000
    assert math_task(tasks[-1]).question != math_task(tasks[-10]).question


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (solutions.digit_sum(2, 10), 7),
        (solutions.divisible(1, 30, 3, 5), 8),
        (solutions.prime_after(1), 2),
        (solutions.prime_after(24), 29),
        (solutions.recurrence(1, 2, 3, 1000, 4), 61),
        (solutions.increasing([3, 1, 4, 1, 5, 9, 2, 6]), 4),
        (solutions.change(10, [1, 5, 10]), 4),
        (solutions.paths(3, 3, []), 6),
        (solutions.paths(3, 3, [(1, 1)]), 2),
        (solutions.last_one(7, 3), 4),
        (solutions.collatz(1, 10), 9),
    ],
)
def test_solutions__worked_numbers(found: int, expected: int) -> None:
    assert found == expected
