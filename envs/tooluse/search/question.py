"""`Question`, and questions read from files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentgym.errors import DataError

__all__ = ["Question", "read_questions"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with known answers.

    Attributes:
        text: In words.
        answers: The accepted answers, at least one.
        gold: What names the documents that lead to the answer, in order: their titles in the generated world,
            their ids in a corpus of yours; empty where they are not known.
    """

    text: str
    answers: tuple[str, ...]
    gold: tuple[str, ...] = ()


def read_questions(path: Path) -> list[Question]:
    """Read `{"question": ..., "golden_answers": [...]}`, a line each; optional "gold_ids" name documents.

    Raises:
        DataError: There is no such file, or a line is no question. The message names file, line and field.
    """
    try:
        lines = path.read_text("utf-8").split("\n")  # JSON may hold what splitlines() splits at
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The questions {path} cannot be read: {error}. Pass a file of JSON lines."
        ) from error
    found = [_read(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise DataError(f"{path} holds no question. It must hold a JSON object a line.")
    return found


def _read(line: str, where: str) -> Question:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is no JSON: {error}. Each line holds one JSON object.") from error
    if not isinstance(record, Mapping):
        raise DataError(f"{where} is no JSON object.")
    text = record.get("question")
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"{where}: 'question' is {text!r:.80}. It must be a text.")
    answers = _texts(record, "golden_answers", where)
    if not answers:
        raise DataError(f"{where}: 'golden_answers' is empty. A question needs an answer.")
    gold = _texts(record, "gold_ids", where) if "gold_ids" in record else ()
    return Question(text.strip(), answers, gold)


def _texts(record: Mapping[str, Any], field: str, where: str) -> tuple[str, ...]:
    value = record.get(field)
    listed: Sequence[Any] = (
        [value] if isinstance(value, str) else value if isinstance(value, list) else [None]
    )
    if not all(isinstance(one, str) for one in listed):
        raise DataError(f"{where}: {field!r} is {value!r:.80}. It must be a list of texts.")
    return tuple(listed)
