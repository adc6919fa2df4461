"""From what a player says to the action that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentgym.plain import plain
from envs.games.protocol import IllegalMoveError

__all__ = ["answer_of", "fold", "match_action"]

_ANSWER, _END = "<answer>", "</answer>"
_BOXED = "\\boxed{"
_DROPPED = str.maketrans("", "", "<>()[] ")
_LONGEST = 200
"""Greatest length of a text that is compared by its folded form."""


def match_action(text: str, legal: Iterable[str]) -> str:
    r"""Find the one legal action that a text names.

    The whole text may be an action. Otherwise the answer is what stands in the last `<answer>...</answer>`,
    else in the last `\boxed{...}`, else in the last `[...]`, else the whole text. It is compared exactly,
    then without letter case, spaces and the brackets `<>()[]`; that must leave one action.

    Args:
        text: Untrusted text of any length.
        legal: The legal actions; a mapping is looked up fastest.

    Raises:
        IllegalMoveError: It names none of them, or more than one.
    """
    known = legal if isinstance(legal, Mapping) else dict.fromkeys(legal)
    if text in known:
        return text
    for answer in answer_of(text):
        if answer in known:
            return answer
        folded = fold(answer) if len(answer) <= _LONGEST else ""
        found = [action for action in known if folded and fold(action) == folded]
        if len(found) == 1:
            return str(found[0])
        if found:
            raise IllegalMoveError(f"{plain(answer)!r} could be {' or '.join(map(repr, found))}.")
    raise IllegalMoveError(f"{plain(answer)!r} is not a legal action.")


def answer_of(text: str) -> tuple[str, ...]:
    """Return what a text gives as its answer: one candidate, or a bracket and then the whole text.

    A bracket may also be part of the action itself, so it is no more than a first guess. All searching is
    from the end and takes time proportional to the length.
    """
    end = text.rfind(_END)
    start = text.rfind(_ANSWER, 0, end) if end >= 0 else -1
    if start >= 0:
        return (text[start + len(_ANSWER) : end].strip(),)
    start = text.rfind(_BOXED)
    end = text.find("}", start) if start >= 0 else -1
    if end >= 0:
        return (text[start + len(_BOXED) : end].strip(),)
    end = text.rfind("]")
    start = text.rfind("[", 0, end) if end >= 0 else -1
    whole = text.strip()
    return (text[start + 1 : end].strip(), whole) if start >= 0 else (whole,)


def fold(text: str) -> str:
    """Drop letter case, spaces and the brackets `<>()[]`."""
    return text.translate(_DROPPED).casefold()
