"""Shaped rewards: pure functions from columns to a new reward column, one file per rule (numpy)."""

from __future__ import annotations

from baselines.rewards.g_ra import g_ra
from baselines.rewards.spa import Rule, spa

__all__ = ["Rule", "g_ra", "spa"]
