"""Find the answer in what an agent said."""

from __future__ import annotations

__all__ = ["answer_in"]

_LONGEST = 1000


def answer_in(text: str) -> str | None:
    r"""Return the last `<answer>...</answer>`, else the last `\boxed{...}`; None where there is neither.

    An answer longer than 1000 characters is cut: no answer is as long.
    """
    body, closing, _ = text.rpartition("</answer>")
    if closing and "<answer>" in body:
        return body.rpartition("<answer>")[2].strip()[:_LONGEST]
    _, opening, rest = text.rpartition(r"\boxed{")
    end = _closing_brace(rest[:_LONGEST]) if opening else None
    return None if end is None else rest[:end].strip()


def _closing_brace(text: str) -> int | None:
    depth = 1
    for place, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return place
    return None
