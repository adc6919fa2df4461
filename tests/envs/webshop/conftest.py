"""What the tests share: a cache of their own, a small shop, and the golden files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from envs.webshop.catalogue import LoadedCatalogue, open_folder
from tests.envs.webshop.shop import write_catalogue

Golden: TypeAlias = Callable[[str], Any]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGENTGYM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """The files of a catalogue of five products."""
    return write_catalogue(tmp_path)


@pytest.fixture
def small_shop(small_folder: Path) -> LoadedCatalogue:
    """That catalogue, opened."""
    return open_folder(small_folder)


@pytest.fixture(scope="session")
def thousand(data_root: Path) -> LoadedCatalogue:
    """The 1,000 products of the original."""
    return open_folder(data_root / "webshop")


@pytest.fixture(scope="session")
def golden(data_root: Path) -> Golden:
    """Read a golden file by its name: a list of rows, or one object."""
    folder = data_root.parent / "golden" / "webshop"

    def read(name: str) -> Any:
        path = folder / name
        if not path.is_file():
            pytest.skip(f"no golden answers: {path} is no file")
        text = path.read_text("utf-8")
        return (
            [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
        )

    return read
