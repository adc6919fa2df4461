"""Where questions and documents come from: the generated world, or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from agentgym.errors import ArgumentError, DataError
from agentgym.tasks import NumberedTasks
from envs.tooluse.search.corpus import Corpus, JsonlCorpus, ListCorpus
from envs.tooluse.search.index import Bm25Index, cached_index
from envs.tooluse.search.question import Question, read_questions
from envs.tooluse.search.world import SPLITS, numbered, world_of, world_question, write_documents

__all__ = ["Files", "Library", "Source", "World", "open_source"]


@dataclass(frozen=True, slots=True)
class Library:
    """A corpus and its index."""

    corpus: Corpus
    index: Bm25Index


class Source(Protocol):
    """Questions and a library by task. It is small: copies of an environment share what is large."""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""

    def question(self, task: str) -> Question:
        """The question of a task."""

    def library(self, task: str) -> Library:
        """The library to search for a task."""

    def gold(self, task: str) -> dict[str, str]:
        """The ids of the gold documents of a task, each with a query that finds it."""


@dataclass(frozen=True)
class World:
    """The generated world.

    Attributes:
        types: The types of question.
    """

    types: tuple[str, ...]

    def tasks(self, split: str) -> NumberedTasks:
        """List the task ids of a split."""
        return numbered(split, self.types)

    def question(self, task: str) -> Question:
        """Make the question of a task."""
        return world_question(task)

    def library(self, task: str) -> Library:
        """Return the encyclopaedia of the task's split."""
        return _encyclopaedia(task.split("/")[0])[0]

    def gold(self, task: str) -> dict[str, str]:
        """Return the ids of the articles that lead to the answer, each with its title."""
        places = _encyclopaedia(task.split("/")[0])[1]
        return {places[title]: title for title in world_question(task).gold}


@dataclass(frozen=True)
class Files:
    """A corpus and questions of the user.

    Attributes:
        corpus: A file of documents.
        questions: A file of questions, or a folder with <split>.jsonl (validation: also dev.jsonl).
        split: The split that a file of questions is of.
    """

    corpus: Path
    questions: Path
    split: str

    def tasks(self, split: str) -> NumberedTasks:
        """List the task ids of a split: "<split>/<number>"; none where there is no file for it."""
        return NumberedTasks({split: len(self._questions(split))})

    def question(self, task: str) -> Question:
        """Return the question of a task."""
        split, _, number = task.partition("/")
        return self._questions(split)[int(number)]

    def library(self, task: str) -> Library:
        """Return the corpus with its index."""
        return _library(self.corpus, self.corpus.stat().st_mtime_ns)

    def gold(self, task: str) -> dict[str, str]:
        """Return the ids of the gold documents, as far as they are known; their finder is the question."""
        question = self.question(task)
        return dict.fromkeys(question.gold, question.text)

    def _questions(self, split: str) -> list[Question]:
        path = self._path(split)
        return [] if path is None else _questions(path, path.stat().st_mtime_ns)

    def _path(self, split: str) -> Path | None:
        if not self.questions.is_dir():
            return self.questions if split == self.split else None
        names = (f"{split}.jsonl", *(("dev.jsonl",) if split == "validation" else ()))
        return next((self.questions / name for name in names if (self.questions / name).is_file()), None)


def open_source(
    corpus: str | Path | None, questions: str | Path | None, types: tuple[str, ...], split: str
) -> Source:
    """Open the world, or files.

    Raises:
        ArgumentError: Only one of corpus and questions is given.
        DataError: A file is missing or malformed.
    """
    if corpus is None and questions is None:
        return World(types)
    if corpus is None or questions is None:
        lacking = "corpus" if corpus is None else "questions"
        raise ArgumentError(f"`{lacking}` is missing. Pass corpus= and questions= together, or neither.")
    paths = [Path(path).expanduser() for path in (corpus, questions)]
    for path in paths:
        if not path.exists():
            raise DataError(f"There is no {path}. Pass the path of a file of JSON lines.")
    files = Files(paths[0], paths[1], split)
    if not any(len(files.tasks(each)) for each in SPLITS):
        raise DataError(f"The folder {paths[1]} holds none of train.jsonl, validation.jsonl and test.jsonl.")
    return files


@lru_cache(maxsize=len(SPLITS))
def _encyclopaedia(split: str) -> tuple[Library, dict[str, str]]:
    documents = write_documents(world_of(split), split)
    corpus = ListCorpus(documents)
    return Library(corpus, Bm25Index.build(corpus)), {d.title: d.id for d in documents}


@lru_cache(maxsize=2)
def _library(path: Path, stamp: int) -> Library:
    corpus = JsonlCorpus(path)
    return Library(corpus, cached_index(corpus))


@lru_cache(maxsize=8)
def _questions(path: Path, stamp: int) -> list[Question]:
    return read_questions(path)
