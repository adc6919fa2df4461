"""BFCL's files, read as they lie: questions, function documents and answers.

BFCL_v4_multi_turn_<category>.json       a case a line; the answers in possible_answer/ under the same name
BFCL_v4_<category>.json                  single-turn cases with the documents of their functions
multi_turn_func_doc/<service>.json       a document a line
long_context.py                          optional: the benchmark's own padding, see `services.filler`
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from agentgym.errors import DataError, suggest
from envs.tooluse.core.call import ToolCall
from envs.tooluse.formats.message import FormatFault
from envs.tooluse.formats.pycall import read_calls
from envs.tooluse.functions.case import MORE_FUNCTIONS, Case, MultiTurnCase, SingleTurnCase
from envs.tooluse.functions.document import Document, document_from_json
from envs.tooluse.functions.services import OWN_FILLER, SERVICES, Filler, read_filler

__all__ = ["CATEGORIES", "MULTI_TURN", "SINGLE_TURN", "BfclFolder"]

MULTI_TURN: Final = ("base", "miss_func", "miss_param", "long_context")
SINGLE_TURN: Final = ("simple", "multiple", "parallel", "parallel_multiple", "irrelevance")
CATEGORIES: Final = (*MULTI_TURN, *SINGLE_TURN)

_DOCUMENTS: Final = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
}
_MAX_BYTES: Final = 64_000_000


class _Message(BaseModel):
    role: str
    content: str


class _Question(BaseModel):
    id: str
    question: list[list[_Message]]


class _MultiTurn(_Question):
    initial_config: dict[str, dict[str, Any]]
    involved_classes: list[str]
    missed_function: dict[int, list[str]] = {}
    excluded_function: list[str] = []


class _SingleTurn(_Question):
    function: list[dict[str, Any]]


class _MultiTurnAnswer(BaseModel):
    id: str
    ground_truth: list[list[str]]


class _SingleTurnAnswer(BaseModel):
    id: str
    ground_truth: list[dict[str, dict[str, list[Any]]]]


_Record = TypeVar("_Record", bound=BaseModel)


class BfclFolder:
    """The cases of a category. A case is built when it is played, so a broken one harms no other.

    Args:
        folder: The folder of BFCL's files.
        category: One of `CATEGORIES`.

    Raises:
        UnknownNameError: There is no such category.
        DataError: A file is missing or holds something else. The message names file, case and field.
    """

    def __init__(self, folder: Path, category: str) -> None:
        if category not in CATEGORIES:
            raise suggest("category", str(category), CATEGORIES)
        self._folder, self._category = folder, category
        name = {"simple": "simple_python"}.get(category, category)
        stem = f"multi_turn_{name}" if category in MULTI_TURN else name
        self._file = folder / f"BFCL_v4_{stem}.json"
        self._answers = folder / "possible_answer" / self._file.name
        self._lines = _lines(self._file)
        self._cases: dict[str, Case] = {}

    @property
    def ids(self) -> Mapping[str, Any]:
        """The ids of the cases, in order; membership is fast."""
        return self._lines

    def case(self, id: str) -> Case:
        """Return a case.

        Raises:
            DataError: It is broken. The message names file, case and field.
        """
        if id not in self._cases:
            multi = self._category in MULTI_TURN
            self._cases[id] = self._multi_turn(id) if multi else self._single_turn(id)
        return self._cases[id]

    def _multi_turn(self, id: str) -> MultiTurnCase:
        record = _read(_MultiTurn, self._file, id)
        answer = _read(_MultiTurnAnswer, self._answers, id)
        where = f"{self._file}, case {id}"
        unknown = [name for name in record.involved_classes if name not in SERVICES]
        if unknown:
            raise DataError(
                f"{where}: `involved_classes` names {unknown[0]!r}. Known: {', '.join(SERVICES)}."
            )
        if len(answer.ground_truth) != len(record.question) or not record.question:
            raise DataError(f"{where}: `question` and `ground_truth` differ in their number of turns.")
        documents = {
            name: document
            for service in record.involved_classes
            for name, document in _documents(self._folder, service).items()
        }
        reference = tuple(_calls(turn, documents, where) for turn in answer.ground_truth)
        return MultiTurnCase(
            id=id,
            category=self._category,
            words=tuple(_words(turn) or MORE_FUNCTIONS for turn in record.question),
            scenario=record.initial_config,
            services=tuple(record.involved_classes),
            documents=_fitting(documents, reference),
            reference=reference,
            appears=_appearances(record.missed_function, reference),
            excluded=frozenset(record.excluded_function),
            filler=self._filler(),
        )

    def _single_turn(self, id: str) -> SingleTurnCase:
        record = _read(_SingleTurn, self._file, id)
        irrelevant = self._category == "irrelevance"
        answers = [] if irrelevant else _read(_SingleTurnAnswer, self._answers, id).ground_truth
        where = f"{self._file}, case {id}"
        try:
            documents = {each.name: each for each in map(document_from_json, record.function)}
        except DataError as error:
            raise DataError(f"{where}: `function`: {error}") from error
        for answer in answers:
            if len(answer) != 1 or next(iter(answer)) not in documents:
                raise DataError(f"{where}: each of `ground_truth` must name one function of the case.")
        words = "\n".join(_words(turn) for turn in record.question)
        return SingleTurnCase(id, self._category, words, documents, tuple(answers))

    def _filler(self) -> Filler | None:
        if self._category != "long_context":
            return None
        own = self._folder / "long_context.py"
        return read_filler(own) if own.is_file() else OWN_FILLER


def _words(turn: Sequence[_Message]) -> str:
    return "\n".join(message.content for message in turn)


def _calls(written: Sequence[str], documents: Mapping[str, Document], where: str) -> tuple[ToolCall, ...]:
    tools = {name: document.tool(len) for name, document in documents.items()}  # read, never run
    try:
        calls = tuple(call for text in written for call in read_calls(text, tools))
    except FormatFault as error:
        raise DataError(f"{where}: `ground_truth`: {error}") from error
    unknown = [call.name for call in calls if call.name not in documents]
    if unknown:
        raise DataError(f"{where}: `ground_truth` calls {unknown[0]!r}, which no service of the case has.")
    return calls


def _fitting(
    documents: Mapping[str, Document], reference: Sequence[Sequence[ToolCall]]
) -> Mapping[str, Document]:
    """Let the reference's own calls fit their documents: one gives a text for an id that is a number."""
    found = dict(documents)
    for call in (call for turn in reference for call in turn):
        document = found[call.name]
        if document.schema.fault(call.arguments):
            found[call.name] = document.loosened()
    return found


def _appearances(
    missed: Mapping[int, Sequence[str]], reference: Sequence[Sequence[ToolCall]]
) -> dict[int, tuple[str, ...]]:
    """Tell which functions appear later; one that the reference calls before (miss_func_49) does not."""
    found = {}
    for turn, names in missed.items():
        before = {call.name for calls in reference[:turn] for call in calls}
        found[turn] = tuple(name for name in names if name not in before)
    return found


def _documents(folder: Path, service: str) -> Mapping[str, Document]:
    path = folder / "multi_turn_func_doc" / f"{_DOCUMENTS[service]}.json"
    return _documents_in(path, service, _changed(path))


@lru_cache(maxsize=64)
def _documents_in(path: Path, service: str, changed: int) -> Mapping[str, Document]:
    found = {}
    for number, text in enumerate(_text(path).splitlines(), 1):
        try:
            document = document_from_json(json.loads(text))
        except (DataError, ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: {error}") from error
        if hasattr(SERVICES[service], document.name):
            found[document.name] = document
    return found


def _lines(path: Path) -> Mapping[str, Any]:
    """Read the records of a file, by id; a file that stays as it is is read once."""
    return _records(path, _changed(path))


@lru_cache(maxsize=64)
def _records(path: Path, changed: int) -> Mapping[str, Any]:
    found = {}
    for number, text in enumerate(_text(path).splitlines(), 1):
        try:
            record = json.loads(text)
            found[str(record["id"])] = record
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: this is no case with an `id` ({error}).") from error
    return found


def _changed(path: Path) -> int:
    """When a file was changed last; 0 where there is none."""
    return path.stat().st_mtime_ns if path.is_file() else 0


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path} has more than {_MAX_BYTES} bytes: it is no file of BFCL.")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read ({error}). Pass data= or set $AGENTGYM_DATA so that <folder>/bfcl holds "
            "BFCL_v4_*.json, possible_answer/ and multi_turn_func_doc/."
        ) from error


def _read(model: type[_Record], path: Path, id: str) -> _Record:
    record = _lines(path).get(id)
    if record is None:
        raise DataError(f"{path} has no case {id}.")
    try:
        return model.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise DataError(f"{path}, case {id}: `{field}`: {first['msg']}.") from error
