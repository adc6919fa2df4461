"""Nouns of titles: our rules beside what spaCy found."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from envs.webshop.nouns import RuleNouns, best_nouns
from envs.webshop.reward import title_score

_SPACY_COUNTS = {
    "1_12": 16,
    "1_13": 17,
    "1_15": 11,
    "1_17": 17,
    "1_18": 7,
    "1_21": 23,
    "1_23": 15,
    "1_6": 23,
    "1_7": 23,
}
"""Least number of nouns of each human session's goal title that fits its title score with spaCy."""

_SOUNDBAR = "Saireed UL Listed 2 Prong Power Cord for JBL Bar 3.1 Bar 2.1 Channel 4K Ultra HD Soundbar"
_PANASONIC = (
    "BRST AC Power Cord Outlet Socket Cable Plug Lead for Panasonic SC-HT830V DVD/VCR Combo Home Theater "
    "System"
)


def test_rules__leave_out_what_is_no_noun() -> None:
    assert RuleNouns()("The Long Soft Mug for 2 with a 16oz Lid & T-Shirt") == (
        "mug",
        "oz",
        "lid",
        "t",
        "shirt",
    )
    assert RuleNouns()("") == ()


@pytest.mark.parametrize(
    ("goal", "product", "spacy"),
    [
        (
            "adidas Unisex-Adult D.o.n. Issue 2 Basketball Shoe",
            "adidas Unisex-Adult D.o.n. Issue 2 Indoor Court Shoe",
            6 / 7,
        ),
        (f"{_SOUNDBAR} Home Theater System Subwoofer", _PANASONIC, 5 / 16),
        (_SOUNDBAR, _PANASONIC, 2 / 12),
        (
            "Rusticware 921ORB Kitchen and Bath Cabinet Knob",
            "Minkissy 2pcs Stainless Steel Eyebrow Tweezers",
            0.0,
        ),
    ],
)
def test_rules__score_titles_much_as_spacy_does(goal: str, product: str, spacy: float) -> None:
    nouns = RuleNouns()
    assert title_score(nouns(goal), nouns(product)) == pytest.approx(spacy, abs=0.05)


@pytest.mark.data
def test_rules__find_about_as_many_nouns_as_spacy(data_root: Path) -> None:
    nouns, apart = RuleNouns(), []
    for path in sorted((data_root / "webshop" / "human_trajs").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            name = json.loads(next(lines))["goal"]["name"]
        count = _SPACY_COUNTS[path.stem.split("_", 1)[1]]
        apart.append(abs(len(nouns(name)) - count) / count)
    assert len(apart) == len(_SPACY_COUNTS)
    assert sum(apart) / len(apart) < 0.1


def test_best_nouns__can_be_copied() -> None:
    nouns = best_nouns()
    assert pickle.loads(pickle.dumps(nouns)) is nouns
    assert nouns("Blue Mug") == nouns("Blue Mug")
