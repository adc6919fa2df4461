"""The tree of exceptions and what messages hold."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.errors import AgentGymError, MissingExtraError, UnknownNameError, require, suggest

_PARENTS = {
    "ArgumentError": "AgentGymError",
    "ShapeError": "ArgumentError",
    "MissingColumnError": "ArgumentError",
    "UnknownNameError": "ArgumentError",
    "MissingExtraError": "AgentGymError",
    "EpisodeOverError": "AgentGymError",
    "ServerError": "AgentGymError",
    "VerificationError": "AgentGymError",
    "DataError": "AgentGymError",
    "LevelError": "DataError",
    "TrajectoryError": "DataError",
    "CheckpointError": "DataError",
    "StoreError": "DataError",
    "SubmissionError": "DataError",
}


@pytest.mark.parametrize(("child", "parent"), _PARENTS.items())
def test_tree__is_as_drawn(child: str, parent: str) -> None:
    assert getattr(errors, child).__mro__[1] is getattr(errors, parent)


def test_tree__is_complete() -> None:
    raised = {name for name in errors.__all__ if name.endswith("Error")}
    assert raised == {*_PARENTS, "AgentGymError"}
    assert all(name in str(errors.__doc__) for name in raised)


@pytest.mark.parametrize(
    ("child", "builtin"),
    [("ArgumentError", ValueError), ("UnknownNameError", KeyError), ("MissingExtraError", ImportError)],
)
def test_tree__can_be_caught_as_a_builtin(child: str, builtin: type[Exception]) -> None:
    assert issubclass(getattr(errors, child), builtin)


def test_suggest__lists_close_matches() -> None:
    told = str(suggest("estimator", "gigp", ["gigpo", "hgpo", "ppo"]))
    assert told.startswith("There is no estimator named 'gigp'. Did you mean 'gigpo'")


def test_suggest__lists_all_of_a_few_names() -> None:
    assert str(suggest("suite", "zzz", ["b", "a"])) == "There is no suite named 'zzz'. Known: a, b."


def test_suggest__shows_one_of_many_names() -> None:
    told = str(suggest("task", "zzz", (f"train/{k}" for k in range(100))))
    assert told == "There is no task named 'zzz'. Known names look like 'train/0'."


def test_suggest__compares_the_first_10_000_of_endless_names() -> None:
    drawn = []

    def names() -> object:
        while True:
            drawn.append("x")
            yield f"level-{len(drawn)}"

    assert isinstance(suggest("task", "nothing like it", names()), UnknownNameError)  # type: ignore[arg-type]
    assert len(drawn) <= 10_001


def test_unknown_name__prints_without_quotes() -> None:
    assert str(UnknownNameError("There is none.")) == "There is none."


def test_require__returns_the_module() -> None:
    assert require("json", extra="train", who="nobody") is sys.modules["json"]


def test_require__names_the_install_command() -> None:
    with pytest.raises(MissingExtraError) as caught:
        require("textworld_of_nobody", extra="alfworld", who="agentgym/ALFWorld-v0")
    assert str(caught.value) == (
        "agentgym/ALFWorld-v0 needs textworld_of_nobody. Install it with: pip install -e '.[alfworld]'"
    )
    assert isinstance(caught.value, AgentGymError)


def test_require__does_not_hide_a_fault_inside_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_inside.py").write_text("import module_that_is_absent\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="module_that_is_absent"):
        require("broken_inside", extra="train", who="nobody")
