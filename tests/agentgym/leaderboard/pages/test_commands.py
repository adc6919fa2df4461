"""The commands say what the pages show."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym import errors
from agentgym.cli.leaderboard import app
from agentgym.leaderboard.store import Store


@pytest.fixture(autouse=True)
def _at_board(board: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTGYM_STORE", board.address)


def _said(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    unsafe = {c for c in result.stdout if unicodedata.category(c)[0] == "C" and c != "\n"}
    assert unsafe == set(), "a terminal would act on these"
    return result.stdout


def _json(*arguments: str) -> Any:
    return json.loads(_said(*arguments, "--json"))


def test_command_show__draws_rankings_with_floor_and_ceiling() -> None:
    shown = _said("show")
    for word in (
        "paged v1",
        "oracle",
        "<b>bold</b>",
        "✗ 5 is not ranked",
        "floor: random",
        "ceiling: oracle",
    ):
        assert word in shown


def test_command_show__filters_and_sorts_like_the_page() -> None:
    (board,) = _json("show", "paged", "--sort", "success", "--descending", "--limit", "2")
    assert board["total"] == 5 and [row["place"] for row in board["rows"]] == [1, 2]
    (found,) = _json("show", "paged", "--text", "wander", "--status", "failed")
    assert [row["id"] for row in found["rows"]] == [5]
    assert {"floor", "ceiling"} == set(board["references"])


def test_command_show__breaks_down_and_charts() -> None:
    assert "ToyCorridor-v0" in _said("show", "paged", "--by-kind")
    (parts,) = _json("show", "paged", "--by-kind")
    assert parts["rows"][0]["success"][0]["value"] == 1.0
    shown = _said("show", "paged", "--charts")
    assert "success against cost" in shown and "the submitter's word" in shown
    (charts,) = _json("show", "paged", "--charts")
    assert charts["expense"] == "cost" and len(charts["curves"][0]["curves"][0]["curve"]["points"]) == 40


def test_command_show__shows_an_entry() -> None:
    shown = _said("show", "--entry", "4", "--text", "4-east")
    assert "javascript:alert(1)" in shown and "4 episodes" in shown
    entry = _json("show", "--entry", "4")
    assert entry["card"].startswith("# A card") and entry["found"] == 24
    assert [e["number"] for e in (row["episode"] for row in entry["episodes"])] == list(range(24))


def test_command_show__shows_an_environment() -> None:
    shown = _said("show", "--environment", "ToyCorridor-v0")
    assert "Walk through the right one of two doors" in shown and "paged v1" in shown
    assert _json("show", "--environment", "ToyCorridor-v0")["uses"][0]["episodes"] == 24


def test_command_show__shows_one_thing_at_a_time() -> None:
    result = CliRunner().invoke(app, ["show", "paged", "--entry", "1"])
    assert isinstance(result.exception, errors.ArgumentError)


def test_command_diff__compares_and_lists_flips() -> None:
    shown = _said("diff", "2", "3")
    assert "oracle (entry 2) minus wanderer:1 (entry 3)" in shown and "first alone" in shown
    found = _json("diff", "2", "3")
    whole = found["flips"][0]
    assert whole["first_only"] == found["found"] == len(found["pairs"]) > 0
    assert sum(whole[name] for name in ("both", "first_only", "second_only", "neither")) == 24
    assert found["difference"]["success"]["value"] > 0


def test_command_trajectory__goes_turn_by_turn() -> None:
    shown = _said("trajectory", "3", "1", "--colour", "gigpo", "--admissible")
    assert "turn 0: reward" in shown and "gigpo" in shown and "3 admissible: " in shown
    found = _json("trajectory", "3", "1", "--admissible")
    assert found["turns"][0]["admissible"] == ["go west", "wait", "go east"]
    assert len(found["turns"]) == found["length"] and found["group"] == [0, 1, 2, 3]
    assert "turn 0" in _said("trajectory", "4", "0")


def test_command_export__tells_what_it_wrote(tmp_path: Path) -> None:
    told = _said("export", str(tmp_path / "site"), "--episodes", "0")
    assert "pages" in told and (tmp_path / "site" / "index.html").is_file()
