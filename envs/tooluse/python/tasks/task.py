"""`MathTask`: a question with an exact answer, and how an expert gets it with the tools."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["MathTask"]


@dataclass(frozen=True, slots=True)
class MathTask:
    """A question.

    Attributes:
        question: In words.
        answer: The exact answer.
        tool: The tool that an expert uses.
        source: What the expert gives it: an expression or a program that prints the answer.
    """

    question: str
    answer: Fraction
    tool: Literal["calculator", "python"]
    source: str
