"""A generated world: things, an encyclopaedia about them, and questions whose answers are known."""

from __future__ import annotations

from envs.tooluse.search.world.facts import World, world_of
from envs.tooluse.search.world.names import SPLITS
from envs.tooluse.search.world.questions import TYPES, numbered, world_question
from envs.tooluse.search.world.writing import write_documents

__all__ = ["SPLITS", "TYPES", "World", "numbered", "world_of", "world_question", "write_documents"]
