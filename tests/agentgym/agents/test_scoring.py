"""Choosing among admissible actions by their likelihood as whole answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch

from agentgym.agents import PromptTemplate
from agentgym.agents.hf import HFAgent
from agentgym.agents.prefixes import PrefixMemory
from agentgym.agents.scoring import score
from agentgym.errors import UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Turn
from baselines.models import build_nano, train_tokenizer
from tests.toys import TOY_ID

_TEXT = ["You are in cell 3. go west, wait, go east", "go east", "wait", "go west"]
_ACTIONS = ("go west", "wait", "go east", "go", "look at the door of the west")


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    return build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1), tokenizer


def _turns(n: int, actions: tuple[str, ...] | None = _ACTIONS) -> list[Turn]:
    info = {"instruction": "Leave.", "admissible_actions": actions}
    return [Turn(TOY_ID, k, 9, f"You are in cell {k} {'x' * (k % 5)}", info, []) for k in range(n)]


def _plain(model: Any, prompt: Any, response: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities and entropies of a response by one forward pass over the whole row."""
    ids = torch.tensor(np.concatenate([prompt, response]))[None]
    rows = torch.log_softmax(model(ids).logits[0].double(), -1)[len(prompt) - 1 : -1].detach()
    return rows.gather(-1, torch.tensor(response)[:, None])[:, 0], -(rows.exp() * rows).sum(-1)


@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize("most", [1, 90, 1 << 18])
def test_score__is_that_of_plain_forward_passes(
    parts: tuple[Any, Any], remember: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentgym.agents.scoring._MOST", most)
    model = parts[0]
    rng = np.random.default_rng(0)
    prompts = [rng.integers(5, 200, length) for length in (9, 3, 14, 9)]
    responses = [[rng.integers(5, 200, length) for length in (1, 4, 2, 7)][: k + 1] for k in range(4)]
    memory = PrefixMemory() if remember else None
    if memory is not None:
        score(model, [prompt[:2] for prompt in prompts], [[], [], [], []], pad_id=0, memory=memory)
    found = score(model, prompts, responses, pad_id=0, memory=memory)
    for prompt, some, scored in zip(prompts, responses, found, strict=True):
        assert len(scored) == len(some)
        for response, one in zip(some, scored, strict=True):
            logprobs, entropies = _plain(model, prompt, response)
            np.testing.assert_array_equal(one.token_ids, response)
            np.testing.assert_allclose(one.logprobs, logprobs, atol=1e-4)
            np.testing.assert_allclose(one.entropies, entropies, atol=1e-4)


def test_choose__draws_actions_by_their_likelihood(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, PromptTemplate(admissible=True), choose="admissible", temperature=2.0)
    turn = _turns(1)[0]
    likelihood = agent.likelihoods([turn])[0]
    expected = np.exp((likelihood - likelihood.max()) / 2.0)
    expected /= expected.sum()
    many = [Turn(TOY_ID, k, 1, turn.observation, turn.info, []) for k in range(2000)]
    drawn = Counter(decision.action for decision in agent.act(many))
    share = np.array([drawn[action] for action in _ACTIONS]) / 2000
    np.testing.assert_allclose(share, expected, atol=0.04)
    assert len(drawn) > 1


def test_choose__at_temperature_zero_takes_the_likeliest(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, choose="admissible", temperature=0)
    for decision, likelihood in zip(agent.act(_turns(6)), agent.likelihoods(_turns(6)), strict=True):
        assert decision.action == _ACTIONS[int(likelihood.argmax())]
        assert decision.logprobs is not None
        assert decision.logprobs.sum() == pytest.approx(likelihood.max(), abs=1e-4)


def test_choose__does_not_depend_on_the_batch(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, choose="admissible")
    together = [decision.action for decision in agent.act(_turns(9))]
    assert together == [agent.act([turn])[0].action for turn in _turns(9)]


def test_choose__speaks_freely_where_the_set_is_open(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, choose="admissible", max_new_tokens=3)
    mixed = [turn for pair in zip(_turns(3), _turns(3, None), strict=True) for turn in pair]
    answers = agent.act(mixed)
    assert all(decision.action in _ACTIONS for decision in answers[::2])
    free = HFAgent(*parts, max_new_tokens=3).act(_turns(3, None))
    assert [decision.response for decision in answers[1::2]] == [decision.response for decision in free]


def test_choose__no_action_is_invalid(parts: tuple[Any, Any]) -> None:
    played = list(
        collect([Episode(k, TOY_ID, seed=k) for k in range(5)], HFAgent(*parts, choose="admissible"))
    )
    assert all(step.valid for trajectory in played for step in trajectory.steps)


def test_choose__names_an_unknown_way(parts: tuple[Any, Any]) -> None:
    with pytest.raises(UnknownNameError, match="admissible"):
        HFAgent(*parts, choose="any of them")  # type: ignore[arg-type]
