"""The papers' policies: where they branch, what they spend, what they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import START, Branch, Episode, EpisodeTree, Fork, grow, tree_batch
from agentgym.trajectory import Decision, Step, Turn
from baselines.branching import TreepsRag, make_branching, names
from baselines.branching.r3l import pivotal_step
from tests.toys import TOY_ID

_LONG: dict[str, Any] = {"wind": 0.0, "length": 99, "max_steps": 9}


class _Agent:
    """Walks at random and reports entropies: `later` at every step but the first, where they are 1 nat.

    The first `fails` episodes get no answer.
    """

    spec = "reporting"
    wants_oracle = False

    def __init__(self, later: float = 1.0, fails: int = 0) -> None:
        self._later, self._fails = later, fails

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        if any(turn.episode < self._fails for turn in turns):
            raise RuntimeError("out of ideas")
        return [self._decide(turn) for turn in turns]

    def _decide(self, turn: Turn) -> Decision:
        action = str(turn.rng().choice(["go east", "go west", "wait"]))
        entropies = np.full(3, self._later if turn.index else 1.0)
        return Decision(action, token_ids=np.arange(3), logprobs=-entropies, entropies=entropies)


def _grown(name: str, later: float = 1.0, starts: int = 4, **options: Any) -> list[EpisodeTree]:
    policy = make_branching(name, **options)
    episodes = [
        Episode(k, TOY_ID, seed=k, task="train/50-east", group=k, env_kwargs=_LONG) for k in range(starts)
    ]
    return list(grow(episodes, _Agent(later), policy, agent_seed=7))


@pytest.mark.parametrize("name", names())
def test_policy__obeys_its_budget_and_shares_what_it_can(name: str) -> None:
    for tree in _grown(name):
        assert tree.episodes()
        assert len(tree.branches) <= make_branching(name).budget
        generated, unshared = tree.tokens()
        assert generated < unshared
        assert not tree.live


@pytest.mark.parametrize("name", ["arpo", "aepo", "treeps_rag"])
@pytest.mark.parametrize("later", [0.0, 1.0, 9.0])
def test_policy__spends_a_budget_of_episodes_to_the_last(name: str, later: float) -> None:
    assert {len(tree.branches) for tree in _grown(name, later)} == {16}


@pytest.mark.parametrize("name", ["arpo", "aepo"])
def test_policy__branches_where_entropy_rose(name: str) -> None:
    def left(later: float) -> int:
        return sum(b.origin != START for t in _grown(name, later, weight=0.5) for b in t.branches)

    assert left(9.0) >= left(1.0) > left(-9.0) == 0


def test_arpo__an_episode_is_left_at_most_beam_minus_one_times() -> None:
    for tree in _grown("arpo", later=9.0, beam=3, start=2):
        for branch in tree.branches:
            assert sum(other.left == branch.number for other in tree.branches) <= 2


@pytest.mark.parametrize(("later", "begun"), [(9.0, 2), (1.0, 9), (-9.0, 16)])
def test_aepo__begins_with_more_episodes_where_the_start_is_the_uncertain_part(
    later: float, begun: int
) -> None:
    """floor(16 * sigmoid(0.5 * (1 - later))) + 1, the watched one and at least one more."""
    for tree in _grown("aepo", later, weight=99.0):
        assert [branch.origin == START for branch in tree.branches] == [True] * begun + [False] * (16 - begun)


def test_spo_tree__splits_at_fixed_depths() -> None:
    for tree in _grown("spo_tree", branching=[3, 2, 2], segment=2):
        assert len(tree.branches) == 12
        widths = [sum(node.depth == depth for node in tree.nodes) for depth in range(9)]
        assert widths == [3, 3, 6, 6, 12, 12, 12, 12, 12]


def test_spo_chain__probes_each_cut_point() -> None:
    for tree in _grown("spo_chain", continuations=3, every=2, most=4):
        assert len(tree.branches) == 13
        main = tree.path(tree.branches[0].head)
        assert set(tree.probed()) == {START, main[1].number, main[3].number, main[5].number}
        assert tree.episodes() == [tree.branches[0]]


def test_slate__compares_siblings_and_keeps_the_best() -> None:
    for tree in _grown("slate", ways=3, steps=4):
        kept = tree.path(tree.episodes()[0].head)
        for node in kept[:4]:
            siblings = tree.children(node.parent)
            assert len(siblings) == 3
            assert node.step.progress == max(other.step.progress for other in siblings)
        assert len(tree.children(kept[4].parent)) == 1
        batch, _, trajectories = tree_batch([tree], cut=True)
        assert len(batch) == len(tree.nodes)
        assert len(trajectories) == len(tree.branches) == 1 + 2 * 4


def test_portool__finishes_as_many_episodes_as_asked() -> None:
    for tree in _grown("portool", rollouts=5, forks=2):
        assert len(tree.episodes()) == 5
        assert any(branch.origin != START for branch in tree.episodes())


def test_r3l__retries_failures_before_their_pivotal_step_with_a_note() -> None:
    for tree in _grown("r3l", episodes=3):
        for first, again in zip(tree.branches[:3], sorted(tree.branches[3:], key=_note), strict=True):
            assert not tree.nodes[first.head].step.success
            assert "failed" in again.note
        for again in tree.branches[3:]:
            origins = {pivotal_step(tree.path(first.head)).parent for first in tree.branches[:3]}
            assert again.origin in origins


def test_pivotal_step__is_the_first_after_the_highest_progress() -> None:
    tree = _tree([[0.1, 0.5, 0.5, 0.2]])
    path = tree.path(3)
    assert pivotal_step(path).number == 2
    assert pivotal_step(_tree([[0.0, 0.0]]).path(1)).number == 0
    assert pivotal_step(_tree([[0.0, 0.7]]).path(1)).number == 1


def test_treeps_rag__cuts_off_a_sibling_that_found_the_same_documents() -> None:
    tree = _tree([[0.0], [0.0], [0.0]], documents=[["a", "b"], ["b", "a"], ["c"]])
    moves = TreepsRag(episodes=8, ways=2).after(tree, tree.branches, np.random.default_rng(0))
    assert moves.cut == [1]
    assert [fork.node for fork in moves.forks] == [0, 2]


def test_treeps_rag__begins_afresh_where_all_were_cut_off() -> None:
    tree = _tree([[0.0], [0.0]], documents=[["a"], ["a"]])
    tree.branches[0].status = "ended"
    moves = TreepsRag(episodes=8).after(tree, tree.branches, np.random.default_rng(0))
    assert moves.cut == [1]
    assert moves.forks == [Fork(START, 6)]


def test_treeps_rag__lets_one_finish_where_nothing_is_left() -> None:
    tree = _tree([[0.0], [0.0]], documents=[["a"], ["a"]])
    tree.branches.pop(0)
    tree.budget = 1
    assert TreepsRag(episodes=1).after(tree, tree.branches, np.random.default_rng(0)).cut == []


def test_aepo__branching_round_after_round_is_damped() -> None:
    """Entropy is so high that it branches wherever the penalty, 0.5 a round, leaves something."""
    for tree in _grown("aepo", later=9.0, episodes=99, weight=0.2, penalty=0.5, starts=2):
        branched = {branch.round for branch in tree.branches if branch.left is not None}
        assert branched
        assert not any({k, k + 1, k + 2} <= branched for k in branched)
        assert any(k - 1 not in branched and k - 2 in branched for k in branched), "it never began again"


@pytest.mark.parametrize("name", names())
def test_policy__goes_on_where_an_agent_breaks_at_its_first_steps(name: str) -> None:
    policy = make_branching(name)
    for tree in grow([Episode(0, TOY_ID, seed=0, env_kwargs=_LONG)], _Agent(fails=3), policy):
        assert {branch.status for branch in tree.branches[:3]} == {"broken"}
        assert len(tree.branches) <= policy.budget


def test_make_branching__names_what_is_wrong() -> None:
    with pytest.raises(UnknownNameError, match="arpo"):
        make_branching("arpoo")
    with pytest.raises(UnknownNameError, match="beam"):
        make_branching("arpo", beams=2)
    with pytest.raises(ArgumentError, match="`start` is 99"):
        make_branching("arpo", start=99)


def _note(branch: Branch) -> int:
    return branch.number


def _tree(progress: Sequence[Sequence[float]], documents: Sequence[Sequence[str]] = ()) -> EpisodeTree:
    """Branches from the start with the given progress after each step."""
    tree = EpisodeTree(Episode(0, TOY_ID, seed=0), budget=8)
    for number, values in enumerate(progress):
        branch = Branch(number, START)
        tree.branches.append(branch)
        for value in values:
            step = Step("", "", Decision("wait"), 0.0, False, False, True, value, 0.0, False)
            extra = {"documents": list(documents[number])} if documents else {}
            branch.head = tree.add(branch, step, "", {"extra": extra})
    return tree
