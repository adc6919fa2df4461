"""MiniWoB: its pages in Chromium keep the contract, and are done by their experts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import agentgym
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.testing import RULES, Effort, Subject
from envs.adapters.mini_wob.experts import EXPERTS
from envs.adapters.mini_wob.grammar import LONGEST, Command, parse
from envs.browser.keeper import descendants

ID = "agentgym/MiniWoB-v0"
RULES_OF_A_BROWSER = (
    "gymnasium_check",
    "pickling",
    "hostile_actions",
    "processes_agree",
    "group_members_agree",
)


@pytest.fixture(scope="module")
def env() -> Iterator[agentgym.TextEnv]:
    pytest.importorskip("miniwob", reason="needs the extra miniwob")
    made = agentgym.make_env(ID)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("click(12)", Command("click", 12, "")),
        ('type(3, "a \\"b\\" \\u00e4")', Command("type", 3, 'a "b" ä')),
        ('select(4, "San Marino")', Command("select", 4, "San Marino")),
        ("press(Enter)", Command("press", 0, "Enter")),
    ],
)
def test_grammar__reads_actions(action: str, command: Command) -> None:
    assert parse(action) == command


@pytest.mark.parametrize(
    "action",
    [
        "", "click", "click()", "click(-1)", "click(0)", "click(01)", "click(1)\n", "click(٣)",
        "click(99999)", 'click(1, "x")', "click(1); click(2)", "type(1)", "type(1, 'x')",
        'type(1, "x)', 'type(1, "x" + "y")', 'type(1, "\\ud800")', 'type(1, "\\n")',
        f'type(1, "{"x" * (LONGEST + 1)}")', "select(1)", "press(F5)", "press(__proto__)", "eval(1)",
    ],
)  # fmt: skip
def test_grammar__refuses_the_rest(action: str) -> None:
    assert parse(action) is None


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("page", EXPERTS)
def test_pages__are_done_by_their_experts(env: agentgym.TextEnv, page: str) -> None:
    for seed, task in enumerate((f"{page}/0", f"{page}/2000002")):
        _, info = env.reset(seed=seed, options={"task": task})
        over = False
        while not over:
            action = env.oracle_action()
            _, reward, terminated, truncated, info = env.step(action)
            assert info["action_valid"], action
            over = terminated or truncated
        assert info["success"]
        assert reward == info["score"] == 1


@pytest.fixture(scope="module")
def subject() -> Subject:
    pytest.importorskip("miniwob", reason="needs the extra miniwob")
    return Subject(ID, effort=Effort(episodes=1, resets=10))


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("rule", RULES_OF_A_BROWSER)
def test_id__keeps_the_contract(subject: Subject, rule: str) -> None:
    """The rules that a browser can break in ways of its own; `agentgym check` tries all."""
    try:
        RULES[rule].check(subject)
    finally:
        subject.close()


@pytest.mark.browser
def test_page__is_left_alone_by_what_it_does_not_take(env: agentgym.TextEnv) -> None:
    first, info = env.reset(seed=0, options={"task": "choose-list/3"})
    assert info["admissible_actions"][0] == "click(2)"
    assert len(info["admissible_actions"]) == first.count(", ") + 2
    for action in ("click(3)", "click(1)", 'type(1, "x")', 'select(1, "Atlantis")', "press(Enter)"):
        told, reward, terminated, _, after = env.step(action)
        assert (reward, terminated, after["action_valid"]) == (0, False, False)
        assert after["state_key"] == info["state_key"]
        assert told.startswith("Nothing was done.")


@pytest.mark.browser
def test_page__rewards_as_it_does_without_its_clock(env: agentgym.TextEnv) -> None:
    """Twenty steps are forty seconds on the page's clock, four times what it gives."""
    _, info = env.reset(seed=0, options={"task": "click-checkboxes/0"})
    boxes = [action for action in info["admissible_actions"] if action.startswith("click")][:-1]
    keys = {info["state_key"]}
    for _ in range(10):
        env.step(boxes[0])
        keys.add(env.step(boxes[0])[4]["state_key"])
    assert len(keys) == 2  # the box has the focus now
    wrong = env.snapshot()
    while not info["success"]:
        _, reward, _, _, info = env.step(env.oracle_action())
    assert reward == 1
    env.restore(wrong)
    while (action := env.oracle_action()) in boxes:
        env.step(action)
    env.step(boxes[0])
    _, reward, terminated, _, info = env.step(action)
    assert terminated and reward < 1
    assert not info["success"]
    assert info["score"] == max(reward, 0)


@pytest.mark.browser
def test_task__decides_the_problem_and_the_seed_what_is_drawn_later(env: agentgym.TextEnv) -> None:
    told: dict[int, tuple[str, list[str]]] = {}
    for seed in (1, 2, 1):
        first, _ = env.reset(seed=seed, options={"task": "generate-number/7"})
        drawn = [env.step("click(2)")[0] for _ in range(4)]
        assert told.setdefault(seed, (first, drawn)) == (first, drawn)
    assert told[1][0] == told[2][0]
    assert told[1][1] != told[2][1]


@pytest.mark.browser
def test_close__ends_the_browser() -> None:
    pytest.importorskip("miniwob", reason="needs the extra miniwob")
    before = _keepers()
    env = agentgym.make_env(ID, pages=["click-test"])
    env.reset(seed=0)
    assert len(_keepers() - before) == 1
    env.close()
    assert _keepers() == before
    assert "Click the button." in env.reset(seed=1)[0]
    env.close()


def _keepers() -> set[int]:
    """The processes that keep the browsers of this one."""
    found = set()
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):  # it has just ended
            if b"keeper.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(pid)
    return found


@pytest.mark.browser
def test_pages__that_are_not_there_are_named() -> None:
    pytest.importorskip("miniwob", reason="needs the extra miniwob")
    with pytest.raises(UnknownNameError, match="Did you mean 'click-button'"):
        agentgym.make_env(ID, pages=["click-buton"])
    with pytest.raises(ArgumentError, match="`pages` is empty"):
        agentgym.make_env(ID, pages=[])
