"""The conformance check: `check_text_env` holds every environment to the contract of the text API."""

from __future__ import annotations

from agentgym.testing.check import CheckReport, RuleResult, check_text_env, run_checks
from agentgym.testing.rule import RULES, ContractViolation, Rule
from agentgym.testing.subject import Effort, Subject

__all__ = [
    "RULES",
    "CheckReport",
    "ContractViolation",
    "Effort",
    "Rule",
    "RuleResult",
    "Subject",
    "check_text_env",
    "run_checks",
]
