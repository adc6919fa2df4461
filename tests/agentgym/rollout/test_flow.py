"""Episodes that go on by themselves: equal trajectories, no token for what is over, faults of one alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentgym.agents import PromptTemplate
from agentgym.agents.hf import HFAgent
from agentgym.agents.running import RunningBatch
from agentgym.agents.streams import ModelStream
from agentgym.errors import ArgumentError
from agentgym.profiling import profiled
from agentgym.rollout import Episode, IsolatedEnv, Isolation, collect
from agentgym.trajectory import Trajectory, Turn
from baselines.models import build_nano, train_tokenizer
from tests.agentgym.rollout.faulty import FAULTY_ID
from tests.toys import TOY_ID, CorridorEnv

_TEXT = ["You are in cell 3. go west, wait, go east", "go east", "wait", "go west"]


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    tokenizer = train_tokenizer(_TEXT, vocabulary=300)
    return build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1).double(), tokenizer


def _agent(parts: tuple[Any, Any], batching: Any, *, chat: str = "single", **options: Any) -> HFAgent:
    settings: dict[str, Any] = {"max_new_tokens": 12, "stop": ("\n", "e"), **options}
    return HFAgent(*parts, PromptTemplate(chat=chat), batching=batching, **settings)


def _episodes(n: int) -> list[Episode]:
    return [
        Episode(k, TOY_ID, seed=k // 3, group=k // 3, env_kwargs={"max_steps": 3 + k % 4}) for k in range(n)
    ]


def _sorted(played: Sequence[Trajectory]) -> list[Trajectory]:
    return sorted((t.without_timing() for t in played), key=lambda t: t.episode)


def _assert_same(some: Sequence[Trajectory], others: Sequence[Trajectory]) -> None:
    for one, other in zip(_sorted(some), _sorted(others), strict=True):
        assert (one.final_observation, one.error) == (other.final_observation, other.error)
        for step, its in zip(one.steps, other.steps, strict=True):
            assert (step.observation, step.reward, step.decision.action) == (
                its.observation,
                its.reward,
                its.decision.action,
            )
            np.testing.assert_array_equal(step.decision.prompt_ids, its.decision.prompt_ids)
            np.testing.assert_array_equal(step.decision.token_ids, its.decision.token_ids)
            for name in ("logprobs", "entropies"):
                mine, its_own = getattr(step.decision, name), getattr(its.decision, name)
                np.testing.assert_allclose(mine, its_own, atol=1e-9)


class _Ahead(HFAgent):
    """Works as on a GPU: the next pass is begun before the answers of the last one are read."""

    def stream(self) -> ModelStream:
        batch = RunningBatch(self.model, self.sampling, self._endings(), limit=self.batch_size, ahead=True)
        return ModelStream(self, batch)


@pytest.mark.parametrize("chat", ["single", "turns"])
@pytest.mark.parametrize("slots", [1, 5, 40])
def test_collect__continuous_batches_give_the_trajectories_of_padded_ones(
    parts: tuple[Any, Any], slots: int, chat: str
) -> None:
    episodes = _episodes(18)
    padded = list(collect(episodes, _agent(parts, "padded", chat=chat), agent_seed=3))
    lengths = {s.decision.tokens for t in padded for s in t.steps}
    assert len(lengths) > 4
    _assert_same(
        list(collect(episodes, _agent(parts, "continuous", chat=chat), agent_seed=3, slots=slots)), padded
    )


def test_collect__working_ahead_gives_the_same_trajectories(parts: tuple[Any, Any]) -> None:
    padded = list(collect(_episodes(18), _agent(parts, "padded")))
    ahead = _Ahead(*parts, max_new_tokens=12, stop=("\n", "e"), batching="continuous", batch_size=6)
    _assert_same(list(collect(_episodes(18), ahead, slots=10)), padded)


@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_collect__every_token_generated_is_in_a_trajectory(
    parts: tuple[Any, Any], batching: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = 0
    for module in ("sampling", "running"):
        place = f"agentgym.agents.{module}.draw"
        from agentgym.agents.drawing import draw

        def counting(logits: Any, *rest: Any) -> Any:
            nonlocal drawn
            drawn += len(logits)
            return draw(logits, *rest)

        monkeypatch.setattr(place, counting)
    with profiled() as profile:
        played = list(collect(_episodes(18), _agent(parts, batching), slots=7))
    assert drawn == sum(t.tokens for t in played) == profile.counts["tokens"]


def test_collect__isolated_environments_act_while_the_model_samples(
    parts: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    acting, polls_meanwhile = set(), 0
    post, step, poll = IsolatedEnv.post_step, IsolatedEnv.step, ModelStream.poll

    def posting(self: IsolatedEnv, action: str) -> None:
        acting.add(id(self))
        post(self, action)

    def stepping(self: IsolatedEnv, action: str) -> Any:
        acting.discard(id(self))
        return step(self, action)

    def polling(self: ModelStream) -> Any:
        nonlocal polls_meanwhile
        polls_meanwhile += bool(acting)
        return poll(self)

    monkeypatch.setattr(IsolatedEnv, "post_step", posting)
    monkeypatch.setattr(IsolatedEnv, "step", stepping)
    monkeypatch.setattr(ModelStream, "poll", polling)
    episodes = _episodes(6)
    isolated = list(collect(episodes, _agent(parts, "continuous"), slots=3, isolation=Isolation(60.0)))
    _assert_same(isolated, list(collect(episodes, _agent(parts, "padded"))))
    assert polls_meanwhile


def test_collect__choices_among_actions_need_no_stream(parts: tuple[Any, Any]) -> None:
    options: dict[str, Any] = {"choose": "admissible"}
    _assert_same(
        list(collect(_episodes(6), _agent(parts, "continuous", **options), slots=4)),
        list(collect(_episodes(6), _agent(parts, "padded", **options))),
    )


def test_collect__an_environment_that_raises_fails_its_own_episode_alone(
    parts: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = CorridorEnv._act

    def breaking(self: CorridorEnv, action: str) -> object:
        if self.max_steps == 4 and self._steps == 1:
            raise OSError("disk on fire")
        return act(self, action)

    monkeypatch.setattr(CorridorEnv, "_act", breaking)
    played = _sorted(list(collect(_episodes(8), _agent(parts, "continuous"), slots=3)))
    assert [t.error for t in played] == [None, "step: OSError: disk on fire", None, None] * 2


class _Fragile(HFAgent):
    """Cannot write the prompts of one episode."""

    def encode(self, turns: Sequence[Turn]) -> list[Any]:
        if any(turn.episode == 2 for turn in turns):
            raise RuntimeError("out of ideas")
        return super().encode(turns)


def test_collect__a_turn_that_cannot_be_answered_fails_its_own_episode_alone(parts: tuple[Any, Any]) -> None:
    agent = _Fragile(*parts, max_new_tokens=12, stop=("\n", "e"), batching="continuous")
    played = _sorted(list(collect(_episodes(8), agent, slots=5)))
    assert [t.error for t in played] == [None] * 2 + ["agent: RuntimeError: out of ideas"] + [None] * 5
    whole = _sorted(list(collect(_episodes(8), _agent(parts, "padded"))))
    _assert_same([t for t in played if t.episode != 2], [t for t in whole if t.episode != 2])


def test_collect__what_the_caller_got_wrong_is_raised(parts: tuple[Any, Any]) -> None:
    class Wrong(HFAgent):
        def encode(self, turns: Sequence[Turn]) -> list[Any]:
            raise ArgumentError("no such template")

    with pytest.raises(ArgumentError, match="no such template"):
        list(collect(_episodes(3), Wrong(*parts, batching="continuous")))


@pytest.mark.parametrize("fault", ["hang", "die"])
def test_collect__an_isolated_environment_that_fails_is_replaced(
    parts: tuple[Any, Any], fault: str, tmp_path: Path
) -> None:
    def episodes(fault: str) -> list[Episode]:
        kwargs = {"max_steps": 5, "fault": fault, "marks": str(tmp_path)}
        return [Episode(k, FAULTY_ID, seed=k, env_kwargs=kwargs) for k in range(3)]

    agent = _agent(parts, "continuous")
    expected = list(collect(episodes("none"), agent))
    played = list(collect(episodes(fault), agent, isolation=Isolation(limit_s=5.0, retries=1)))
    assert len(list(tmp_path.iterdir())) >= 1, "no fault happened"
    _assert_same(played, expected)
