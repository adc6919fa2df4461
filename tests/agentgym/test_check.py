"""The conformance check passes what is sound and names what is broken."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from agentgym import make_env
from agentgym.cli.check import check
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.testing import RULES, ContractViolation, Effort, Subject, check_text_env, run_checks
from tests.broken_envs import BROKEN
from tests.toys import TOY_ID, CorridorEnv

_NEED_ID = {
    "spec_round_trip", "processes_agree", "group_members_agree", "vector_sync", "vector_async", "vector_own",
}  # fmt: skip


def test_check__sound_environment_passes_every_rule() -> None:
    report = check_text_env(TOY_ID)
    assert [result.rule for result in report.skipped] == ["vector_own"]
    assert len(report.results) == len(RULES)


def test_check__passes_with_other_arguments() -> None:
    check_text_env(TOY_ID, resets=100, processes=False, env_kwargs={"wind": 0.0, "split": "test"})


@pytest.mark.parametrize("name", BROKEN)
def test_check__names_the_broken_rule(name: str) -> None:
    broken = BROKEN[name]
    effort = Effort(resets=400, processes=isinstance(broken.target, str))
    results = list(run_checks(Subject(broken.target, effort=effort)))
    failed = {result.rule: result.message for result in results if result.status == "fail"}
    assert broken.rule in failed, f"the check did not notice; it found {failed}"
    assert broken.says in failed[broken.rule]
    if broken.also is not None:
        assert set(failed) == {broken.rule, *broken.also}, failed


def test_check__every_rule_has_a_broken_environment() -> None:
    assert {broken.rule for broken in BROKEN.values()} == set(RULES)


def test_check__error_names_every_failed_rule() -> None:
    with pytest.raises(ContractViolation) as caught:
        check_text_env(BROKEN["GivesNonsenseForFree"].target, resets=100)
    assert "breaks 2 of" in str(caught.value)
    assert "truncation: " in str(caught.value)
    assert "hostile_actions: " in str(caught.value)


@pytest.mark.parametrize("target", [CorridorEnv, CorridorEnv()], ids=["class", "instance"])
def test_check__bare_target_skips_what_needs_an_id(target: CorridorEnv | type[CorridorEnv]) -> None:
    report = check_text_env(target, resets=100)
    skipped = {result.rule for result in report.skipped}
    assert _NEED_ID <= skipped <= _NEED_ID | {"render_modes"}
    assert all(result.message for result in report.skipped)


def test_check__registered_instance_keeps_its_arguments() -> None:
    subject = Subject(make_env(TOY_ID, length=11))
    env = subject.fresh()
    assert isinstance(env, CorridorEnv) and env.length == 11


def test_check__waived_rule_is_skipped_with_its_reason() -> None:
    target = BROKEN["HoldsALock"].target
    report = check_text_env(target, resets=100, waived={"pickling": "it holds a lock"})
    assert ("pickling", "it holds a lock") in {(result.rule, result.message) for result in report.skipped}


def test_check__runs_only_the_rules_asked_for() -> None:
    report = check_text_env(TOY_ID, rules=["spaces", "info_keys"])
    assert [result.rule for result in report.results] == ["spaces", "info_keys"]


def test_check__unknown_rule_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'info_keys'"):
        check_text_env(TOY_ID, rules=["info_key"])


def test_check__wrapped_environment_is_an_error() -> None:
    import gymnasium

    wrapped = gymnasium.make(TOY_ID)
    with pytest.raises(ArgumentError, match=r"Pass env\.unwrapped"):
        check_text_env(wrapped)  # type: ignore[arg-type]


def _invoke(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout


def test_check_command__tells_success() -> None:
    code, printed = _invoke(f"tests.toys:{TOY_ID}", "--quick", "--option", "wind=0.5")
    assert code == 0
    assert "0 failed, 3 skipped" in printed


def test_check_command__failure_is_exit_status_1_and_json_says_why() -> None:
    code, printed = _invoke("broken/SaltsItsWords-v0", "--json")
    report = json.loads(printed)
    failed = [rule for rule in report["rules"] if rule["status"] == "fail"]
    assert code == 1
    assert report["ok"] is False
    assert [rule["rule"] for rule in failed] == ["processes_agree"]
    assert "hash()" in failed[0]["message"]
