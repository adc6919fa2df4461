"""`agentgym estimators` and the table of the documentation that is made from the same registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import ArgumentError, DataError
from baselines.commands.catalogue import BEGIN, catalogue, golden_counts, markdown_table, rewrite_page
from baselines.estimators import names
from baselines.losses import policy_loss, policy_losses
from baselines.rewards import rule, rules

_ROOT = Path(__file__).parents[3]
_PAGE = _ROOT / "docs" / "estimators.md"


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(build_app(), ["estimators", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_estimators__lists_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # in a narrow terminal long names are folded
    told = _run()
    assert all(name in told for name in names())


def test_estimators__json_is_the_whole_catalogue() -> None:
    rows = {row["name"]: row for row in json.loads(_run("--json"))}
    assert rows.keys() == set(names(aliases=False))
    grpo = rows["grpo"]
    assert grpo["aliases"] == ["dapo", "dr_grpo", "flow_grpo"]
    assert grpo["arxiv"] == "2402.03300"
    assert grpo["level"] == "episode"
    assert grpo["reference"] is True
    assert "golden" not in grpo
    for row in rows.values():
        assert (_ROOT / row["file"]).is_file()
        assert row["summary"].endswith(".")


def test_estimators__counts_golden_cases_with_those_of_aliases(tmp_path: Path) -> None:
    for number, name in enumerate(["grpo", "dr_grpo", "gigpo", "loss:ppo"]):
        (tmp_path / f"{number}.json").write_text(json.dumps({"method": name}))
    rows = {row["name"]: row["golden"] for row in json.loads(_run("--json", "--golden", str(tmp_path)))}
    assert (rows["grpo"], rows["gigpo"], rows["rloo"]) == (2, 1, 0)


def test_estimators__finds_the_golden_folder_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.json").write_text('{"method": "rloo"}')
    monkeypatch.setenv("AGENTGYM_GOLDEN", str(tmp_path))
    assert {row["golden"] for row in json.loads(_run("--json"))} == {0, 1}


def test_golden_counts__explains_a_folder_without_cases_and_a_broken_case(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="holds no golden case"):
        golden_counts(tmp_path)
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(DataError, match=r"broken\.json is no golden case"):
        golden_counts(tmp_path)


def test_page__its_table_is_that_of_the_registry() -> None:
    table = markdown_table(catalogue())
    assert table == _run("--markdown").rstrip("\n")
    assert f"{BEGIN}\n\n{table}\n\n" in _PAGE.read_text(encoding="utf-8"), (
        "docs/estimators.md is not current. Run: agentgym estimators --write docs/estimators.md"
    )


def test_page__names_every_reward_rule_and_policy_loss() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert all(f"(../baselines/rewards/{_file(rule(name).body)})" in page for name in rules())
    assert all(f"(../baselines/losses/{_file(policy_loss(name).body)})" in page for name in policy_losses())


def _file(body: Callable[..., Any]) -> str:
    return body.__module__.rpartition(".")[2] + ".py"


def test_rewrite_page__changes_what_is_between_the_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    current = _PAGE.read_text(encoding="utf-8")
    before, _, rest = current.partition(BEGIN)
    page.write_text(
        before + BEGIN + "\n| old |\n" + rest[rest.index("<!-- end of methods -->") :], encoding="utf-8"
    )
    _run("--write", str(page))
    assert page.read_text(encoding="utf-8") == current
    page.write_text("no table")
    with pytest.raises(ArgumentError, match="no table to rewrite"):
        rewrite_page(page)
