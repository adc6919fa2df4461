"""Nouns of titles: spaCy's where a model is installed, else those of our own rules."""

from envs.webshop.nouns.extractor import Nouns, best_nouns
from envs.webshop.nouns.rules import RuleNouns

__all__ = ["Nouns", "RuleNouns", "best_nouns"]
