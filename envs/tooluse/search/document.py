"""`Document`, and how a corpus file writes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentgym.errors import DataError

__all__ = ["Document", "read_document"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        id: Its id in the corpus.
        title: Its title; "" where it has none.
        text: What stands below the title.
    """

    id: str
    title: str
    text: str

    @property
    def contents(self) -> str:
        """Title and text in one, as corpus files hold them."""
        return f'"{self.title}"\n{self.text}' if self.title else self.text


def read_document(record: Any, where: str) -> Document:
    r"""Read `{"id": ..., "contents": '"Title"\ntext'}`; the title may also stand under the key "title".

    Args:
        record: The JSON value.
        where: File and line, for the message.

    Raises:
        DataError: It is no document. The message names file, line and field.
    """
    if not isinstance(record, Mapping):
        raise DataError(f"{where} is no JSON object. A document is {{'id': ..., 'contents': ...}}.")
    for field, kinds in (("id", (str, int)), ("contents", (str,))):
        if not isinstance(record.get(field), kinds) or isinstance(record.get(field), bool):
            raise DataError(f"{where}: {field!r} is {record.get(field)!r:.80}. It must be a text.")
    contents, title = record["contents"], record.get("title")
    first, newline, rest = contents.partition("\n")
    if isinstance(title, str) and title:
        return Document(str(record["id"]), title, contents)
    if newline and len(first) > 1 and first[0] == first[-1] == '"':
        return Document(str(record["id"]), first[1:-1], rest)
    return Document(str(record["id"]), "", contents)
