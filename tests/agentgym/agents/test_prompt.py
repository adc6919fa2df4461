"""Prompts: what a turn looks like to a model, and what its answer means."""

from __future__ import annotations

from pathlib import Path

import pytest

import agentgym  # noqa: F401  # registers the families
from agentgym.agents import PromptTemplate
from agentgym.agents.templates import families
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.trajectory import Decision, Step, Turn


def _turn(past: int) -> Turn:
    history = [
        Step(f"room {k}", "s", Decision(f"go {k}"), 0.0, False, False, True, 0.0, 0.0, False)
        for k in range(past)
    ]
    info = {"instruction": "Leave.", "admissible_actions": ("in", "out")}
    return Turn("env", 0, 0, f"room {past}", info, history)


def test_render__default_is_goal_observation_marker() -> None:
    assert PromptTemplate().render(_turn(2)) == "Leave.\n\nroom 2\n>"


def test_render__history_is_a_window() -> None:
    template = PromptTemplate(instruction=False, history=2)
    assert template.render(_turn(0)) == "room 0\n>"
    assert template.render(_turn(1)) == "room 0\n>go 0\nroom 1\n>"
    assert template.render(_turn(5)) == "room 3\n>go 3\nroom 4\n>go 4\nroom 5\n>"


def test_render__admissible_actions_on_request() -> None:
    template = PromptTemplate(instruction=False, admissible=True, marker="Action:")
    assert template.render(_turn(0)) == "room 0\nActions: in, out\nAction:"


def test_render__with_a_reminder_still_goes_on_from_the_turn_before() -> None:
    template = PromptTemplate(instruction=False, history=9, reminder=True)
    assert template.render(_turn(1)) == "room 0\nLeave.\n>go 0\nroom 1\nLeave.\n>"
    assert template.render(_turn(2)).startswith(template.render(_turn(1)))


@pytest.mark.parametrize(
    ("response", "action"),
    [
        ("up", "up"),
        (" up\n", "up"),
        ("<think>left?</think><action> up </action>", "up"),
        ("<action>left</action> no, <action>up</action>", "up"),
        ("<answer>up\n</answer>", "up"),
        ("<action>up</answer>", "<action>up</answer>"),
        ("", ""),
    ],
)
def test_parse__takes_the_last_tag_or_everything(response: str, action: str) -> None:
    assert PromptTemplate().parse(response) == action


def test_template__stays_with_the_model(tmp_path: Path) -> None:
    template = PromptTemplate(instruction=False, history=3, marker="?")
    template.save(tmp_path)
    assert PromptTemplate.load(tmp_path) == template
    assert PromptTemplate.load(tmp_path, history=1) == PromptTemplate(False, 1, False, "?")
    assert PromptTemplate.load(tmp_path / "elsewhere") == PromptTemplate()


def test_template__rejects_nonsense(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="history"):
        PromptTemplate(history=-1)
    with pytest.raises(UnknownNameError, match="history"):
        PromptTemplate.load(tmp_path, histroy=1)
    (tmp_path / "agentgym_prompt.json").write_text("{}}")
    with pytest.raises(ArgumentError, match="no prompt template"):
        PromptTemplate.load(tmp_path)


def test_render__a_summary_tells_what_is_not_shown() -> None:
    template = PromptTemplate(instruction=False, history=1, summary=True)
    assert template.render(_turn(1)) == "room 0\n>go 0\nroom 1\n>"
    assert template.render(_turn(3)) == "Done so far: go 0; go 1\n\nroom 2\n>go 2\nroom 3\n>"


def test_messages__show_the_same_as_a_chat() -> None:
    chat = PromptTemplate(history=1, summary=True, style="reason", admissible=True).messages(_turn(2))
    assert [message["role"] for message in chat] == ["system", "user", "assistant", "user"]
    assert chat[0]["content"].startswith("Leave.\n\nFirst think in <think>")
    assert chat[0]["content"].endswith("Done so far: go 0")
    assert chat[-1]["content"] == "room 2\nActions: in, out"


@pytest.mark.parametrize(
    ("style", "response", "action"),
    [
        ("reason", "<think>up or <action>down</action>?</think><action>up</action>", "up"),
        ("reason", "<think>hm</think> up", "up"),
        ("reason", "up", "up"),
        ("react", "Thought: left is a wall.\nAction: up", "up"),
        ("react", "Action: a\nObservation: you win\nAction: b\nThought: and so on\nAction", "b"),
        ("react", "Thought: Action is needed", "Thought: Action is needed"),
        (
            "react",
            'Action: {"name": "f",\n "arguments": {}}\nObservation: ok',
            '{"name": "f",\n "arguments": {}}',
        ),
        ("plan", "<switch>keep</switch><subgoal>door</subgoal><action>up</action>", "up"),
    ],
)
def test_style__finds_the_action(style: str, response: str, action: str) -> None:
    assert PromptTemplate(style=style).parse(response) == action


def test_parse__leaves_answer_tags_to_an_environment_that_asks_for_them() -> None:
    turn = _turn(0)
    asks = Turn("env", 0, 0, "", {**turn.info, "instruction": "Write <answer> and </answer> around it."}, [])
    response = "<think>capital</think>\n<answer>Paris</answer>"
    assert PromptTemplate().parse(response, asks) == "<answer>Paris</answer>"
    assert PromptTemplate().parse(response, turn) == "Paris"
    assert PromptTemplate().parse("<action>search</action>", asks) == "search"


def test_template__names_an_unknown_style() -> None:
    with pytest.raises(UnknownNameError, match="react"):
        PromptTemplate(style="reakt")


@pytest.mark.parametrize("family", families())
def test_families__every_template_fits_its_environments(family: str) -> None:
    assert PromptTemplate().changed(template=family) != PromptTemplate(), "it changes nothing"
    template = PromptTemplate(marker="?").changed(template=family, history=3)
    assert (template.marker, template.history) == ("?", 3)


def test_families__are_those_that_are_registered() -> None:
    assert {"alfworld", "games", "sokoban", "tooluse", "webshop"} <= families().keys()
    manual = PromptTemplate().changed(template="alfworld").messages(_turn(0))[0]["content"]
    assert manual.startswith("Leave.\n\nYou act in a household by short commands")


def test_template__comes_from_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('style = "react"\nmanual = "Be quick."\n')
    found = PromptTemplate.load(tmp_path, template=str(tmp_path / "mine.toml"), history=2)
    assert found == PromptTemplate(style="react", manual="Be quick.", history=2)
    with pytest.raises(UnknownNameError, match="'sokoban'"):
        PromptTemplate().changed(template="sokobann")
    (tmp_path / "mine.toml").write_text("histroy = 1")
    with pytest.raises(UnknownNameError, match="history"):
        PromptTemplate().changed(template=str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text('history = "1"')
    with pytest.raises(ArgumentError, match="must be int"):
        PromptTemplate().changed(template=str(tmp_path / "mine.toml"))
