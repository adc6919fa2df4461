"""Prompts that go on from turn to turn: what was sampled stays in them token by token.

The prompt of a turn is the prompt before it, the tokens sampled after that, and what the tokenizer's chat
template puts between an answer and the next one. That part is read off a rendering in which the answer is a
placeholder, so that no answer is ever written anew: a template that strips answers or drops their thoughts
changes nothing in them. Without a chat template the turns are lines of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agentgym.agents.encoding import encode_texts
from agentgym.agents.prompt import PromptTemplate
from agentgym.errors import ArgumentError
from agentgym.trajectory import Turn

__all__ = ["encode_chats"]

IntArray = NDArray[np.int64]
_ANSWER: Final = "placeholderofananswer"
"""Stands for an answer in a rendering; no template changes a plain word."""


def encode_chats(
    tokenizer: Any, template: PromptTemplate, turns: Sequence[Turn], end_ids: frozenset[int]
) -> list[IntArray]:
    """Encode the prompts of some turns, an array of shape (P,) each.

    A turn whose past was not played token by token begins a chat in which the past is text.

    Args:
        tokenizer: Of the model, with or without a chat template.
        template: What is said.
        turns: The turns.
        end_ids: Tokens that end an answer.

    Raises:
        ArgumentError: The chat template hides answers.
    """
    return [
        _continued(tokenizer, template, turn, end_ids)
        if _has_tokens(turn)
        else _begun(tokenizer, template, turn)
        for turn in turns
    ]


def _has_tokens(turn: Turn) -> bool:
    if not turn.history:
        return False
    last = turn.history[-1].decision
    return last.prompt_ids is not None and last.token_ids is not None


def _begun(tokenizer: Any, template: PromptTemplate, turn: Turn) -> IntArray:
    if tokenizer.chat_template is None:
        return encode_texts(tokenizer, [template.render(turn)], special=True)[0]
    return _ids(tokenizer, _rendered(tokenizer, template.messages(turn)))


def _continued(tokenizer: Any, template: PromptTemplate, turn: Turn, end_ids: frozenset[int]) -> IntArray:
    last = turn.history[-1].decision
    assert last.prompt_ids is not None  # seen by `_has_tokens`
    assert last.token_ids is not None
    is_new = bool(turn.note) and turn.note not in tokenizer.decode(last.prompt_ids)
    note = turn.note if is_new else ""
    if tokenizer.chat_template is None:
        between = _ids(tokenizer, template.render_next(turn, note))
    else:
        said = "\n\n".join([*[note] * bool(note), template.present(turn)])
        between = _after_answer(tokenizer, said, last.token_ids, end_ids)
    return np.concatenate([last.prompt_ids, last.token_ids, between])


def _after_answer(tokenizer: Any, said: str, answer: IntArray, end_ids: frozenset[int]) -> IntArray:
    """Encode what the template puts after an answer, its end token left out if the answer has it."""
    chat = [("user", "Begin."), ("assistant", _ANSWER), ("user", said)]
    text = _rendered(tokenizer, [{"role": role, "content": content} for role, content in chat])
    _, found, after = text.partition(_ANSWER)
    if not found:
        raise ArgumentError("The chat template hides answers of earlier turns. Leave out chat='turns'.")
    ids = _ids(tokenizer, after)
    end = int(answer[-1])
    if end in end_ids and end in ids:
        place = int((ids == end).argmax())
        if not tokenizer.decode(ids[:place]).strip():
            return ids[place + 1 :]
    return ids


def _rendered(tokenizer: Any, chat: Sequence[Mapping[str, str]]) -> str:
    """Render a chat up to where the next answer stands.

    A system message joins the first one of the user if the template knows no such role.
    """
    from jinja2 import TemplateError

    try:
        return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    except TemplateError:
        if chat[0]["role"] != "system":
            raise
    first = {"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}
    return str(tokenizer.apply_chat_template([first, *chat[2:]], tokenize=False, add_generation_prompt=True))


def _ids(tokenizer: Any, text: str) -> IntArray:
    return encode_texts(tokenizer, [text], special=False)[0]
