"""Estimators, losses, models and trainers. Importing this package loads none of them."""

from __future__ import annotations

__suite__ = "agentgym"
