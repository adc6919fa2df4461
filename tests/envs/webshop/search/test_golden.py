"""Rankings of Lucene over the 1,000 products."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.webshop.search import Index
from envs.webshop.search.analysis import terms
from tests.envs.webshop.conftest import Golden
from tests.envs.webshop.search.catalogue import documents


@pytest.fixture(scope="module")
def catalogue(data_root: Path) -> list[tuple[str, str]]:
    return documents(data_root / "webshop")


@pytest.mark.data
def test_terms__are_as_many_as_in_lucene(catalogue: list[tuple[str, str]]) -> None:
    bags = [terms(text) for _, text in catalogue]
    assert sum(map(len, bags)) == 107_608
    assert len({term for bag in bags for term in bag}) == 12_074


@pytest.mark.data
@pytest.mark.parametrize("on_disk", [False, True])
def test_search__ranks_as_lucene(
    catalogue: list[tuple[str, str]], golden: Golden, on_disk: bool, tmp_path: Path
) -> None:
    index = Index.build(catalogue, tmp_path / "index") if on_disk else Index.in_memory(catalogue)
    rankings = golden("golden_lucene_top50.jsonl")
    assert rankings
    for row in rankings:
        found = index.search(row["query"])
        assert [hit.asin for hit in found] == [asin for asin, _ in row["hits"]], row["query"]
        assert [hit.score for hit in found] == pytest.approx([score for _, score in row["hits"]], abs=1e-3)
