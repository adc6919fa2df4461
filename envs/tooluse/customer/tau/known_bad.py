"""Tasks of tau-bench (sierra-research/tau-bench@59a200c6) whose ground truth is at fault, with the reason.

An agent that keeps the policy can lose them. `exclude="known_bad"` leaves them out; a score then says so
together with `KNOWN_BAD_VERSION`. They were found by replaying every ground truth, or in the issues named.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KNOWN_BAD", "KNOWN_BAD_VERSION"]

KNOWN_BAD_VERSION: Final = 1

_CARD: Final = "a change of the ground truth fails: the gift card does not cover it"
_SHORT_CARDS: Final = (
    24, 27, 81, 148, 161, 214, 229, 252, 253, 288, 314, 349, 351, 369, 376, 427, 431, 441, 469,
)  # fmt: skip
_REFUND: Final = "a return of the ground truth fails: the refund goes where it may not"

KNOWN_BAD: Final[dict[str, str]] = {
    **{f"retail/train/{number}": _CARD for number in _SHORT_CARDS},
    "retail/test/12": _REFUND,
    "retail/test/13": _REFUND,
    "retail/test/64": "an exchange of the ground truth fails: the order is not delivered",
    "retail/test/106": _CARD,
    "airline/test/9": "books for passengers who are not those of the reservation (tau-bench issue 65)",
    "airline/test/26": "cancels a reservation whose flights were flown (tau2-bench issue 156)",
    "airline/test/33": "cancels for a reason that the policy does not accept (tau-bench issue 85)",
}
