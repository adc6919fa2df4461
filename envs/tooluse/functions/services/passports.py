"""Who may travel, in TravelAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Final

__all__ = ["why_no_traveller"]

_TODAY: Final = (2024, 9, 1)  # the benchmark asks the computer's clock; ages must not change from day to day
_MIN_AGE_YEARS: Final = 18


def why_no_traveller(
    user: tuple[str | None, str | None], traveller: tuple[str, str], birth: str, passport: str
) -> str | None:
    """Say why a traveller is refused; None where nothing is wrong.

    Args:
        user: First and last name of who is logged in.
        traveller: First and last name of who wants to travel.
        birth: Date of birth, as YYYY-MM-DD.
        passport: Number of the passport.
    """
    if user != traveller:
        start = "Cannot book flight information for another user."
        return f"{start}Expected {' '.join(map(str, user))}, got {' '.join(traveller)}"
    try:
        born = datetime.strptime(birth, "%Y-%m-%d")
    except ValueError:
        return "Invalid date of birth format. Please use YYYY-MM-DD."
    if _TODAY[0] - born.year - (_TODAY[1:] < (born.month, born.day)) < _MIN_AGE_YEARS:
        return "Traveler must be at least 18 years old."
    return None if passport.startswith("US") else "Passport must be issued by the United States."
