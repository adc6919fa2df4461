"""The rules of the shop: the original's, or the same with its faults repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from agentgym.errors import suggest

__all__ = ["FIXED", "ORIGINAL", "Rules", "RulesName", "rules_of"]

RulesName: TypeAlias = Literal["original", "fixed"]


@dataclass(frozen=True, slots=True)
class Rules:
    """One switch for each fault that can be repaired.

    Attributes:
        name: "original" or "fixed".
        plain_options: A wanted option is compared by its value, as the chosen one is. The original compares
            ("color", "rectangular"), of which it strips no colour, with "tan", what it makes of the chosen
            "rectangular": one goal in fifteen cannot be reached.
        type_before_title: Where query or category match, the kind of product is right, whatever its title.
            The original gives nothing for a product whose title shares no noun with the goal's.
        last_page: "Next >" is not shown on the last page of results. The original goes on for ever.
        purchase_ends: Nothing can be done after a purchase. The original goes on searching.
        every_goal: A weighted draw can draw every goal. The original never draws the first one, and the last
            one too often.
    """

    name: RulesName
    plain_options: bool = False
    type_before_title: bool = False
    last_page: bool = False
    purchase_ends: bool = False
    every_goal: bool = False


ORIGINAL: Final = Rules("original")
FIXED: Final = Rules(
    "fixed", plain_options=True, type_before_title=True, last_page=True, purchase_ends=True, every_goal=True
)


def rules_of(name: str) -> Rules:
    """Return the rules of a name.

    Raises:
        UnknownNameError: There are no such rules.
    """
    for rules in (ORIGINAL, FIXED):
        if rules.name == name:
            return rules
    raise suggest("set of rules", str(name), ("original", "fixed"))
