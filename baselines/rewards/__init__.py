"""Shaped rewards: pure functions on columns, and rules that apply them to a batch by name (numpy)."""

from __future__ import annotations

from baselines.rewards.assignment import Matching, match_assignment, transport_plan
from baselines.rewards.g_ra import g_ra
from baselines.rewards.matchtir import call_similarity, match_reward
from baselines.rewards.otc import otc
from baselines.rewards.registry import Shaper, make_shaper, register_rule, rule, rules, shape
from baselines.rewards.spa import spa

__all__ = [
    "Matching",
    "Shaper",
    "call_similarity",
    "g_ra",
    "make_shaper",
    "match_assignment",
    "match_reward",
    "otc",
    "register_rule",
    "rule",
    "rules",
    "shape",
    "spa",
    "transport_plan",
]
