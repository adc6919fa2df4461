"""The index: scores, ties, folders, several processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, DataError
from envs.webshop.search import Index
from envs.webshop.search.assembling import rounded_length
from tests.envs.webshop.search.catalogue import plain_search

WORDS = ("red", "shoe", "shoes", "large", "ärmel", "the", "cotton", "3.5", "★", "")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
FEW = [("B2", "red shoes"), ("B1", "red shoes"), ("B3", "a red red hat"), ("B4", "the of")]


def many(count: int) -> Iterator[tuple[str, str]]:
    rng = np.random.default_rng(0)
    for number in rng.permutation(count):
        common = " ".join(WORDS[i] for i in rng.integers(len(WORDS), size=rng.integers(12)))
        yield f"B{number:05d}", f"{common} rare{number % 60}"


@given(st.lists(TEXTS, max_size=12), TEXTS, st.integers(1, 15))
def test_search__scores_as_the_formula_says(texts: list[str], query: str, k: int) -> None:
    documents = [(f"B{(7 * number) % 100:02d}", text) for number, text in enumerate(texts)]
    assert Index.in_memory(documents).search(query, k) == plain_search(documents, query, k)


def test_search__of_many_documents_finds_the_first_k() -> None:
    documents = list(many(3_000))
    index = Index.in_memory(documents)
    for query in (
        "red",
        "red shoe cotton",
        "ärmel ★ 3.5 the large",
        "nothing",
        "rare1 red large",
        "red " * 10_000,
    ):
        assert index.search(query, 2) == index.search(query, 3_000)[:2] == plain_search(documents, query, 2)


def test_search__orders_equal_scores_by_id() -> None:
    assert [hit.asin for hit in Index.in_memory(FEW).search("shoe")] == ["B1", "B2"]


def test_search__of_nothing_finds_nothing() -> None:
    assert Index.in_memory([]).search("red") == []
    assert Index.in_memory(FEW).search("the of \x00") == []
    with pytest.raises(ArgumentError, match="at least 1"):
        Index.in_memory(FEW).search("red", 0)


@pytest.mark.parametrize(
    "text", ["red " * 25_000, "r\ud800ed", "👗" * 25_000, "[" * 100_000, "<b>red</b>\x00"]
)
def test_search__takes_any_text(text: str) -> None:
    assert len(Index.in_memory(FEW).search(text)) == (3 if "red" in text else 0)


def test_search__looks_at_the_first_1024_terms() -> None:
    strange = " ".join(f"w{number}" for number in range(1024))
    assert Index.in_memory(FEW).search(f"{strange} red") == []
    assert len(Index.in_memory(FEW).search(f"red {strange}")) == 3


@pytest.mark.parametrize(
    ("length", "rounded"), [(0, 0), (39, 39), (40, 40), (41, 40), (42, 42), (57, 56), (100, 96), (1919, 1816)]
)
def test_rounded_length__keeps_four_bits_above_24(length: int, rounded: int) -> None:
    assert rounded_length(length) == rounded


def test_build__gives_the_same_files_by_any_number_of_processes(tmp_path: Path) -> None:
    done: list[int] = []
    for jobs in (1, 2):
        index = Index.build(many(9_000), tmp_path / str(jobs), jobs=jobs, progress=done.append)
        assert len(index) == 9_000
    assert done == [4096, 8192, 9000] * 2
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "2").iterdir())
    assert all((tmp_path / "1" / f).read_bytes() == (tmp_path / "2" / f).read_bytes() for f in files)
    assert index.search("red shoe") == Index.in_memory(many(9_000)).search("red shoe")


@pytest.mark.parametrize("documents", [[], [("B1", "")], [("B1", "the of")]])
def test_build__takes_documents_without_words(documents: list[tuple[str, str]], tmp_path: Path) -> None:
    assert Index.build(documents, tmp_path / "index").search("the red") == []


def test_build__refuses_what_it_cannot_index(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Two documents have the id 'B1'"):
        Index.build([*FEW, FEW[1]], tmp_path / "index")
    with pytest.raises(ArgumentError, match="at least 1"):
        Index.build(FEW, tmp_path / "index", jobs=0)
    assert [path.name for path in tmp_path.iterdir()] == [".index.lock"]


def test_cached__builds_once_and_again_when_stale(tmp_path: Path) -> None:
    built: list[str] = []

    def documents(text: str) -> list[tuple[str, str]]:
        built.append(text)
        return [("B1", text)]

    for content in ("one", "one", "two", "two"):
        index = Index.cached(tmp_path / "[index]", content, lambda: documents(content))  # noqa: B023
        assert [hit.asin for hit in index.search(content)] == ["B1"]
    assert built == ["one", "two"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".[index].lock", "[index]"]


@pytest.mark.parametrize("broken", ["index.json", "starts.npy", "kinds.npy"])
def test_open__refuses_a_broken_folder_which_cached_mends(broken: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    Index.build(FEW, folder, content="few")
    file = folder / broken
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(DataError, match="no index that can be used"):
        Index.open(folder)
    assert len(Index.cached(folder, "few", lambda: FEW).search("red")) == 3
    assert len(Index.open(folder).search("red")) == 3


def test_open__refuses_another_version(tmp_path: Path) -> None:
    Index.build(FEW, tmp_path / "index")
    head = json.loads((tmp_path / "index" / "index.json").read_text())
    (tmp_path / "index" / "index.json").write_text(json.dumps({**head, "version": 0}))
    with pytest.raises(DataError, match="its version is 0"):
        Index.open(tmp_path / "index")
    with pytest.raises(DataError, match="no index"):
        Index.open(tmp_path / "nowhere")


def _open_together(folder: str, log: str) -> None:
    def documents() -> Iterator[tuple[str, str]]:
        with Path(log).open("a") as file:
            file.write("built\n")
        yield from many(2_000)

    assert len(Index.cached(folder, "many", documents).search("red")) == 50


def test_cached__lets_one_of_several_processes_build(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "index"), str(tmp_path / "log"))
    together = [spawn.Process(target=_open_together, args=arguments) for _ in range(3)]
    for process in together:
        process.start()
    for process in together:
        process.join()
    assert [process.exitcode for process in together] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "built\n"


def test_build__that_is_killed_leaves_no_index_and_no_lock(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom envs.webshop.search import Index\n"
        "def endless():\n"
        "    for number in range(10**9):\n"
        "        if number == 5000: print('half', flush=True)\n"
        "        yield f'B{number}', 'red'\n"
        "Index.build(endless(), sys.argv[1])\n"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as child:
        assert child.stdout is not None and child.stdout.readline() == b"half\n"
        child.send_signal(signal.SIGKILL)
    assert not (tmp_path / "index").exists()
    assert len(Index.build(FEW, tmp_path / "index").search("red")) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [".index.lock", "index"]
