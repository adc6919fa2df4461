"""Language-model agents: what is recorded is exactly what was sampled."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from agentgym.agents import PromptTemplate, decisions_of, make_agent
from agentgym.agents.hf import HFAgent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Decision, Turn
from baselines.models import build_nano, train_tokenizer
from tests.toys import TOY_ID

_TEXT = ["You are in cell 3. go west, wait, go east", "go east", "wait", "go west"]


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    return build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1), tokenizer


def _turns(n: int, text: str = "You are in cell") -> list[Turn]:
    info = {"instruction": "Leave.", "admissible_actions": ("wait",)}
    return [Turn(TOY_ID, k, 9, f"{text} {k} {'x' * (k % 5)}", info, []) for k in range(n)]


def test_act__logprobs_are_those_of_a_plain_forward_pass(parts: tuple[Any, Any]) -> None:
    model, tokenizer = parts
    for decision in HFAgent(model, tokenizer, temperature=0.7, max_new_tokens=5).act(_turns(7)):
        assert decision.prompt_ids is not None
        assert decision.token_ids is not None
        assert decision.logprobs is not None
        assert decision.entropies is not None
        ids = torch.tensor(np.concatenate([decision.prompt_ids, decision.token_ids]))[None]
        logprobs = torch.log_softmax(model(ids).logits[0].double() / 0.7, -1)
        rows = logprobs[len(decision.prompt_ids) - 1 : -1]
        expected = rows.gather(-1, torch.tensor(decision.token_ids)[:, None])[:, 0]
        entropy = -(rows.exp() * rows).sum(-1)
        np.testing.assert_allclose(decision.logprobs, expected.detach(), atol=1e-4)
        np.testing.assert_allclose(decision.entropies, entropy.detach(), atol=1e-4)


def test_act__answers_do_not_depend_on_the_batch(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, max_new_tokens=6)
    together = agent.act(_turns(9))
    alone = [agent.act([turn])[0] for turn in _turns(9)]
    small = HFAgent(*parts, max_new_tokens=6, batch_size=2).act(_turns(9))
    assert [d.response for d in together] == [d.response for d in alone] == [d.response for d in small]


def test_act__seed_episode_and_turn_decide_the_sample(parts: tuple[Any, Any]) -> None:
    agent = HFAgent(*parts, max_new_tokens=6)
    info = {"instruction": "", "admissible_actions": None}
    same = Turn(TOY_ID, 0, 9, "cell", info, [])
    others = [Turn(TOY_ID, k, 9, "cell", info, []) for k in range(1, 20)]
    assert agent.act([same])[0].response == agent.act([same])[0].response
    assert len({d.response for d in agent.act(others)}) > 10


@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_collect__one_turn_that_raises_breaks_its_own_episode_alone(
    parts: tuple[Any, Any], batching: Any
) -> None:
    class Failing(HFAgent):
        def chance(self, turn: Turn) -> NDArray[np.float64]:
            if (turn.episode, turn.index) == (2, 1):
                raise RuntimeError("no chance")
            return super().chance(turn)

    def played(kind: type[HFAgent]) -> dict[int, tuple[str | None, list[str]]]:
        agent = kind(*parts, batching=batching, max_new_tokens=5)
        found = collect([Episode(k, TOY_ID, seed=k) for k in range(6)], agent, slots=4)
        return {t.episode: (t.error, [step.decision.response for step in t.steps]) for t in found}

    broken, whole = played(Failing), played(HFAgent)
    error, said = broken.pop(2)
    assert error == "agent: RuntimeError: no chance"
    assert said == whole.pop(2)[1][:1]
    assert broken == whole


@pytest.mark.parametrize("batching", ["padded", "continuous"])
@pytest.mark.parametrize("chat", ["single", "turns"])
def test_collect__a_prompt_beyond_the_context_fails_its_own_episode(
    parts: tuple[Any, Any], batching: Any, chat: str
) -> None:
    tokenizer = parts[1]
    first = len(HFAgent(*parts).encode(_turns(1))[0])
    model = build_nano(tokenizer, hidden=16, layers=1, heads=2, context=first + 4)
    agent = HFAgent(model, tokenizer, PromptTemplate(chat=chat), batching=batching, max_new_tokens=4)
    assert len(agent.act(_turns(1))) == 1  # just fits
    with pytest.raises(ValueError, match=f"A prompt of {first + 2} tokens .* {first + 4} tokens of hf's"):
        agent.act([*_turns(1), *_turns(1, "You are in a cell")])
    played = list(collect([Episode(k, TOY_ID, seed=k) for k in range(3)], agent))
    assert len(played) == 3
    long = [trajectory for trajectory in played if trajectory.error is not None]
    assert long
    for trajectory in long:
        assert re.match(r"agent: ValueError: A prompt of \d+ tokens", str(trajectory.error))


@pytest.mark.parametrize("device", ["gpu9", "cuda:99", 3])
def test_load__refuses_a_device_that_is_not_there(
    parts: tuple[Any, Any], tmp_path: Path, device: Any
) -> None:
    parts[0].save_pretrained(tmp_path)
    parts[1].save_pretrained(tmp_path)
    with pytest.raises(ArgumentError, match=f"device={device!r} cannot be used here: .* Pass 'cpu'"):
        make_agent(f"hf:{tmp_path}", device=device)


@pytest.mark.parametrize("number", [0, 1.5, "many"])
def test_agent__refuses_batches_of_no_whole_size(parts: tuple[Any, Any], number: Any) -> None:
    with pytest.raises(ArgumentError, match=r"`batch_size` is .* a whole number"):
        HFAgent(*parts, batch_size=number)


def test_act__frequencies_follow_the_distribution(parts: tuple[Any, Any]) -> None:
    model, tokenizer = parts
    info = {"instruction": "", "admissible_actions": None}
    turns = [Turn(TOY_ID, k, 0, "cell", info, []) for k in range(4000)]
    agent = HFAgent(model, tokenizer, max_new_tokens=1, temperature=0.5, batch_size=4000)
    decisions = agent.act(turns)
    drawn = np.bincount([int(d.token_ids[0]) for d in decisions if d.token_ids is not None], minlength=300)
    logits = model(torch.tensor(agent.encode(turns)[0])[None]).logits[0, -1].detach().double() / 0.5
    expected = torch.softmax(logits, -1).numpy()
    likely = expected > 0.005
    assert likely.sum() > 5
    deviation = np.abs(drawn[: len(expected)] / 4000 - expected)[likely]
    assert np.all(deviation < 5 * np.sqrt(expected[likely] / 4000))


def test_act__temperature_zero_takes_the_likeliest(parts: tuple[Any, Any]) -> None:
    model, tokenizer = parts
    agent = HFAgent(model, tokenizer, temperature=0, max_new_tokens=3)
    (decision,) = agent.act(_turns(1))
    assert decision.prompt_ids is not None
    ids = torch.tensor(decision.prompt_ids)[None]
    for token in decision.token_ids if decision.token_ids is not None else ():
        assert int(model(ids).logits[0, -1].argmax()) == token
        ids = torch.cat([ids, torch.tensor([[int(token)]])], 1)


def test_act__a_response_stops_at_the_end_token(parts: tuple[Any, Any]) -> None:
    model, tokenizer = parts
    decisions = HFAgent(model, tokenizer, max_new_tokens=40).act(_turns(60))
    ended = [d for d in decisions if d.token_ids is not None and tokenizer.eos_token_id in d.token_ids]
    assert ended
    for decision in ended:
        assert decision.token_ids is not None
        assert list(decision.token_ids).index(tokenizer.eos_token_id) == len(decision.token_ids) - 1
        assert "<|end|>" not in decision.response


def _talk(agent: HFAgent, turns: int, *, forget: bool) -> list[list[Decision]]:
    """Eight conversations whose prompts go on from turn to turn; one begins anew in the middle."""
    texts, said = [f"You are in cell {k} {'x' * k}" for k in range(8)], []
    info = {"instruction": "", "admissible_actions": None}
    for turn in range(turns):
        if forget:
            agent = HFAgent(agent.model, agent.tokenizer, max_new_tokens=5)
        said.append(agent.act([Turn(TOY_ID, k, turn, text, info, []) for k, text in enumerate(texts)]))
        texts = [f"{text}\n>{turn} go east {'y' * k}" for k, text in enumerate(texts)]
        if turn == 1:
            texts[3] = "wait"
    return said


def test_act__reads_on_from_the_last_prompt_and_says_the_same(
    parts: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    forward = type(parts[0]).forward

    def counting(self: Any, input_ids: torch.Tensor, **options: Any) -> Any:
        read.append(input_ids.numel())
        return forward(self, input_ids, **options)

    monkeypatch.setattr(type(parts[0]), "forward", counting)
    fresh = _talk(HFAgent(*parts, max_new_tokens=5), 4, forget=True)
    whole = sum(read)
    reading_on = _talk(HFAgent(*parts, max_new_tokens=5), 4, forget=False)
    assert sum(read) - whole < 0.8 * whole
    for one, other in zip(chain(*fresh), chain(*reading_on), strict=True):
        assert one.response == other.response
        assert one.logprobs is not None
        assert other.logprobs is not None
        np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-4)


def test_act__forgets_what_it_read_when_the_weights_change() -> None:
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    model = build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1)
    agent = HFAgent(model, tokenizer, max_new_tokens=3)
    agent.act(_turns(1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.linspace(0, 0.3, parameter.numel()).reshape(parameter.shape))
    longer = _turns(1, text=f"{_turns(1)[0].observation}\n>go west: cell")
    (said,), (fresh,) = agent.act(longer), HFAgent(model, tokenizer, max_new_tokens=3).act(longer)
    assert said.logprobs is not None
    assert fresh.logprobs is not None
    np.testing.assert_array_equal(said.logprobs, fresh.logprobs)


def test_load__prompts_as_the_folder_says(parts: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = parts
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    PromptTemplate(instruction=False, history=1).save(tmp_path)
    agent = make_agent(f"hf:{tmp_path}", temperature=0.5, marker="?", device="cpu")
    assert isinstance(agent, HFAgent)
    assert agent.template == PromptTemplate(instruction=False, history=1, marker="?")
    assert agent.temperature == 0.5
    direct = HFAgent(model, tokenizer, agent.template, temperature=0.5)
    assert [d.response for d in agent.act(_turns(5))] == [d.response for d in direct.act(_turns(5))]
    with pytest.raises(UnknownNameError, match="prompt option"):
        make_agent(f"hf:{tmp_path}", temprature=1)


def test_load__rejects_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"config\.json is missing"):
        make_agent(f"hf:{tmp_path}")


def test_chat_template__is_used_where_the_tokenizer_has_one(parts: tuple[Any, Any]) -> None:
    model, _ = parts
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    tokenizer.chat_template = (
        "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] | trim }}{% endfor %}"
        "{% if add_generation_prompt %} [assistant]{% endif %}"
    )
    agent = HFAgent(model, tokenizer)
    (turn,) = _turns(1)
    rendered = agent.template.render(turn).strip()
    assert tokenizer.decode(agent.encode([turn])[0]) == f"[user] {rendered} [assistant]"


def test_collect__trajectories_carry_the_sampled_tokens_through_json(parts: tuple[Any, Any]) -> None:
    from agentgym.trajectory import Trajectory

    agent = HFAgent(*parts, max_new_tokens=4)
    (played,) = collect([Episode(0, TOY_ID, seed=3)], agent)
    again = Trajectory.from_json(played.to_json())
    for step, copy in zip(played.steps, again.steps, strict=True):
        np.testing.assert_array_equal(step.decision.token_ids, copy.decision.token_ids)
        np.testing.assert_array_equal(step.decision.logprobs, copy.decision.logprobs)
        np.testing.assert_array_equal(step.decision.prompt_ids, copy.decision.prompt_ids)


@pytest.mark.gpu
def test_act__runs_on_cuda_in_bfloat16(parts: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = parts
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    agent = make_agent(f"hf:{tmp_path}", max_new_tokens=4)
    assert isinstance(agent, HFAgent)
    assert agent.model.dtype == torch.bfloat16
    assert [d.response for d in agent.act(_turns(8))] == [d.response for d in agent.act(_turns(8))]


@pytest.fixture(scope="module")
def folder(parts: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    for part in parts:
        part.save_pretrained(path)
    return path


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_load__computes_in_the_type_that_is_asked_for(folder: Path, dtype: str, batching: str) -> None:
    agent = make_agent(f"hf:{folder}", dtype=dtype, batching=batching, device="cpu", max_new_tokens=4)
    assert isinstance(agent, HFAgent)
    assert agent.model.dtype == getattr(torch, dtype)
    exact = make_agent(f"hf:{folder}", device="cpu", max_new_tokens=4)
    for one, other in zip(decisions_of(agent, _turns(6)), decisions_of(exact, _turns(6)), strict=True):
        assert one.entropies is not None
        assert other.entropies is not None
        np.testing.assert_allclose(
            one.entropies[0], other.entropies[0], atol=0 if dtype == "float32" else 0.1
        )


@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_load__computes_attention_as_it_is_told_to(folder: Path, batching: str) -> None:
    said = [
        decisions_of(
            make_agent(f"hf:{folder}", attn=attn, batching=batching, device="cpu", max_new_tokens=4),
            _turns(6),
        )
        for attn in ("eager", "sdpa")
    ]
    assert [d.response for d in said[0]] == [d.response for d in said[1]]


def test_load__rejects_types_and_attentions_that_are_not_there(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="bfloat16"):
        make_agent(f"hf:{folder}", dtype="bfloat", device="cpu")
    with pytest.raises(ArgumentError, match="attn='flesh'"):
        make_agent(f"hf:{folder}", attn="flesh", device="cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("compiled", [False, True])
def test_act__continuous_batches_on_cuda_say_what_padded_ones_say(folder: Path, compiled: bool) -> None:
    options: dict[str, Any] = {"max_new_tokens": 6, "dtype": "float32", "temperature": 0, "batch_size": 8}
    padded = make_agent(f"hf:{folder}", batching="padded", **options)
    running = make_agent(f"hf:{folder}", batching="continuous", compile=compiled, **options)
    episodes = [Episode(k, TOY_ID, seed=k, env_kwargs={"max_steps": 4}) for k in range(12)]
    some, others = (sorted(collect(episodes, agent), key=lambda t: t.episode) for agent in (padded, running))
    for one, other in zip(some, others, strict=True):
        first, its = one.steps[0].decision.entropies, other.steps[0].decision.entropies
        assert first is not None
        assert its is not None
        np.testing.assert_allclose(first[0], its[0], atol=0.1)  # float32 weights compute in bfloat16
