"""Turns that a local model answers in a running batch, each as soon as its own answer has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agentgym.agents.running import RunningBatch
from agentgym.profiling import counted, timed
from agentgym.trajectory import Decision, Turn

if TYPE_CHECKING:
    from agentgym.agents.hf import HFAgent

__all__ = ["ModelStream"]


class ModelStream:
    """A `TurnStream` of an `HFAgent`.

    Args:
        agent: Who writes prompts and reads answers.
        batch: Where they are sampled; nobody else uses it.
    """

    def __init__(self, agent: HFAgent, batch: RunningBatch) -> None:
        self._agent, self._batch = agent, batch
        self._asked: dict[int, tuple[Turn, NDArray[np.int64]]] = {}  # by ticket
        self._ready: list[tuple[Turn, Decision]] = []

    def __len__(self) -> int:
        """Return the number of turns without an answer."""
        return len(self._asked) + len(self._ready)

    def submit(self, turns: Sequence[Turn]) -> None:
        """Ask for answers. A choice among admissible actions is made at once."""
        closed = [turn for turn in turns if self._agent.chooses(turn)]
        if closed:
            self._ready += zip(closed, self._agent.choose(closed), strict=True)
        rest = [turn for turn in turns if not self._agent.chooses(turn)]
        prompts = self._agent.encode(rest)
        with timed("generate"):
            for turn, prompt in zip(rest, prompts, strict=True):
                ticket = self._batch.submit(turn.episode, prompt, self._agent.chance(turn))
                self._asked[ticket] = turn, prompt

    def poll(self) -> list[tuple[Turn, Decision]]:
        """Sample a token of every answer; return the turns whose answers have ended."""
        with timed("generate"):
            ended = self._batch.poll()
        counted(tokens=sum(len(answer.token_ids) for _, answer in ended))
        done, self._ready = self._ready, []
        with timed("parse"):
            for ticket, answer in ended:
                turn, prompt = self._asked.pop(ticket)
                done.append((turn, self._agent.decision(turn, prompt, answer)))
        return done

    def leave(self, episode: int) -> None:
        """Forget an episode that is over."""
        self._batch.leave(episode)
