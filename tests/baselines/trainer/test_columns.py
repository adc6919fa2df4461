"""Who gives which column: by need, by paper, by choice; segments and trees by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError, MissingColumnError, UnknownNameError
from agentgym.trajectory import Decision, Step, Trajectory
from baselines.estimators import Advantages, make_estimator, registry
from baselines.models import train_tokenizer
from baselines.models.companion import Play
from baselines.trainer import TrainConfig, load_config
from baselines.trainer.columns import needed_columns, sources
from baselines.trainer.credit import assign_credit
from baselines.trainer.derived import certainty, progress_changes
from baselines.trainer.segments import segment_columns
from baselines.trainer.tree import prefix_tree

_TOKENIZER = train_tokenizer(["<switch>switch</switch><subgoal>reach the box</subgoal><action>up</action>"])


def _play(*episodes: list[str], progress: float = 0.0) -> Play:
    """Episodes by what was said in them."""
    return Play.of([_trajectory(k, said, progress) for k, said in enumerate(episodes)])


def _trajectory(number: int, said: list[str], progress: float) -> Trajectory:
    steps = []
    for k, text in enumerate(said):
        ids = np.array(_TOKENIZER(text)["input_ids"] + [_TOKENIZER.eos_token_id], np.int64)
        decision = Decision(text, text, np.zeros(2, np.int64), ids, -np.ones(len(ids)), np.ones(len(ids)))
        steps.append(Step("look", f"s{k}", decision, 0.0, False, False, True, progress * (k + 1), 0.0, False))
    return Trajectory("agentgym/Told-v0", {}, 0, "t", "train", number, 0, "test", tuple(steps), "over")


@pytest.mark.parametrize(
    ("estimator", "options", "found"),
    [
        ("gigpo", {}, {}),
        ("empg", {"base": "gigpo"}, {}),
        ("poad", {}, {"value_token": "values"}),
        ("archer", {}, {"value": "archer", "rewards": "archer"}),
        ("spa_rl", {}, {"process_reward": "contributions", "value": "values"}),
        ("spa_rl", {"base": "gae_token"}, {"process_reward": "contributions", "value_token": "values"}),
        ("oprl", {}, {"process_reward": "preferences"}),
        ("g_ra", {}, {"process_reward": "progress"}),
        ("malt", {}, {"parent": "tree"}),
    ],
)
def test_sources__follow_the_method(estimator: str, options: dict[str, Any], found: dict[str, str]) -> None:
    assert sources(TrainConfig(estimator=estimator, estimator_options=options)) == found


def test_sources__a_process_reward_can_be_chosen() -> None:
    config = load_config(None, {"estimator": "g_ra", "columns.process_reward": "preferences"})
    assert sources(config) == {"process_reward": "preferences"}
    with pytest.raises(ArgumentError, match=r"`columns\.process_reward` is 'best'"):
        load_config(None, {"columns.process_reward": "best"})


def test_sources__what_nobody_gives_and_who_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    needy = replace(registry.method("grpo"), name="needy", needs=("clip_scale",))
    monkeypatch.setitem(registry._METHODS, "needy", needy)
    with pytest.raises(MissingColumnError, match="needy needs the column 'clip_scale'"):
        sources(TrainConfig(estimator="needy"))
    with pytest.raises(UnknownNameError, match="grpo"):
        needed_columns("empg", {"base": "gropo"})


def test_certainty__is_the_mean_probability_of_the_tokens_of_a_step() -> None:
    batch = _play(["a", "b"]).batch
    offsets = np.array([0, 2, 3])
    logprob = np.log([0.5, 0.125, 0.9])
    told = batch.with_columns(
        token_offsets=offsets, token_id=None, entropy=None, logprob=None, old_logprob=logprob
    )
    np.testing.assert_allclose(certainty(told), [0.25, 0.9])


def test_progress_changes__add_up_to_the_progress() -> None:
    play = _play(["a", "b"], ["a", "b", "c"], progress=0.25)
    np.testing.assert_allclose(progress_changes(play), 0.25)


def test_segments__tags_say_where_they_start() -> None:
    first = "<switch>switch</switch><subgoal>Reach the box</subgoal><action>up</action>"
    kept = "<switch>keep</switch><subgoal>reach  the box</subgoal><action>up</action>"
    other = "I think <switch> YES </switch><subgoal>push it</subgoal>left"
    found = segment_columns(_play([first, kept, other, "up"], ["up", first]), _TOKENIZER, every=4)
    assert found["subgoal"].tolist() == [True, False, True, False, True, True]
    assert found["option"].tolist() == [0, 0, 1, -1, -1, 0]


def test_segments__without_a_switch_every_subgoal_starts_one() -> None:
    said = ["<subgoal>a</subgoal>up", "up", "<subgoal>a</subgoal>up"]
    found = segment_columns(_play(said), _TOKENIZER, every=4)
    assert found["subgoal"].tolist() == [True, False, True]


def test_segments__each_token_has_the_role_of_its_element() -> None:
    text = "well <switch>no</switch> then <subgoal>go up</subgoal><action>up</action>"
    play = _play([text])
    roles = segment_columns(play, _TOKENIZER, every=4)["token_role"]
    spoken = dict.fromkeys((1, 2, 4), "")
    for token, role in zip(play.rows[0].response, roles, strict=True):
        spoken[int(role)] += _TOKENIZER.decode([int(token)], skip_special_tokens=True)
    assert spoken == {
        1: "well  then <action>up</action>",
        2: "<subgoal>go up</subgoal>",
        4: "<switch>no</switch>",
    }


def test_segments__without_tags_every_few_steps_start_one() -> None:
    play = _play(["up"] * 5, ["up"] * 2)
    found = segment_columns(play, _TOKENIZER, every=2)
    assert found["subgoal"].tolist() == [True, False, True, False, True, True, False]
    assert (found["option"] == -1).all()
    lengths = np.diff(play.batch.token_offsets)
    assert found["token_role"].tolist() == np.repeat(np.where(found["subgoal"], 3, 1), lengths).tolist()


def _batch(episodes: list[list[str]], outcome: list[float], group: list[int]) -> StepBatch:
    """Episodes by their actions; the state is the number of the step."""
    steps = [(e, t, action) for e, actions in enumerate(episodes) for t, action in enumerate(actions)]
    n = len(steps)
    return StepBatch.from_columns(
        episode=[e for e, _, _ in steps],
        group=[group[e] for e, _, _ in steps],
        reward=np.zeros(n),
        state=[t for _, t, _ in steps],
        action=[action for _, _, action in steps],
        terminated=np.zeros(n, np.bool_),
        truncated=np.zeros(n, np.bool_),
        agent=np.zeros(n, np.int64),
        valid=np.ones(n, np.bool_),
        token_offsets=np.cumsum([0, *(1 + (k % 2) for k in range(n))]),
        outcome=[outcome[e] for e, _, _ in steps],
    )


def test_prefix_tree__equal_beginnings_are_one_node() -> None:
    batch = _batch([["a", "b"], ["a", "c"], ["b", "b"], ["a", "b"]], [1.0, 0.0, 0.5, 1.0], [0, 0, 0, 1])
    tree = prefix_tree(batch)
    assert tree.node.tolist() == [0, 1, 0, 2, 3, 4, 5, 6]  # the last episode is of another group
    assert tree.batch.parent is not None
    assert tree.batch.parent.tolist() == [-1, 0, 0, -1, 3, -1, 5]
    assert tree.batch.outcome.tolist() == [0.5, 1.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert tree.batch.action.tolist() == ["a", "b", "c", "b", "b", "a", "b"]


def test_assign_credit__turns_of_a_node_share_its_advantage(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_node(batch: StepBatch) -> Advantages:
        return Advantages(np.arange(len(batch), dtype=np.float64))

    of_tree = replace(registry.method("grpo"), name="by_node", body=by_node, needs=("parent",))
    monkeypatch.setitem(registry._METHODS, "by_node", of_tree)
    batch = _batch([["a", "b"], ["a", "c"]], [1.0, 0.0], [0, 0])
    credit = assign_credit(make_estimator("by_node"), batch)
    assert credit.token.tolist() == [0.0, 1.0, 1.0, 0.0, 2.0, 2.0]
    assert len(credit.estimate.step) == 3
