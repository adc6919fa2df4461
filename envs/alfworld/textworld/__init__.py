"""ALFWorld's own stack as a backend: TextWorld in a process of its own."""

from __future__ import annotations

from envs.alfworld.textworld.backend import TextWorldBackend

__all__ = ["TextWorldBackend"]
