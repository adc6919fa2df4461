"""The 1,000 products as they are indexed, and BM25 as slow as it reads."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np

from envs.webshop.files import find_files, read_products
from envs.webshop.product import search_text
from envs.webshop.search.analysis import terms
from envs.webshop.search.assembling import rounded_length


def documents(folder: Path) -> list[tuple[str, str]]:
    """Id and text of each product in a folder of real data."""
    return [(asin, search_text(product)) for asin, product in read_products(find_files(folder)).items()]


def plain_search(documents: list[tuple[str, str]], query: str, k: int) -> list[tuple[str, float]]:
    """Rank documents by the formula, one by one."""
    one = np.float32(1)
    bags = [(asin, Counter(terms(text))) for asin, text in documents]
    filled = sum(1 for _, bag in bags if bag)
    average = np.float32(sum(bag.total() for _, bag in bags) / max(1, filled))
    found = []
    for asin, bag in bags:
        score = 0.0
        for term, times in Counter(terms(query)).items():
            if term not in bag:
                continue
            frequency = sum(1 for _, other in bags if term in other)
            weight = np.float32(times) * np.float32(
                math.log(1 + (filled - frequency + 0.5) / (frequency + 0.5))
            )
            share = np.float32(0.4) * np.float32(rounded_length(bag.total())) / average
            inverse = one / (np.float32(0.9) * ((one - np.float32(0.4)) + share))
            score += float(weight - weight / (one + np.float32(bag[term]) * inverse))
        if score > 0:
            found.append((asin, float(np.float32(score))))
    return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]
