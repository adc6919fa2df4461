"""Encoders: what an agent is shown at a turn, as arrays of fixed shape for stable-baselines3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from agentgym.errors import ArgumentError
from baselines.sb3.actions import ActionList
from baselines.sb3.views import View, view_of
from baselines.sb3.words import bag_of_words, word_ids, words_of

__all__ = ["ACTION_FACTS", "Encoder", "Encoding", "Situation"]

Arrays = dict[str, NDArray[Any]]

ACTION_FACTS = 5
"""Numbers beside the words of a padded action: see `Encoder`."""

_MOST_LOG_COUNT = 10.0
_CLOCK_STEPS = 50


@dataclass(frozen=True, slots=True)
class Situation:
    """What an agent knows at a turn.

    Attributes:
        observation: The present text.
        info: The present `Info`.
        past: The actions of this episode, oldest first.
    """

    observation: str
    info: Mapping[str, Any]
    past: Sequence[str] = ()


class Encoding(BaseModel):
    """What is encoded. A length of 0 leaves a part out.

    Attributes:
        view: Whether the environment's structured view is used, where it has one.
        bag: Buckets of the hashed bag of words of the observation.
        tokens: Word ids of the observation, the last ones.
        goal: Word ids of the instruction.
        recent: Word ids of the latest actions.
        candidate: Word ids of each padded action.
        context: Word ids that follow each padded action in the observation, added to its own: what a button
            stands beside.
        vocabulary: Word ids are below this.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: bool = True
    bag: int = Field(default=0, ge=0, le=1 << 16)
    tokens: int = Field(default=48, ge=0, le=4096)
    goal: int = Field(default=24, ge=0, le=1024)
    recent: int = Field(default=16, ge=0, le=1024)
    candidate: int = Field(default=8, ge=1, le=256)
    context: int = Field(default=0, ge=0, le=256)
    vocabulary: int = Field(default=4096, ge=2, le=1 << 20)

    @field_validator("bag")
    @classmethod
    def _tells_words_apart(cls, bag: int) -> int:
        if bag == 1:
            raise ValueError("one bucket tells no words apart; take 0, or 2 and more")
        return bag


class Encoder:
    """Turns situations into a dictionary of one-dimensional arrays.

    "clock" (1,): turns so far / 50, at most 1. "view" (V,): the structured view. "bag" (B,), "tokens", "goal"
    and "recent" (word ids): see `Encoding`. Only where the list of actions is padded to n slots: "candidates"
    (n L,), the word ids of each slot's action, and "facts" (n 5,), of each slot whether it holds an
    admissible action, how often that was taken in this episode (at most 4, divided by 4), whether it was the
    latest, which share of its words the instruction holds, and the same of the words beside it.

    Args:
        encoding: What is encoded.
        actions: What the indices stand for.
        env_id: Registered id: it decides the structured view.
        view_size: Length V of the structured view; 0 where there is none.
    """

    def __init__(self, encoding: Encoding, actions: ActionList, env_id: str, view_size: int) -> None:
        self.encoding, self.actions, self.env_id, self.view_size = encoding, actions, env_id, view_size
        self._view: View | None = view_of(env_id) if view_size else None

    @classmethod
    def fitting(cls, encoding: Encoding, actions: ActionList, env_id: str, first: Situation) -> Encoder:
        """Make the encoder of an environment, whose first situation tells the size of its view."""
        view = view_of(env_id) if encoding.view else None
        return cls(encoding, actions, env_id, 0 if view is None else len(view(first.observation, first.info)))

    @property
    def slot_words(self) -> int:
        """Word ids of a padded action, L: its own and those beside it."""
        return self.encoding.candidate + self.encoding.context

    @property
    def space(self) -> spaces.Dict:
        """The space of what `encode` returns."""
        parts: dict[str, spaces.Space[Any]] = {"clock": spaces.Box(0.0, 1.0, (1,), np.float32)}
        if self.view_size:
            parts["view"] = spaces.Box(0.0, 1.0, (self.view_size,), np.float32)
        if self.encoding.bag:
            parts["bag"] = spaces.Box(0.0, _MOST_LOG_COUNT, (self.encoding.bag,), np.float32)
        lengths = {name: getattr(self.encoding, name) for name in ("tokens", "goal", "recent")}
        if self.actions.slots:
            lengths["candidates"] = self.actions.slots * self.slot_words
            parts["facts"] = spaces.Box(0.0, 1.0, (self.actions.slots * ACTION_FACTS,), np.float32)
        top = self.encoding.vocabulary - 1
        return spaces.Dict(
            parts | {n: spaces.Box(0, top, (size,), np.int32) for n, size in lengths.items() if size}
        )

    def encode(self, situation: Situation) -> Arrays:
        """Encode a situation.

        Raises:
            ArgumentError: The structured view has another size than the one that this encoder was made for.
        """
        encoding = self.encoding
        arrays: Arrays = {"clock": np.array([min(1.0, len(situation.past) / _CLOCK_STEPS)], np.float32)}
        if self._view is not None:
            arrays["view"] = self._seen(situation, self._view)
        if encoding.bag:
            arrays["bag"] = bag_of_words(situation.observation, encoding.bag)
        texts = {
            "tokens": situation.observation,
            "goal": str(situation.info["instruction"]),
            "recent": " ".join(situation.past[-encoding.recent :]) if encoding.recent else "",
        }
        for name, text in texts.items():
            if length := getattr(encoding, name):
                arrays[name] = word_ids(text, length, encoding.vocabulary)
        return arrays | (self._slots(situation) if self.actions.slots else {})

    def _seen(self, situation: Situation, view: View) -> NDArray[np.float32]:
        array = view(situation.observation, situation.info)
        if len(array) != self.view_size:
            raise ArgumentError(
                f"The structured view of {self.env_id} has {len(array)} numbers, not {self.view_size}. "
                "Play it with the constructor arguments that it was trained with."
            )
        return array

    def _slots(self, situation: Situation) -> Arrays:
        size, own = self.actions.slots, self.encoding.candidate
        texts = self.actions.texts(situation.info["admissible_actions"])
        goal = frozenset(words_of(str(situation.info["instruction"])))
        ids = np.zeros((size, self.slot_words), dtype=np.int32)
        facts = np.zeros((size, ACTION_FACTS), dtype=np.float32)
        latest = situation.past[-1] if situation.past else None
        for slot, text in enumerate(texts):
            if not text:
                break
            beside = _beside(text, situation.observation, self.encoding.context)
            ids[slot, :own] = word_ids(text, own, self.encoding.vocabulary)
            ids[slot, own:] = word_ids(beside, self.encoding.context, self.encoding.vocabulary)
            tries = min(4, situation.past.count(text)) / 4
            facts[slot] = (1.0, tries, text == latest, _share(text, goal), _share(beside, goal))
        return {"candidates": ids.ravel(), "facts": facts.ravel()}


def _share(text: str, goal: frozenset[str]) -> float:
    words = words_of(text)
    return sum(word in goal for word in words) / len(words) if words else 0.0


def _beside(action: str, observation: str, words: int) -> str:
    """Return what follows an action's argument, the part in brackets or all of it, in the observation."""
    if not words:
        return ""
    argument = action.partition("[")[2].rstrip("]") or action
    place = observation.lower().rfind(argument.lower())
    if place < 0:
        return ""
    after = observation[place + len(argument) : place + len(argument) + 12 * words]
    return " ".join(words_of(after)[:words])
