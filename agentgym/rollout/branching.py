"""The tree collector: one mechanism, and a policy that says when and where to branch.

A branch restores the environment that another one left behind (`snapshot`, `restore`) and takes over its
history; from there the agent's chance is its own, since it has an episode number of its own. Nothing that
was played or generated is played or generated again. The trees that are alive advance together, and each
tree in whole rounds, so that what grows does not depend on `slots`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from agentgym.agents.protocol import Agent
from agentgym.api import TextEnv
from agentgym.errors import AgentGymError, ArgumentError
from agentgym.hashing import derive_seed
from agentgym.rollout.plan import Episode
from agentgym.rollout.pool import EnvPool, PooledEnv
from agentgym.rollout.slots import decide, reason, record_step
from agentgym.rollout.tree import START, Branch, EpisodeTree
from agentgym.trajectory import Decision, Turn

__all__ = ["BranchPolicy", "Fork", "Moves", "grow"]


class Fork(NamedTuple):
    """A wish for new branches.

    Attributes:
        node: Where they begin: after this node, or at `START`.
        times: How many; what goes over the budget is left out.
        probe: Whether they are only to find out what the node is worth.
        note: Words for the agent at each of their turns.
        leaves: Number of the branch that they leave; None: the one that played the node.
    """

    node: int
    times: int = 1
    probe: bool = False
    note: str = ""
    leaves: int | None = None


class Moves(NamedTuple):
    """What a policy wants after a round: branches to begin, and live branches to cut off, by number."""

    forks: Sequence[Fork] = ()
    cut: Sequence[int] = ()


class BranchPolicy(Protocol):
    """When and where to branch. It keeps nothing of its own: all that it decides by is in the tree."""

    @property
    def budget(self) -> int:
        """Number of branches of a tree, probes included. Never exceeded."""

    @property
    def keeps_cut(self) -> bool:
        """Whether steps of branches that were cut off are learnt from."""

    @property
    def keeps_shared(self) -> bool:
        """Whether steps that several branches share are learnt from."""

    def begin(self, tree: EpisodeTree) -> int:
        """Return the number of branches that begin at the start."""

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Decide after a round.

        Args:
            tree: What has grown.
            played: The branches that took a step in this round; those that broke did not.
            rng: The tree's own chance.
        """


@dataclass(slots=True)
class _Growing:
    """A tree at work: its environments by branch, and by node the states that branches may begin from.

    The states are kept as long as a branch may still begin.
    """

    tree: EpisodeTree
    rng: np.random.Generator
    envs: dict[int, PooledEnv] = field(default_factory=dict)
    frozen: dict[int, bytes] = field(default_factory=dict)


def grow(
    episodes: Sequence[Episode],
    agent: Agent,
    policy: BranchPolicy,
    *,
    agent_seed: int = 0,
    slots: int = 64,
    fresh_noise: bool = False,
) -> Iterator[EpisodeTree]:
    """Grow a tree from each start and yield it when nothing in it lives any more.

    An environment that raises breaks its own branch. The environment's chance is part of its state, so that
    branches of a node share it; the agent's chance is each branch's own.

    Args:
        episodes: The starts; their numbers differ.
        agent: Who acts.
        policy: When and where to branch.
        agent_seed: Seed of the agent's chance and of the policy's.
        slots: Number of branches for which trees are begun; at least one tree is alive.
        fresh_noise: Whether every branch but the first draws new chance for the environment as well. Where
            there is any, its trajectory then does not replay.

    Raises:
        ArgumentError: `slots` or the policy's budget is not positive.
        UnknownNameError: An environment or task does not exist.
    """
    if slots < 1 or policy.budget < 1:
        raise ArgumentError(f"`slots` is {slots} and the budget {policy.budget}. Both must be at least 1.")
    collector = _Collector(agent, policy, agent_seed, fresh_noise)
    waiting, alive, most = iter(episodes), list[_Growing](), max(1, slots // policy.budget)
    try:
        while True:
            while len(alive) < most and (episode := next(waiting, None)) is not None:
                alive.append(collector.plant(episode))
            if not alive:
                return
            collector.round(alive)
            yield from (growing.tree for growing in alive if not growing.tree.live)
            alive = [growing for growing in alive if growing.tree.live]
    finally:
        collector.pool.close()


class _Collector:
    """Plays rounds."""

    def __init__(self, agent: Agent, policy: BranchPolicy, seed: int, fresh_noise: bool) -> None:
        self.pool = EnvPool()
        self._agent, self._policy, self._seed, self._fresh_noise = agent, policy, seed, fresh_noise

    def plant(self, episode: Episode) -> _Growing:
        """Begin a tree: reset once, and let its first branches begin from there."""
        tree = EpisodeTree(episode, self._policy.budget)
        growing = _Growing(tree, np.random.default_rng(derive_seed(self._seed, episode.number)))
        env = self.pool.take(episode)
        try:
            options = None if episode.task is None else {"task": episode.task}
            tree.observation, tree.info = env.reset(seed=episode.seed, options=options)
            growing.frozen[START] = env.snapshot()
        except AgentGymError:
            raise  # a wrong id or task is the caller's mistake
        except Exception as error:
            self.pool.drop(env)
            tree.branches.append(Branch(0, START, status="broken", error=reason("reset", error)))
            return growing
        self.pool.give(episode, env)
        self._fork(growing, Fork(START, max(1, self._policy.begin(tree))))
        return growing

    def round(self, alive: Sequence[_Growing]) -> None:
        """Let every live branch take a step, then every tree's policy decide."""
        living = [growing for growing in alive if growing.tree.live]  # where the reset failed nothing does
        asked = [
            (growing, branch, turn)
            for growing in living
            for branch in growing.tree.live
            if (turn := self._turn(growing, branch)) is not None
        ]
        played: dict[int, list[Branch]] = {growing.tree.episode.number: [] for growing in living}
        decisions = decide(self._agent, [turn for _, _, turn in asked])
        for (growing, branch, _), decision in zip(asked, decisions, strict=True):
            self._step(growing, branch, decision)
            if branch.status != "broken":
                played[growing.tree.episode.number].append(branch)
        for growing in living:
            self._decide(growing, played[growing.tree.episode.number])

    def _decide(self, growing: _Growing, played: Sequence[Branch]) -> None:
        """Do what the policy wants after a round."""
        tree = growing.tree
        tree.rounds += 1
        moves = self._policy.after(tree, played, growing.rng)
        for number in moves.cut:
            self._cut(growing, tree.branches[number])
        for fork in moves.forks:
            self._fork(growing, fork)
        if tree.left == 0:
            growing.frozen.clear()

    def _fork(self, growing: _Growing, fork: Fork) -> None:
        tree = growing.tree
        if tree.left and fork.node not in growing.frozen:
            raise ArgumentError(
                f"A branch was to begin after node {fork.node}, where the episode is over. "
                "Branch from a node before the end."
            )
        left = fork.leaves
        if left is None and fork.node != START:
            left = tree.nodes[fork.node].branch
        for _ in range(min(fork.times, tree.left)):
            branch = Branch(len(tree.branches), fork.node, left, fork.probe, fork.note, head=fork.node)
            branch.round = tree.rounds
            tree.branches.append(branch)
            self._begin(growing, branch)

    def _begin(self, growing: _Growing, branch: Branch) -> None:
        """Give a branch an environment in the state that it begins from."""
        tree = growing.tree
        env = growing.envs[branch.number] = self.pool.take(tree.episode)
        try:
            env.restore(growing.frozen[branch.origin])
        except Exception as error:
            return self._break(growing, branch, reason("restore", error))
        if self._fresh_noise and branch.number > 0 and isinstance(env, TextEnv):
            noise = derive_seed(self._seed, tree.episode.number, branch.number)
            env.np_random = np.random.default_rng(noise)
        return None

    def _turn(self, growing: _Growing, branch: Branch) -> Turn | None:
        """Show a branch to the agent; None where the expert that it lives on has failed."""
        tree, oracle_action = growing.tree, None
        if self._agent.wants_oracle:
            try:
                oracle_action = growing.envs[branch.number].oracle_action()
            except Exception as error:
                self._break(growing, branch, reason("oracle", error))
                return None
        observation, info = tree.seen(branch.head)
        return Turn(
            env_id=tree.episode.env_id,
            episode=tree.number_of(branch),
            seed=self._seed,
            observation=observation,
            info=info,
            history=[node.step for node in tree.path(branch.head)],
            oracle_action=oracle_action,
            note=branch.note,
        )

    def _step(self, growing: _Growing, branch: Branch, decision: Decision | Exception) -> None:
        tree, env = growing.tree, growing.envs[branch.number]
        if isinstance(decision, Exception):
            return self._break(growing, branch, reason("agent", decision))
        before, info = tree.seen(branch.head)
        try:
            outcome = env.step(decision.action)
            over = outcome[2] or outcome[3]
            frozen = None if over or tree.left == 0 else env.snapshot()
        except Exception as error:
            return self._break(growing, branch, reason("step", error))
        step = record_step(before, info["state_key"], decision, outcome)
        branch.head = tree.add(branch, step, outcome[0], outcome[4])
        if frozen is not None:
            growing.frozen[branch.head] = frozen
        if over:
            branch.status = "ended"
            self._release(growing, branch)
        return None

    def _cut(self, growing: _Growing, branch: Branch) -> None:
        if branch.status == "live":
            branch.status = "cut"
            self._release(growing, branch)

    def _release(self, growing: _Growing, branch: Branch) -> None:
        self.pool.give(growing.tree.episode, growing.envs.pop(branch.number))

    def _break(self, growing: _Growing, branch: Branch, why: str) -> None:
        branch.status, branch.error = "broken", why
        self.pool.drop(growing.envs.pop(branch.number))
