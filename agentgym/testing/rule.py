"""`Rule`: one sentence of the contract and the function that checks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentgym.testing.subject import Subject

__all__ = ["RULES", "ContractViolation", "Rule", "RuleSkippedError", "demand", "rule"]


class ContractViolation(AssertionError):
    """An environment breaks the contract of the text API."""


class RuleSkippedError(Exception):
    """A rule does not apply; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the contract.

    Attributes:
        name: Short name, unique.
        description: The sentence.
        check: Raises `ContractViolation` where the subject breaks the rule, `RuleSkippedError` where it
            does not apply.
    """

    name: str
    description: str
    check: Callable[[Subject], None]


RULES: dict[str, Rule] = {}


def rule(description: str) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Make a function a rule; its name is the rule's name.

    Args:
        description: The rule in one sentence.
    """

    def register(check: Callable[[Subject], None]) -> Callable[[Subject], None]:
        RULES[check.__name__] = Rule(check.__name__, description, check)
        return check

    return register


def demand(condition: bool, message: str) -> None:
    """Raise `ContractViolation` unless `condition` holds."""
    if not condition:
        raise ContractViolation(message)
