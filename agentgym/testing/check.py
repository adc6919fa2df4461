"""`check_text_env`: run every rule of the contract against an environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from agentgym.api import TextEnv
from agentgym.errors import suggest
from agentgym.testing import (  # noqa: F401 - importing the rules registers them
    rules_ending,
    rules_gymnasium,
    rules_info,
    rules_input,
    rules_resources,
    rules_seeding,
    rules_snapshot,
    rules_state,
    rules_tasks,
    rules_vector,
)
from agentgym.testing.rule import RULES, ContractViolation, Rule, RuleSkippedError
from agentgym.testing.subject import Effort, Subject

__all__ = ["CheckReport", "RuleResult", "check_text_env", "run_checks"]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came of one rule.

    Attributes:
        rule: Its name.
        description: What it says.
        status: "pass", "fail" or "skip".
        message: Why it failed or was skipped; empty where it passed.
    """

    rule: str
    description: str
    status: Literal["pass", "fail", "skip"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of all rules, in their order."""

    env: str
    results: tuple[RuleResult, ...]

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that the environment breaks."""
        return tuple(result for result in self.results if result.status == "fail")

    @property
    def skipped(self) -> tuple[RuleResult, ...]:
        """The rules that do not apply, each with its reason."""
        return tuple(result for result in self.results if result.status == "skip")

    @property
    def ok(self) -> bool:
        """Whether no rule failed."""
        return not self.failed

    @property
    def summary(self) -> str:
        """One line: how many rules passed, failed and were skipped."""
        failed, skipped = len(self.failed), len(self.skipped)
        passed = len(self.results) - failed - skipped
        return f"{self.env}: {passed} rules passed, {failed} failed, {skipped} skipped."

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {"env": self.env, "ok": self.ok, "rules": [asdict(result) for result in self.results]}


def check_text_env(
    target: str | TextEnv | type[TextEnv],
    *,
    episodes: int = 5,
    resets: int = 10_000,
    processes: bool = True,
    oracle_success: float | None = None,
    rules: Sequence[str] | None = None,
    waived: Mapping[str, str] | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
) -> CheckReport:
    """Check that an environment keeps the contract of the text API.

    Args:
        target: A registered id ("module:id" imports the module first), an instance, or a `TextEnv` class.
            Rules that need an id are skipped for a bare class or instance.
        episodes: Number of episodes that each rule plays.
        resets: Number of resets over which memory must stay flat.
        processes: Whether rules that start other processes are run.
        oracle_success: Share of its episodes in which the expert must succeed, in [0, 1]; None: the share
            that the environment states itself.
        rules: Names of the rules to run; None runs all.
        waived: Rules not to run, each with the reason.
        env_kwargs: Constructor arguments, for an id or a class.

    Returns:
        The report; no rule in it failed.

    Raises:
        ContractViolation: Some rules failed. The message names each, with what it found.
        UnknownNameError: There is no such id or rule.
    """
    effort = Effort(episodes, resets, processes, oracle_success)
    subject = Subject(target, env_kwargs, effort)
    report = CheckReport(subject.name, tuple(run_checks(subject, rules, waived)))
    if not report.ok:
        lines = [f"  {result.rule}: {result.message}" for result in report.failed]
        raise ContractViolation(
            f"{report.env} breaks {len(lines)} of {len(report.results)} rules of the text API:\n"
            + "\n".join(lines)
        )
    return report


def run_checks(
    subject: Subject, rules: Sequence[str] | None = None, waived: Mapping[str, str] | None = None
) -> Iterator[RuleResult]:
    """Run rules one after the other and yield what came of each.

    Args:
        subject: The environment under check.
        rules: Names of the rules to run; None runs all.
        waived: Rules not to run, each with the reason.

    Raises:
        UnknownNameError: There is no such rule.
    """
    waived = dict(waived or {})
    for name in (*(rules or ()), *waived):
        if name not in RULES:
            raise suggest("rule", name, RULES)
    for name in RULES if rules is None else rules:
        yield _run(RULES[name], subject, waived.get(name))


def _run(rule: Rule, subject: Subject, waived: str | None) -> RuleResult:
    if waived is not None:
        return RuleResult(rule.name, rule.description, "skip", waived)
    try:
        rule.check(subject)
    except RuleSkippedError as error:
        return RuleResult(rule.name, rule.description, "skip", str(error))
    except ContractViolation as error:
        return RuleResult(rule.name, rule.description, "fail", str(error))
    except Exception as error:  # whatever a broken environment raises is a finding, not a crash of the check
        return RuleResult(rule.name, rule.description, "fail", f"{type(error).__name__}: {error}")
    finally:
        subject.close()
    return RuleResult(rule.name, rule.description, "pass")
