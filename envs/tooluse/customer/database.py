"""A database that many episodes share: one base that nobody changes, and an overlay of rows per episode."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any

from agentgym.errors import DataError

__all__ = ["Base", "Database", "Row", "Rows", "canonical_text", "copied", "original_text"]

Row = dict[str, Any]
Rows = dict[tuple[str, str], Row]
"""Rows by table and key."""


class Base:
    """Tables of rows that are never changed. Texts of rows for hashing are made once.

    Args:
        tables: Rows by key, by table.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Row]]) -> None:
        self.tables = tables

    @cached_property
    def canonical(self) -> dict[str, dict[str, str]]:
        """`"key":row` of each row in canonical JSON, by table and key, both sorted."""
        return {
            name: {key: _canonical_entry(key, rows[key]) for key in sorted(rows)}
            for name, rows in sorted(self.tables.items())
        }

    @cached_property
    def original(self) -> dict[str, dict[str, str]]:
        """The text of each row that tau-bench hashes, by table and key, both sorted."""
        return {
            name: {key: _original_entry(key, rows[key]) for key in sorted(rows)}
            for name, rows in sorted(self.tables.items())
        }


class Database:
    """An episode's view of a base: it holds copies of the rows that were edited, and of no others.

    Args:
        base: What the episode started from.
        rows: Rows that differ from it.
    """

    def __init__(self, base: Base, rows: Rows | None = None) -> None:
        self.base = base
        self._edited: Rows = {} if rows is None else {place: copied(row) for place, row in rows.items()}
        self._before: dict[tuple[str, str], str | None] = {}

    def has(self, table: str, key: str) -> bool:
        """Whether there is such a row."""
        return (table, key) in self._edited or key in self.base.tables[table]

    def row(self, table: str, key: str) -> Row:
        """Return a row to read; it must not be changed.

        Raises:
            KeyError: There is none.
        """
        edited = self._edited.get((table, key))
        return self.base.tables[table][key] if edited is None else edited

    def rows(self, table: str) -> Iterator[tuple[str, Row]]:
        """Yield key and row of a table, in the order of the base, new rows last."""
        base = self.base.tables[table]
        for key, row in base.items():
            yield key, self._edited.get((table, key), row)
        for place, row in self._edited.items():
            if place[0] == table and place[1] not in base:
                yield place[1], row

    def edit(self, table: str, key: str) -> Row:
        """Return a row to change.

        Raises:
            KeyError: There is none.
        """
        if (table, key) not in self._edited:
            self._edited[table, key] = copied(self.base.tables[table][key])
        return self._edited[table, key]

    def add(self, table: str, key: str, row: Row) -> None:
        """Put a new row in."""
        self._edited[table, key] = row

    def changed(self) -> dict[tuple[str, str], str]:
        """Return the rows that differ from the base, as canonical text, in the order of their places."""
        texts = {place: canonical_text(self._edited[place]) for place in sorted(self._edited)}
        return {place: text for place, text in texts.items() if text != self._text_before(place)}

    def save(self) -> list[list[Any]]:
        """Return the rows that differ from the base, as JSON: table, key and row of each."""
        return [[*place, copied(self._edited[place])] for place in self.changed()]

    @classmethod
    def load(cls, base: Base, state: Any) -> Database:
        """Read what `save` wrote.

        Raises:
            DataError: It is something else.
        """
        rows: Rows = {}
        for table, key, row in state:
            known = next(iter(base.tables.get(table, {}).values()), None)
            if known is None or not isinstance(key, str) or not isinstance(row, dict):
                raise DataError("it changes a row that cannot be")
            if not known.keys() <= row.keys() and not base.tables[table].get(key, known).keys() <= row.keys():
                raise DataError(f"its row {key!r} of {table!r} lacks fields")
            rows[table, key] = row
        return cls(base, rows)

    def canonical_hash(self) -> str:
        """sha256 of the whole database in canonical JSON: sorted keys, no spaces, no escapes."""
        changed = {place: _canonical_entry(place[1], self._edited[place]) for place in self.changed()}
        tables = [
            f"{json.dumps(name)}:{{{','.join(entries)}}}"
            for name, entries in _merged(self.base.canonical, changed)
        ]
        return _sha256("{" + ",".join(tables) + "}")

    def original_hash(self) -> str:
        """sha256 as tau-bench computes it: of the `str` of nested tuples, mappings sorted by key."""
        changed = {place: _original_entry(place[1], self._edited[place]) for place in self.changed()}
        tables = [f"({name!r}, {_tuple(entries)})" for name, entries in _merged(self.base.original, changed)]
        return _sha256(_tuple(tables))

    def _text_before(self, place: tuple[str, str]) -> str | None:
        """Return the canonical text of a row in the base; None where it is new."""
        if place not in self._before:
            row = self.base.tables[place[0]].get(place[1])
            self._before[place] = None if row is None else canonical_text(row)
        return self._before[place]


def copied(value: Any) -> Any:
    """Copy a JSON value."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def canonical_text(value: Any) -> str:
    """Write canonical JSON: sorted keys, no spaces, no escapes. 1 and 1.0 differ."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def original_text(value: Any) -> str:
    """Write a value as tau-bench does before hashing: `str` of nested tuples, mappings sorted by key."""
    return str(_nested(value))


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _nested(item)) for key, item in sorted(value.items()))
    if isinstance(value, list):
        return tuple(_nested(item) for item in value)
    return value


def _canonical_entry(key: str, row: Row) -> str:
    return f"{json.dumps(key, ensure_ascii=False)}:{canonical_text(row)}"


def _original_entry(key: str, row: Row) -> str:
    return f"({key!r}, {original_text(row)})"


def _merged(
    base: Mapping[str, dict[str, str]], changed: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each table and the texts of its rows, sorted by key, changed ones replaced."""
    for name, texts in base.items():
        ours = {key: text for (table, key), text in changed.items() if table == name}
        merged = {**texts, **ours}
        order = merged if ours.keys() <= texts.keys() else sorted(merged)
        yield name, [merged[key] for key in order]


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
