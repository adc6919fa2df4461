"""The folders and files of `GorillaFileSystem`, and the bounds that keep them a tree."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

__all__ = ["MAX_DEPTH", "Directory", "File", "Item", "crowded", "size_of"]

MAX_DEPTH: Final = 60
_MAX_ENTRIES: Final = 20_000


class File:
    """A file: name and content."""

    def __init__(self, name: str, content: str = "") -> None:
        self.name = name
        self.content = content

    def canonical(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"type": "file", "name": self.name, "content": self.content}


class Directory:
    """A folder: name, parent and contents by name."""

    def __init__(self, name: str, parent: Directory | None = None) -> None:
        self.name = name
        self.parent = parent
        self.contents: dict[str, File | Directory] = {}

    def canonical(self) -> dict[str, Any]:
        """Return it, with all that it holds, as JSON."""
        contents = {name: item.canonical() for name, item in self.contents.items()}
        return {"type": "directory", "name": self.name, "contents": contents}


Item: TypeAlias = File | Directory


def size_of(item: Item) -> int:
    """Count the bytes of all files in an item."""
    if isinstance(item, File):
        return len(item.content.encode("utf-8", "surrogatepass"))
    return sum(size_of(child) for child in item.contents.values())


def crowded(root: Directory, item: Directory, target: Item | None) -> bool:
    """Tell whether placing a folder would close a circle or swell the tree.

    Copies share what lies below them, as in the benchmark, so both could happen.
    """
    budget = _MAX_ENTRIES

    def blocked(folder: Directory, depth: int) -> bool:
        nonlocal budget
        budget -= len(folder.contents)
        if folder is target or depth > MAX_DEPTH or budget < 0:
            return True
        return any(
            blocked(child, depth + 1) for child in folder.contents.values() if isinstance(child, Directory)
        )

    return blocked(item, 0) or _swells(root, budget)


def _swells(root: Directory, budget: int) -> bool:
    pending = [(root, 0)]
    while pending:
        folder, depth = pending.pop()
        budget -= len(folder.contents)
        if budget < 0 or depth > MAX_DEPTH // 2:
            return True
        pending += [(child, depth + 1) for child in folder.contents.values() if isinstance(child, Directory)]
    return False
