"""A user who follows a script: answers what is asked, then tells the rest, then leaves."""

from __future__ import annotations

import re
from typing import Any, Final
from zlib import crc32

from agentgym.errors import DataError
from envs.tooluse.customer.task import Script
from envs.tooluse.customer.users.user import STOP

__all__ = ["ScriptedUser"]

_TOPICS: Final = {
    "user id": re.compile(r"\buser ?id\b|\bcustomer (id|number)\b", re.I),
    "email": re.compile(r"\be-?mail\b", re.I),
    "zip": re.compile(r"\bzip\b|\bpost(al)? ?code\b", re.I),
    "name": re.compile(r"\b(your|full|first|last) name\b", re.I),
    "order": re.compile(r"\b(which|what|your) (order|reservation)|\border (id|number)\b", re.I),
    "payment": re.compile(r"\bpayment\b|\bpay\b|\brefund(ed)? to\b|\bwhich card\b", re.I),
    "reason": re.compile(r"\breason\b|\bwhy\b", re.I),
}
_CONFIRM: Final = re.compile(
    r"\b(please|you|to|can|could) confirm\b|\bproceed\b|\byes/no\b|\bsh(all|ould) i\b|"
    r"\bis (that|this) (correct|right|ok)|\bagree\b",
    re.I,
)
_CHOICE: Final = re.compile(r"\b(which|what|how|where|when|who)\b", re.I)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_QUESTION: Final = re.compile(r"\?|\bplease\b|\bprovide\b|\bneed\b|\btell me\b|\bmay i\b|\bcould you\b", re.I)
_YES: Final = ("Yes, please proceed.", "Yes, go ahead.", "Yes, that is right. Please do it.")
_NOTHING: Final = ("That is all.", "There is nothing else, thank you.", "No, that was everything.")
_PATIENCE: Final = 2
_REMEMBERED: Final = 64
_LISTENED_TO: Final = 20_000


class ScriptedUser:
    """Answers what is asked, says yes to what is to be confirmed, and otherwise tells the next sentence.

    Leaves when all is told and two replies have asked for nothing, or only what had been asked before without
    a call in between. Listens to the first 20,000 characters of a reply.

    Args:
        script: What there is to say.
        seed: Chooses between wordings.
    """

    def __init__(self, script: Script, seed: int) -> None:
        self._script, self._seed = script, seed
        self._told = 0
        self._idle = 0
        self._heard: list[int] = []

    def opening(self) -> str:
        """Say the first words."""
        return self._script.opening

    def answer(self, reply: str) -> str:
        """Answer the agent."""
        reply = reply[:_LISTENED_TO]
        digest = _digest(reply)
        new = digest not in self._heard
        self._heard = [*self._heard, digest][-_REMEMBERED:] if new else self._heard
        answers = self._answers(reply) if new else []
        if answers:
            self._idle = 0
            return " ".join(answers)
        if self._told < len(self._script.sentences):
            self._told += 1
            return self._script.sentences[self._told - 1]
        self._idle += 1
        return STOP if self._idle >= _PATIENCE else _NOTHING[self._seed % len(_NOTHING)]

    def notice_call(self) -> None:
        """Take note that something was done: the same question may now be about something else."""
        self._heard = []

    def save(self) -> dict[str, Any]:
        """Return how much was told and heard."""
        return {"seed": self._seed, "told": self._told, "idle": self._idle, "heard": list(self._heard)}

    def load(self, state: Any) -> None:
        """Take up a state."""
        counts = [state[key] for key in ("seed", "told", "idle")] + list(state["heard"])
        if not all(type(count) is int and count >= 0 for count in counts):
            raise DataError("the user's state is none")
        if state["told"] > len(self._script.sentences) or state["idle"] > _PATIENCE:
            raise DataError("the user has told more than there is")
        self._seed, self._told, self._idle, self._heard = *counts[:3], counts[3:]

    def _answers(self, reply: str) -> list[str]:
        asked = _QUESTION.search(reply) is not None
        known = self._script.answers
        found = [
            known[topic] for topic, asks in _TOPICS.items() if topic in known and asked and asks.search(reply)
        ]
        sentences = _SENTENCE_END.split(reply)
        if any(_CONFIRM.search(sentence) and not _CHOICE.search(sentence) for sentence in sentences):
            found.append(_YES[self._seed % len(_YES)])
        return list(dict.fromkeys(found))


def _digest(reply: str) -> int:
    """Number a reply by its words; equal words have equal numbers in every process."""
    return crc32(" ".join(reply.lower().split()).encode("utf-8", "surrogatepass"))
