"""Chats: the tokens of a prompt's past, and those trained on, are exactly the tokens that were sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from agentgym.agents import PromptTemplate
from agentgym.agents.hf import HFAgent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from baselines.models import build_nano, train_tokenizer
from baselines.models.rows import rows_of, token_logprobs
from tests.toys import TOY_ID

_TEXT = ["You are in cell 3. go west, wait, go east", "<think> so </think> go east", "  wait ", "\n"]
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ CONTENT }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_ROLES = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% if loop.first %}<bos>{% endif %}[{{ m['role'] }}] {{ m['content'] | trim }} "
    "{% if m['role'] == 'assistant' %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
_TEMPLATES = {
    "none": None,
    "plain": _CHATML.replace("CONTENT", "m['content']"),
    "strips": _CHATML.replace("CONTENT", "m['content'] | trim"),
    "drops thoughts": _CHATML.replace("CONTENT", "m['content'].split('</think>')[-1] | trim"),
    "rewrites": _CHATML.replace("CONTENT", "m['content'] | replace('go', 'GO')"),
    "adds BOS, no system role": _ROLES,
}


def _agent(template: str | None, batching: Any = "auto") -> HFAgent:
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<bos>"]})
    tokenizer.chat_template = template
    model = build_nano(tokenizer, hidden=16, layers=2, heads=2, context=8192, seed=1)
    return HFAgent(
        model, tokenizer, PromptTemplate(chat="turns"), batching=batching, max_new_tokens=9, temperature=1.5
    )


def _played(agent: HFAgent) -> list[Trajectory]:
    episodes = [Episode(k, TOY_ID, seed=k, env_kwargs={"max_steps": 6}) for k in range(8)]
    return list(collect(episodes, agent))


@pytest.mark.parametrize("name", _TEMPLATES)
@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_chat__prompts_go_on_token_by_token(name: str, batching: str) -> None:
    agent = _agent(_TEMPLATES[name], batching)
    played = _played(agent)
    odd = 0
    for trajectory in played:
        for step, later in zip(trajectory.steps, trajectory.steps[1:], strict=False):
            one, other = step.decision, later.decision
            assert one.prompt_ids is not None
            assert one.token_ids is not None
            assert other.prompt_ids is not None
            past = np.concatenate([one.prompt_ids, one.token_ids])
            np.testing.assert_array_equal(other.prompt_ids[: len(past)], past)
            said = agent.tokenizer.decode(one.token_ids)
            odd += said != said.strip() or one.token_ids.tolist() != agent.tokenizer(said)["input_ids"]
            between = agent.tokenizer.decode(other.prompt_ids[len(past) :])
            assert later.observation.lower() in between.lower()
    assert odd > 10  # answers that a template would have changed, or that encode otherwise


@pytest.mark.parametrize("name", ["strips", "drops thoughts", "none"])
def test_chat__what_is_trained_on_are_the_sampled_tokens(name: str) -> None:
    agent = _agent(_TEMPLATES[name])
    played = _played(agent)
    decisions = [s.decision for t in played for s in t.steps]
    rows = rows_of(Trajectory.from_json(t.to_json()) for t in played)
    for row, decision in zip(rows, decisions, strict=True):
        np.testing.assert_array_equal(row.response, decision.token_ids)
        np.testing.assert_array_equal(row.prompt, decision.prompt_ids)
    with torch.no_grad():
        trained = token_logprobs(agent.model, rows, temperature=1.5).numpy()
    sampled = np.concatenate([d.logprobs for d in decisions if d.logprobs is not None])
    np.testing.assert_allclose(trained, sampled, atol=2e-3)


def test_chat__between_answers_stands_what_the_template_puts_there() -> None:
    agent = _agent(_TEMPLATES["strips"])
    tokenizer = agent.tokenizer
    end = "<|end|>"
    for trajectory in _played(agent):
        for step, later in zip(trajectory.steps, trajectory.steps[1:], strict=False):
            one, other = step.decision, later.decision
            assert one.prompt_ids is not None
            assert one.token_ids is not None
            assert other.prompt_ids is not None
            between = tokenizer.decode(other.prompt_ids[len(one.prompt_ids) + len(one.token_ids) :])
            ended = one.token_ids[-1] == tokenizer.eos_token_id
            expected = f"\n<|im_start|>user\n{later.observation}{end}\n<|im_start|>assistant\n"
            assert between == ("" if ended else end) + expected
    first = tokenizer.decode(_played(agent)[0].steps[0].decision.prompt_ids)
    assert first.startswith("<|im_start|>system\n")
    assert first.count("<|im_start|>") == 3


def test_chat__a_system_message_joins_the_users_where_there_is_no_such_role() -> None:
    agent = _agent(_TEMPLATES["adds BOS, no system role"])
    (played, *_) = _played(agent)
    first = agent.tokenizer.decode(played.steps[0].decision.prompt_ids)
    goal, observation = played.final_info["instruction"], played.steps[0].observation
    assert first == f"<bos>[user] {goal}\n\n{observation} [assistant]"


def test_chat__a_template_that_hides_answers_is_refused() -> None:
    hiding = (
        "{% for m in messages %}{% if m['role'] != 'assistant' %}{{ m['content'] }}{% endif %}{% endfor %}"
    )
    with pytest.raises(ArgumentError, match="hides answers"):
        _played(_agent(hiding))


def test_chat__is_single_or_of_turns() -> None:
    with pytest.raises(UnknownNameError, match="turns"):
        PromptTemplate(chat="turn")
    with pytest.raises(ArgumentError, match="shows every turn"):
        PromptTemplate(chat="turns", history=2)
