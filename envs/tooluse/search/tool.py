"""The tool `search`, and what it has found."""

from __future__ import annotations

from typing import Any

from agentgym.errors import DataError
from envs.tooluse.core import tool
from envs.tooluse.search.document import Document
from envs.tooluse.search.sources import Source

__all__ = ["SearchTool"]

_LONGEST_QUERY = 1000


class SearchTool:
    """Searches the library of a task and keeps in mind what it returned.

    Args:
        source: Where the library is.
        task: The task.
        count: Documents a search.

    Attributes:
        queries: The queries so far.
        step: Ids of the documents that the present step has found.
        found: Ids of all documents found so far.
    """

    def __init__(self, source: Source, task: str, count: int) -> None:
        self._source = source
        self._task = task
        self._count = count
        self.queries: tuple[str, ...] = ()
        self.step: tuple[str, ...] = ()
        self.found: tuple[str, ...] = ()

    @tool
    def search(self, query: str) -> str:
        """Search the documents and return the best.

        Args:
            query: Words that the documents should hold.
        """
        query = query[:_LONGEST_QUERY]
        library = self._source.library(self._task)
        places = library.index.search(query, self._count)
        documents = [library.corpus[place] for place in places]
        ids = [document.id for document in documents]
        self.queries += (query,)
        self.step = tuple(dict.fromkeys((*self.step, *ids)))
        self.found = tuple(dict.fromkeys((*self.found, *ids)))
        return _written(documents)

    def save(self) -> dict[str, list[str]]:
        """Return what it keeps in mind as a JSON object."""
        return {"queries": list(self.queries), "step": list(self.step), "found": list(self.found)}

    def load(self, record: Any) -> None:
        """Take up what `save` returned.

        Raises:
            DataError: It is something else.
        """
        kept = [record[name] for name in ("queries", "step", "found")]
        if not all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in kept):
            raise DataError("its searches are none")
        self.queries, self.step, self.found = map(tuple, kept)


def _written(documents: list[Document]) -> str:
    """Write documents as Search-R1 does: `Doc 1(Title: ...) text`."""
    if not documents:
        return "No document holds any of these words."
    return "\n".join(
        f'Doc {number}(Title: "{document.title}") {document.text}'
        for number, document in enumerate(documents, 1)
    )
