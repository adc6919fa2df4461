"""A script for a customer of tau-bench, made of the instruction and the table of users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from envs.tooluse.customer.task import Script

__all__ = ["script_of"]

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_NO_WISH: Final = (
    # Who the customer is: told when asked.
    re.compile(r"you are [A-Z]\w+ [A-Z]\w+( in \d+)?\.", re.I),
    re.compile(
        r"your (name|user id|zip code|email) is \S+( \S+)?( and your (zip code|email|user id) is \S+)?\.",
        re.I,
    ),
    # What the customer is like: "You are rigid, creative."
    re.compile(r"you are (\w+ )?\w+(, (and )?\w+)*( (and|but) \w+)?\.", re.I),
    re.compile(r"you are reactive to the agent.*", re.I),
)
_FIRST_PERSON: Final = (
    (re.compile(r"\byou are\b", re.I), "I am"),
    (re.compile(r"\byou're\b", re.I), "I'm"),
    (re.compile(r"\byou('ve|'d|'ll)\b", re.I), r"I\1"),
    (re.compile(r"\byourself\b", re.I), "myself"),
    (re.compile(r"\byours\b", re.I), "mine"),
    (re.compile(r"\byour\b", re.I), "my"),
    (re.compile(r"\b(for|to|with|from|of|about|helps?|tells?|gives?|asks?|offers?) you\b", re.I), r"\1 me"),
    (re.compile(r"\byou\b", re.I), "I"),
)
_ABOUT: Final = {
    "order": re.compile(r"#W\d+|\border\b|\breservation\b|\b[A-Z0-9]{6}\b"),
    "payment": re.compile(r"\bpay|\bcard\b|\bpaypal\b|\bgift\b|\bcertificate|\brefund", re.I),
    "reason": re.compile(r"\bbecause\b|\breason\b|\bmistake\b|\bno longer\b", re.I),
}
_ELSE: Final = {
    "order": "I do not remember the number; please look it up in my profile.",
    "payment": "Please use the original payment method.",
    "reason": "It is no longer needed.",
}


def script_of(instruction: str, user_id: str, user: Mapping[str, Any] | None) -> Script:
    """Write a script.

    Args:
        instruction: What the customer wants, in the second person.
        user_id: The customer.
        user: The customer's row; None where there is none.

    Returns:
        A script that opens with the first wish and tells the rest sentence by sentence. Who the customer is
        is told when asked.
    """
    told = _SENTENCE_END.split(instruction.strip())
    sentences = [_first_person(sentence) for sentence in told]
    wishes = [
        ours for ours, theirs in zip(sentences, told, strict=True) if not _is_no_wish(theirs)
    ] or sentences
    answers = {
        topic: " ".join(s for s in sentences if about.search(s)) or _ELSE[topic]
        for topic, about in _ABOUT.items()
    }
    answers["user id"] = f"My user id is {user_id}."
    if user is not None:
        name = user["name"]
        answers["name"] = f"My name is {name['first_name']} {name['last_name']}."
        answers["email"] = f"My email is {user['email']}."
        if isinstance(user.get("address"), dict):
            answers["zip"] = f"My zip code is {user['address']['zip']}."
    return Script(f"Hi! {wishes[0]}", answers, tuple(wishes[1:]))


def _is_no_wish(sentence: str) -> bool:
    return any(pattern.fullmatch(sentence) for pattern in _NO_WISH)


def _first_person(sentence: str) -> str:
    for pattern, words in _FIRST_PERSON:
        sentence = pattern.sub(words, sentence)
    return sentence[:1].upper() + sentence[1:]
