"""A reader without a model: it looks names up and follows the sentence closest to the question.

It counts how many things a question leads through by its words "the ... of" and "the ... where", but does not
understand them. It stands between the floor and the oracle, and shows what a score is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agentgym.trajectory import Decision, Turn

__all__ = ["SeekerAgent"]

_NAME: Final = re.compile(r"(?<=\s)(?:[A-Z][\w&]*(?:\s(?=[A-Z&])|(?=\W)))+")
_STEP: Final = re.compile(r"\bthe \w+ (?:of|where)\b")
_OPENING: Final = re.compile(r"^\w+ (?:is|was) the \w+ of ")
_DOCUMENT: Final = re.compile(r'Doc \d+\(Title: "([^"]*)"\) (.*)')
_VALUE: Final = re.compile(r"(?:[A-Z][\w&]*(?: (?=[A-Z&])|(?=\W)))+|\d{4}")
_WORD: Final = re.compile(r"[a-z]{3,}")
_DULL: Final = frozenset({"the", "was", "has", "its", "which", "does", "who"})


class SeekerAgent:
    """Answers questions of SearchQA by looking names up; speaks the format "search-r1"."""

    spec = "seeker"
    wants_oracle = False

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn by what its searches have found."""
        return [Decision(_act(turn)) for turn in turns]


def _act(turn: Turn) -> str:
    question = turn.history[0].observation if turn.history else turn.observation
    found = [step.observation for step in turn.history[1:]] + ([turn.observation] if turn.history else [])
    pages = [dict(_DOCUMENT.findall(text)) for text in found]
    if ", " in question:
        return _compare(_NAME.findall(question), pages)
    return _follow(question, pages)


def _compare(names: Sequence[str], pages: Sequence[dict[str, str]]) -> str:
    """Look both names up and answer with the earlier one."""
    if len(pages) < len(names):
        return f"<search>{names[len(pages)]}</search>"
    read = {name: page.get(name, "") for name, page in zip(names, pages, strict=False)}
    years = {name: min(re.findall(r"\d{4}", text), default="9999") for name, text in read.items()}
    return f"<answer>{min(years, key=lambda name: years[name], default='')}</answer>"


def _follow(question: str, pages: Sequence[dict[str, str]]) -> str:
    """Go from name to name, as many times as the question seems to."""
    names = _NAME.findall(question)
    here = names[-1] if names else question
    hops = 1 + len(_STEP.findall(_OPENING.sub("", question)))
    words = set(_WORD.findall(question.lower())) - _DULL
    for page in pages:
        sentence = _best_sentence(page.get(here, ""), words)
        words -= set(_WORD.findall(sentence.lower()))
        values = [value for value in _VALUE.findall(sentence) if value not in here]
        here = values[-1] if values else sentence.removeprefix(f"{here} makes ").rstrip(".")
    return f"<search>{here}</search>" if len(pages) < hops else f"<answer>{here}</answer>"


def _best_sentence(text: str, words: set[str]) -> str:
    """Return the sentence that shares most words with the question; the first of several."""
    sentences = re.findall(r"[^.]+\.", text)
    return max(sentences, key=lambda s: len(words & set(_WORD.findall(s.lower()))), default="").strip()
