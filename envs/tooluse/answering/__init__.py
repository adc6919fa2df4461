"""One question, tools to work on it with, one answer: what mathematics and search have in common."""

from __future__ import annotations

from envs.tooluse.answering.env import AnswerEnv
from envs.tooluse.answering.text import answer_in

__all__ = ["AnswerEnv", "answer_in"]
