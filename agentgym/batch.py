"""`StepBatch`: trajectories as columns, the view that estimators see.

One row is one step; rows of an episode are in time order and episodes may be interleaved. A batch is checked
when it is made and cannot be changed afterwards, so a method may rely on it and cannot spoil it for the next
one. Array axes: N steps, T response tokens, K rewards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agentgym.columns import (
    BoolArray,
    FloatArray,
    IntArray,
    Kind,
    LabelArray,
    check_groups,
    check_offsets,
    check_parent,
    check_shape,
    convert,
    episode_sums,
    intern_labels,
)
from agentgym.errors import ArgumentError, MissingColumnError, ShapeError, suggest
from agentgym.trajectory import Decision, Step, Trajectory

__all__ = ["BoolArray", "FloatArray", "IntArray", "LabelArray", "StepBatch"]

Outcome = Literal["reward", "score", "success"]


@dataclass(frozen=True, slots=True, eq=False)
class StepBatch:
    """N steps and their T response tokens as read-only columns.

    Every column may be given as a list or an array; it is copied, checked and frozen. An optional column that
    is left out or `None` is absent.

    Attributes:
        episode: Episode of each step, shape (N,), int64.
        group: Group of each step: episodes of one task started alike, shape (N,), int64.
        reward: Reward of each step, shape (N,), float64.
        state: The state in which the agent acted, shape (N,), str or int64.
        action: What it did, shape (N,), str or int64.
        terminated: Whether the task ended with the step, shape (N,), bool.
        truncated: Whether the steps ran out with it, shape (N,), bool.
        agent: Player or role, 0 if alone, shape (N,), int64.
        valid: Whether the environment understood the action, shape (N,), bool.
        token_offsets: Tokens of step i are `token_offsets[i]:token_offsets[i + 1]`, shape (N+1,), int64.
        outcome: Score credited to the episode as seen at the step, shape (N,); default: its reward sum.
        task: Task of the episode, shape (N,), str or int64; methods that remember tasks read it.
        value: Value of the state, shape (N,).
        bootstrap: Value of the observation after the step; read at truncation, shape (N,).
        value_high: Value by the subgoal-level critic, shape (N,).
        value_term: Value by the termination critic, shape (N,).
        value_start: Estimated value before the step's first token, shape (N,).
        process_reward: A process model's reward, shape (N,).
        rewards: Components of the reward, shape (N, K).
        accuracy: Probed accuracy, shape (N,).
        confidence: Probed confidence, shape (N,).
        logprob_truth: Mean log-probability of the reference answer after the step, shape (N,).
        truth_start: The same before the step, shape (N,).
        stratum: Stratum of the episode, shape (N,), int64.
        option: Identity of the subgoal written at the step, -1 for none, shape (N,), int64.
        subgoal: Whether a segment starts at the step, shape (N,), bool.
        parent: Row of the parent node in a tree batch, -1 at a child of the start state, shape (N,), int64.
        bundle: Questions scored together, shape (N,), int64.
        cluster: Meaning cluster of the final answer, shape (N,), int64.
        tool_calls: Number of tool calls made in the step, shape (N,), int64.
        predicted_calls: Tool calls made, shape (N,), tuples of (name, mapping of arguments).
        reference_calls: Tool calls expected in the episode, shape (N,), same form.
        logprob: Log-probability of each token, shape (T,).
        old_logprob: The same under the sampling policy, shape (T,).
        ref_logprob: The same under the reference policy, shape (T,).
        entropy: Entropy in nats, shape (T,).
        value_token: Value at each token, shape (T,).
        value_new: Value by the critic that is trained, shape (T,).
        return_token: Return that it is trained on, shape (T,).
        reward_token: Dense token rewards; they replace `reward` in token-level methods, shape (T,).
        process_token: A process model's score, shape (T,).
        advantage: Advantage for the loss, shape (T,).
        clip_scale: Scale of the clip range for the loss, shape (T,).
        token_id: Token ids, shape (T,), int64.
        token_role: Bit mask, 1 action text, 2 subgoal text, 4 switch text, shape (T,), int64.
        token_mask: Which tokens are trained (default all), shape (T,), bool. See `trained`.
        planning_token: Whether the token is part of planning, shape (T,), bool.
        cut_token: Whether a value was estimated after this token, shape (T,), bool.

    Raises:
        ShapeError: A column has the wrong shape or type or a value that is not finite; the message names it.
    """

    episode: IntArray
    group: IntArray
    reward: FloatArray
    state: LabelArray
    action: LabelArray
    terminated: BoolArray
    truncated: BoolArray
    agent: IntArray
    valid: BoolArray
    token_offsets: IntArray
    outcome: FloatArray = None  # type: ignore[assignment]  # filled in before anyone sees it
    task: LabelArray | None = None
    value: FloatArray | None = None
    bootstrap: FloatArray | None = None
    value_high: FloatArray | None = None
    value_term: FloatArray | None = None
    value_start: FloatArray | None = None
    process_reward: FloatArray | None = None
    rewards: FloatArray | None = None
    accuracy: FloatArray | None = None
    confidence: FloatArray | None = None
    logprob_truth: FloatArray | None = None
    truth_start: FloatArray | None = None
    stratum: IntArray | None = None
    option: IntArray | None = None
    subgoal: BoolArray | None = None
    parent: IntArray | None = None
    bundle: IntArray | None = None
    cluster: IntArray | None = None
    tool_calls: IntArray | None = None
    predicted_calls: LabelArray | None = None
    reference_calls: LabelArray | None = None
    logprob: FloatArray | None = None
    old_logprob: FloatArray | None = None
    ref_logprob: FloatArray | None = None
    entropy: FloatArray | None = None
    value_token: FloatArray | None = None
    value_new: FloatArray | None = None
    return_token: FloatArray | None = None
    reward_token: FloatArray | None = None
    process_token: FloatArray | None = None
    advantage: FloatArray | None = None
    clip_scale: FloatArray | None = None
    token_id: IntArray | None = None
    token_role: IntArray | None = None
    token_mask: BoolArray | None = None
    planning_token: BoolArray | None = None
    cut_token: BoolArray | None = None

    def __post_init__(self) -> None:
        columns = {
            name: convert(_KINDS[name], name, getattr(self, name))
            for name in _NAMES
            if getattr(self, name) is not None
        }
        steps = columns["episode"].size
        if steps == 0:
            raise ShapeError("The batch is empty: column 'episode' has no rows. Give at least one step.")
        check_shape("episode", columns["episode"], steps, "steps")
        check_offsets(columns["token_offsets"], steps)
        tokens = int(columns["token_offsets"][-1])
        for name, array in columns.items():
            length, axis = (tokens, "tokens") if name in _TOKEN_COLUMNS else (steps, "steps")
            check_shape(name, array, length, axis)
        check_groups(columns["episode"], columns["group"])
        if "parent" in columns:
            check_parent(columns["parent"], columns["group"])
        columns.setdefault("outcome", episode_sums(columns["episode"], columns["reward"]))
        for name, array in columns.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.episode)

    @classmethod
    def from_columns(cls, **columns: Any) -> StepBatch:
        """Make a batch from lists or arrays; the attributes of the class are the columns.

        Raises:
            ShapeError: A column has the wrong shape or type, or holds NaN or infinity. The message names it.
            MissingColumnError: A required column is absent.
            UnknownNameError: There is no such column. The message lists close matches.
        """
        for name in columns:
            if name not in _NAMES:
                raise suggest("batch column", name, _NAMES)
        for name in _REQUIRED:
            if columns.get(name) is None:
                raise MissingColumnError(
                    f"A batch needs the column {name!r}, which is absent. Pass {name}=..."
                )
        return cls(**columns)

    @classmethod
    def from_trajectories(
        cls, trajectories: Iterable[Trajectory], *, outcome: Outcome = "reward"
    ) -> StepBatch:
        """Make a batch with one row per recorded step.

        Args:
            trajectories: The episodes. A row's `episode` is the position in this sequence. An episode that
                broke off (`error`) counts with the rewards it recorded; one without steps has no row.
            outcome: "reward" credits an episode with its reward sum, "score" with its final score in [0, 1],
                "success" with 1 or 0.

        Raises:
            ShapeError: There is no step, or only some decisions carry log-probabilities, entropies or values.
        """
        if outcome not in ("reward", "score", "success"):
            raise ArgumentError(f"`outcome` is {outcome!r}. Expected 'reward', 'score' or 'success'.")
        played = list(trajectories)
        rows = [
            (number, trajectory, step)
            for number, trajectory in enumerate(played)
            for step in trajectory.steps
        ]
        steps = [step for _, _, step in rows]
        credit = (
            None
            if outcome == "reward"
            else [float(getattr(trajectory, outcome)) for _, trajectory, _ in rows]
        )
        return cls.from_columns(
            episode=[number for number, _, _ in rows],
            group=[trajectory.group for _, trajectory, _ in rows],
            agent=[trajectory.seat for _, trajectory, _ in rows],
            task=[trajectory.task_id for _, trajectory, _ in rows],
            outcome=credit,
            **_step_columns(steps),
            **_token_columns([step.decision for step in steps]),
        )

    def with_columns(self, **columns: Any) -> StepBatch:
        """Return a batch with some columns replaced, added or, with `None`, taken away.

        The outcome stays when the reward is replaced; `outcome=None` computes it anew from the reward.
        """
        present = {name: getattr(self, name) for name in _NAMES}
        return StepBatch.from_columns(**{**present, **columns})

    def take(self, rows: Sequence[int] | IntArray) -> StepBatch:
        """Return some rows with their tokens, in the order given, without `parent`, which numbers rows."""
        index = np.asarray(rows, np.int64)
        lengths = np.diff(self.token_offsets)[index]
        offsets = np.append(0, np.cumsum(lengths))
        tokens = np.arange(offsets[-1]) + np.repeat(self.token_offsets[index] - offsets[:-1], lengths)
        columns = {
            name: array[tokens if name in _TOKEN_COLUMNS else index]
            for name in _NAMES
            if name not in ("token_offsets", "parent") and (array := getattr(self, name)) is not None
        }
        return StepBatch.from_columns(token_offsets=offsets, **columns)

    def merged(self, node: Sequence[int] | IntArray) -> tuple[StepBatch, IntArray]:
        """Make a tree batch: steps that are one node become one row.

        A row has the columns of the step that reached the node first, and as `outcome` the mean over the
        steps that it merges. Its `parent` is the node of the step before it in its episode, -1 at the start.

        Args:
            node: Label of each step's node, shape (N,). Steps of one node have the same steps before them.

        Returns:
            The batch of K nodes in order of first appearance, and the row of each step in it, shape (N,).
        """
        row = intern_labels(np.asarray(node, np.int64))
        first = np.unique(row, return_index=True)[1]
        order = np.argsort(self.episode, kind="stable")
        above = np.full(len(self), -1, np.int64)
        follows = self.episode[order[1:]] == self.episode[order[:-1]]
        above[order[1:][follows]] = row[order[:-1][follows]]
        outcome = np.bincount(row, self.outcome) / np.bincount(row)
        return self.take(first).with_columns(parent=above[first], outcome=outcome), row

    def column(self, name: str, method: str) -> NDArray[Any]:
        """Return a column that a method needs.

        Raises:
            MissingColumnError: It is absent. The message names the column and the method.
            UnknownNameError: There is no such column.
        """
        if name not in _NAMES:
            raise suggest("batch column", name, _NAMES)
        array: NDArray[Any] | None = getattr(self, name)
        if array is None:
            raise MissingColumnError(
                f"{method} needs the column {name!r}, which this batch does not have. Pass {name}=... to "
                "StepBatch.from_columns or batch.with_columns."
            )
        return array

    @property
    def tokens(self) -> int:
        """Number of response tokens, T."""
        return int(self.token_offsets[-1])

    @property
    def trained(self) -> BoolArray:
        """Which tokens are trained, shape (T,): `token_mask`, or all."""
        return np.ones(self.tokens, np.bool_) if self.token_mask is None else self.token_mask

    @property
    def token_row(self) -> IntArray:
        """Row of each token, shape (T,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.token_offsets))

    @property
    def state_codes(self) -> IntArray:
        """The states as integers in order of first appearance, shape (N,)."""
        return intern_labels(self.state)

    @property
    def action_codes(self) -> IntArray:
        """The actions as integers in order of first appearance, shape (N,)."""
        return intern_labels(self.action)


_NAMES = tuple(field.name for field in dataclasses.fields(StepBatch))
_REQUIRED = _NAMES[: _NAMES.index("outcome")]
_TOKEN_COLUMNS = frozenset(_NAMES[_NAMES.index("logprob") :])
_INTS = (
    "episode", "group", "agent", "token_offsets", "stratum", "option", "parent", "bundle", "cluster",
    "tool_calls", "token_id", "token_role",
)  # fmt: skip
_BOOLS = ("terminated", "truncated", "valid", "subgoal", "token_mask", "planning_token", "cut_token")
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_NAMES, "float"),
    **dict.fromkeys(_INTS, "int"),
    **dict.fromkeys(_BOOLS, "bool"),
    **dict.fromkeys(("state", "action", "task"), "label"),
    **dict.fromkeys(("predicted_calls", "reference_calls"), "object"),
}


def _step_columns(steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "state": [step.state for step in steps],
        "action": [step.decision.action for step in steps],
        "reward": [step.reward for step in steps],
        "terminated": [step.terminated for step in steps],
        "truncated": [step.truncated for step in steps],
        "valid": [step.valid for step in steps],
        "value": _all_or_none("value", [step.decision.value for step in steps]),
    }


def _token_columns(decisions: Sequence[Decision]) -> dict[str, Any]:
    written = [decision for decision in decisions if decision.token_ids is not None]
    lengths = [0 if decision.token_ids is None else len(decision.token_ids) for decision in decisions]
    logprob = _joined("logprob", [decision.logprobs for decision in written])
    return {
        "token_offsets": np.cumsum([0, *lengths]),
        "token_id": _joined("token_id", [decision.token_ids for decision in written]),
        "logprob": logprob,
        "old_logprob": logprob,
        "entropy": _joined("entropy", [decision.entropies for decision in written]),
    }


def _all_or_none(name: str, values: list[Any]) -> list[Any] | None:
    absent = sum(value is None for value in values)
    if absent and absent < len(values):
        raise ShapeError(
            f"Column {name!r}: {absent} of {len(values)} decisions carry none. Expected all or none."
        )
    return None if absent else values


def _joined(name: str, arrays: list[Any]) -> NDArray[Any] | None:
    present = _all_or_none(name, arrays)
    return np.concatenate(present) if present else None
