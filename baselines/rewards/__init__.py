"""Shaped rewards: pure functions on columns, and rules that apply them to a batch by name (numpy)."""

from __future__ import annotations

from baselines.rewards.answers import exact_match, normalised, token_f1
from baselines.rewards.assignment import Matching, match_assignment, transport_plan
from baselines.rewards.capo import capo
from baselines.rewards.dapo_overlong import dapo_overlong
from baselines.rewards.eapo import eapo
from baselines.rewards.g_ra import g_ra
from baselines.rewards.information_gain import information_gain
from baselines.rewards.matchtir import call_similarity, match_reward
from baselines.rewards.otc import otc
from baselines.rewards.pure_min_form import pure_min_form
from baselines.rewards.registry import Rule, Shaper, make_shaper, register_rule, rule, rules, shape
from baselines.rewards.reseek import reseek
from baselines.rewards.search_r2 import search_r2
from baselines.rewards.spa import spa
from baselines.rewards.spae import Potential, spae_potential
from baselines.rewards.tool_star import tool_star
from baselines.rewards.vsrm import vsrm

__all__ = [
    "Matching",
    "Potential",
    "Rule",
    "Shaper",
    "call_similarity",
    "capo",
    "dapo_overlong",
    "eapo",
    "exact_match",
    "g_ra",
    "information_gain",
    "make_shaper",
    "match_assignment",
    "match_reward",
    "normalised",
    "otc",
    "pure_min_form",
    "register_rule",
    "reseek",
    "rule",
    "rules",
    "search_r2",
    "shape",
    "spa",
    "spae_potential",
    "token_f1",
    "tool_star",
    "transport_plan",
    "vsrm",
]
