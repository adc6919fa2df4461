from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from agentgym.errors import DataError
from agentgym.files import cache_folder
from envs.tooluse.search.corpus import JsonlCorpus, ListCorpus
from envs.tooluse.search.document import Document
from envs.tooluse.search.index import Bm25Index, cached_index

_TEXTS = ["alpha beta beta", "alpha gamma", "delta", "alpha beta beta", "gamma gamma alpha beta epsilon"]


def _corpus(texts: list[str]) -> ListCorpus:
    return ListCorpus([Document(str(place), "", text) for place, text in enumerate(texts)])


def _write(path: Path, texts: list[str]) -> Path:
    path.write_text(
        "".join(json.dumps({"id": str(n), "contents": text}) + "\n" for n, text in enumerate(texts))
    )
    return path


def _bm25(texts: list[str], query: str, *, k1: float = 1.5, b: float = 0.75) -> list[float]:
    """BM25 as Lucene computes it, by the formula."""
    split = [text.split() for text in texts]
    mean = sum(map(len, split)) / len(split)
    scores = []
    for words in split:
        counts, score = Counter(words), 0.0
        for word in query.split():
            holding = sum(word in other for other in split)
            if holding:
                idf = math.log(1 + (len(split) - holding + 0.5) / (holding + 0.5))
                tf = counts[word]
                score += idf * tf / (tf + k1 * (1 - b + b * len(words) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["beta", "alpha gamma", "epsilon delta", "gamma gamma beta"])
def test_index__orders_as_the_formula_does(query: str) -> None:
    scores = np.array(_bm25(_TEXTS, query))
    order = [int(k) for k in np.lexsort((np.arange(len(scores)), -scores.round(5))) if scores[k] > 0]
    assert Bm25Index.build(_corpus(_TEXTS)).search(query, 10) == order


def test_index__ties_stand_in_the_order_of_the_corpus() -> None:
    index = Bm25Index.build(_corpus(["same words"] * 50))
    assert index.search("words", 5) == [0, 1, 2, 3, 4]
    assert index.search("same words", 50) == list(range(50))


@pytest.mark.parametrize("query", ["", "unknown", "  ", "\x00", "x" * 10_000, "é 漢字"])
def test_index__finds_nothing_where_no_word_is_known(query: str) -> None:
    assert Bm25Index.build(_corpus(_TEXTS)).search(query, 3) == []


def test_cached_index__is_put_in_place_whole_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTGYM_CACHE", str(tmp_path / "cache"))
    corpus = JsonlCorpus(_write(tmp_path / "corpus.jsonl", _TEXTS))
    first = cached_index(corpus).search("beta gamma", 5)
    (folder,) = cache_folder("search").iterdir()
    stamps = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert cached_index(corpus).search("beta gamma", 5) == first
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps
    assert [path.name for path in cache_folder("search").iterdir()] == [folder.name]


def test_cached_index__a_broken_one_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTGYM_CACHE", str(tmp_path / "cache"))
    corpus = JsonlCorpus(_write(tmp_path / "corpus.jsonl", _TEXTS))
    first = cached_index(corpus).search("beta", 5)
    (folder,) = cache_folder("search").iterdir()
    for path in folder.iterdir():
        path.write_bytes(b"garbage")
    assert cached_index(corpus).search("beta", 5) == first
    assert Bm25Index.load(folder).search("beta", 5) == first


def test_cached_index__works_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("AGENTGYM_CACHE", str(blocked))
    corpus = JsonlCorpus(_write(tmp_path / "corpus.jsonl", _TEXTS))
    assert cached_index(corpus).search("delta", 5) == [2]


def test_corpus__reads_documents_by_place(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(
        '\n{"id": 7, "contents": "\\"Title\\"\\nText"}\n\n{"id": "b", "title": "T", "contents": "x"}'
    )
    corpus = JsonlCorpus(path)
    assert len(corpus) == 2
    assert [corpus[0], corpus[1]] == list(corpus) == [Document("7", "Title", "Text"), Document("b", "T", "x")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is no JSON"),
        ("[1]", "no JSON object"),
        ('{"contents": "x"}', "'id' is None"),
        ('{"id": "a"}', "'contents' is None"),
        ('{"id": true, "contents": "x"}', "'id' is True"),
        ("[" * 5000, "is no JSON"),
        ("\xff", "is no JSON"),
    ],
)
def test_corpus__a_broken_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b'{"id": "a", "contents": "x"}\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(DataError, match=re.escape(f"{path}, document 2")) as raised:
        list(JsonlCorpus(path))
    assert reason in str(raised.value)


def test_corpus__a_missing_or_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        JsonlCorpus(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(DataError, match="holds no document"):
        JsonlCorpus(tmp_path / "empty.jsonl")
