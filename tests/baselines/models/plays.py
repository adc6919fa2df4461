"""Plays for tests of learned parts: real ones in the corridor, and made-up ones token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from agentgym.agents import PromptTemplate
from agentgym.agents.hf import HFAgent
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Decision, Step, Trajectory, Turn
from baselines.models import build_nano, train_tokenizer
from baselines.models.companion import Play
from baselines.trainer.clone import DemonstrationAgent
from tests.toys import TOY_ID

__all__ = ["Said", "corridor", "student", "told"]


class Said(NamedTuple):
    """One turn of a made-up episode: token ids of prompt and response, and the reward."""

    prompt: list[int]
    response: list[int]
    reward: float = 0.0


def student(*, hidden: int = 32) -> HFAgent:
    """A fresh nano that reads the corridor's text."""
    texts = [f"Leave by the {door} door.\nYou must leave by the {door} door." for door in ("east", "west")]
    texts += [f"You are {cell} steps from the west door.\n>go east go west" for cell in range(8)]
    tokenizer = train_tokenizer(texts, vocabulary=300)
    model = build_nano(tokenizer, hidden=hidden, layers=1, heads=2)
    return HFAgent(model, tokenizer, PromptTemplate(instruction=True))


class _Waiting(DemonstrationAgent):
    """Says "wait", whatever it sees."""

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        return [self._with_tokens(p, Decision("wait")) for p in self._student.encode(turns)]


def corridor(agent: HFAgent, episodes: int, *, waits: bool = False, max_steps: int = 12) -> Play:
    """Let an expert walk (or wait) in a corridor of seven cells without wind."""
    plan = [
        Episode(k, TOY_ID, seed=k, group=k, env_kwargs={"wind": 0.0, "max_steps": max_steps})
        for k in range(episodes)
    ]
    player = _Waiting(agent) if waits else DemonstrationAgent(agent)
    return Play.of(sorted(collect(plan, player), key=lambda t: t.episode))


def told(episodes: Sequence[Sequence[Said]], groups: Sequence[int] | None = None) -> Play:
    """Make a play of made-up episodes."""
    return Play.of(
        [
            _trajectory(number, group, said)
            for number, (group, said) in enumerate(zip(groups or range(len(episodes)), episodes, strict=True))
        ]
    )


def _trajectory(number: int, group: int, said: Sequence[Said]) -> Trajectory:
    steps = tuple(_step(turn, last=turn is said[-1]) for turn in said)
    return Trajectory("agentgym/Told-v0", {}, 0, "t", "train", number, group, "test", steps, "over")


def _step(turn: Said, *, last: bool) -> Step:
    ids = np.array(turn.response, np.int64)
    fields: dict[str, Any] = {"logprobs": -np.ones(len(ids)), "entropies": np.ones(len(ids))}
    decision = Decision("go", "go", np.array(turn.prompt, np.int64), ids, **fields)
    return Step("look", "key", decision, turn.reward, last, False, True, 0.0, 0.0, False)
