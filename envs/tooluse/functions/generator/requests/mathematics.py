"""What users ask of a calculator."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request("Add {a} and {b}.", "What is {a} plus {b}?", add={"a": "$a", "b": "$b"}),
    request("Subtract {b} from {a}.", "What is {a} minus {b}?", subtract={"a": "$a", "b": "$b"}),
    request("Multiply {a} by {b}.", "What is {a} times {b}?", multiply={"a": "$a", "b": "$b"}),
    request(
        "Divide {a} by {b}.", "How often does {b} go into {a}, as a decimal?", divide={"a": "$a", "b": "$b"}
    ),
    request(
        "Compute the mean of {listed}.", "What is the average of {listed}?", mean={"numbers": "$numbers"}
    ),
    request(
        "Find the largest of {listed}.", "Which is the greatest: {listed}?", max_value={"numbers": "$numbers"}
    ),
    request(
        "Find the smallest of {listed}.", "Which is the least: {listed}?", min_value={"numbers": "$numbers"}
    ),
    request("Add up {listed}.", "What is the sum of {listed}?", sum_values={"numbers": "$numbers"}),
    request(
        "Compute the square root of {a} with precision {digits}.",
        "What is the square root of {a}, to {digits} digits?",
        square_root={"number": "$a", "precision": "$digits"},
    ),
    request(
        "Which percentage of {a} is {b}?",
        "How much is {b} of {a}, in percent?",
        percentage={"part": "$b", "whole": "$a"},
    ),
    request(
        "Convert {a} {unit_in} to {unit_out}.",
        "How many {unit_out} are {a} {unit_in}?",
        si_unit_conversion={"value": "$a", "unit_in": "$unit_in", "unit_out": "$unit_out"},
    ),
    request(
        "Find the largest and the smallest of {listed}.",
        "Between which two values do {listed} lie?",
        max_value={"numbers": "$numbers"},
        min_value={"numbers": "$numbers"},
    ),
)
