"""Padded tensors of other trainers as a `StepBatch`, and advantages per token back into their shape.

Trainers keep R rows of L response positions, padded. A turn is a run of trained positions in a row: what
lies between two runs was said by the environment. Where turns touch, or hold untrained tokens, a tensor of
turn numbers says where each begins and ends. A reward never does: a turn of reward 0 is a turn.
Array axes: R rows, L positions, N turns, T tokens of turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray, intern_labels
from agentgym.errors import MissingColumnError, ShapeError
from baselines.estimators import Estimate, Estimator
from baselines.estimators.primitives import broadcast

__all__ = ["PaddedBatch", "TokenCredit", "TurnLayout", "credit_tokens", "from_padded"]


@dataclass(frozen=True)
class TurnLayout:
    """Where the turns lie in padded rows, in the order of the rows.

    Attributes:
        trained: Positions that are trained, shape (R, L), bool.
        token: Place of each token in the flattened tensor, shape (T,), int64.
        offsets: Tokens of turn i are `offsets[i]:offsets[i + 1]`, shape (N+1,), int64.
    """

    trained: BoolArray
    token: IntArray
    offsets: IntArray

    @classmethod
    def of(cls, mask: ArrayLike, turn: ArrayLike | None = None) -> TurnLayout:
        """Find the turns.

        Args:
            mask: Positions that are trained, shape (R, L), bool or 0 and 1.
            turn: Number of each position's turn within its row, shape (R, L), whole numbers; 0 outside of all
                turns. None: each run of trained positions is a turn.

        Raises:
            ShapeError: A tensor is not two-dimensional, they differ in shape, or no row has a turn.
        """
        trained = np.asarray(mask) != 0
        number = trained.astype(np.int64) if turn is None else np.asarray(turn).astype(np.int64)
        if trained.ndim != 2 or number.shape != trained.shape:
            raise ShapeError(
                f"The mask has shape {trained.shape}, the turns {number.shape}. Expected (rows, positions)."
            )
        begins = (number != 0) & (number != np.pad(number, ((0, 0), (1, 0)))[:, :-1])
        token = np.flatnonzero(number)
        if not token.size:
            raise ShapeError("No row has a turn: the mask is 0 everywhere. Leave such a batch out.")
        starts = np.flatnonzero(begins.ravel()[token])
        return cls(trained & (number != 0), token, np.append(starts, token.size).astype(np.int64))

    @cached_property
    def row(self) -> IntArray:
        """Row of each turn, shape (N,)."""
        return np.asarray(self.token[self.offsets[:-1]] // self.trained.shape[1], np.int64)

    def gather(self, name: str, tensor: ArrayLike) -> NDArray[Any]:
        """Take a tensor's values at the tokens of turns: shape (R, L) to (T,).

        Raises:
            ShapeError: It has another shape than the mask.
        """
        values = np.asarray(tensor)
        if values.shape != self.trained.shape:
            raise ShapeError(
                f"{name!r} has shape {values.shape}. Expected {self.trained.shape}, as the mask."
            )
        return values.ravel()[self.token]

    def scatter(self, values: ArrayLike) -> FloatArray:
        """Put values of tokens in their places: shape (T,) to (R, L), 0 elsewhere."""
        flat = np.zeros(self.trained.size)
        flat[self.token] = values
        return flat.reshape(self.trained.shape)

    def turn_sums(self, name: str, tensor: ArrayLike) -> FloatArray:
        """Sum a tensor over each turn and what follows it: shape (R, L) to (N,).

        A position between two turns belongs to the one before it, one before all turns to the first.

        Raises:
            ShapeError: It has another shape than the mask.
        """
        self.gather(name, tensor)
        values = np.asarray(tensor, np.float64).ravel()
        starts = self.token[self.offsets[:-1]]
        begun = np.searchsorted(starts, np.arange(values.size), side="right") - 1
        row = np.arange(values.size) // self.trained.shape[1]
        first = np.searchsorted(self.row, row)  # first turn of the row, if it has one
        owner = np.minimum(np.maximum(begun, first), len(starts) - 1)
        mine = self.row[owner] == row
        return np.bincount(owner[mine], values[mine], len(starts)).astype(np.float64)

    def spread(self, name: str, column: Sequence[Any] | NDArray[Any]) -> list[Any]:
        """Give every turn its value of a column.

        Args:
            name: The column, for messages.
            column: One entry a row: a list or array with one value for each of the row's turns, or one value
                that all of them have.

        Raises:
            ShapeError: There is not one entry for each row, or an entry is a list of another length.
        """
        rows, count = len(self.trained), np.bincount(self.row, minlength=len(self.trained))
        if len(column) != rows:
            raise ShapeError(f"{name!r} has {len(column)} entries. Expected {rows}, one for each row.")
        found: list[Any] = []
        entries = column.tolist() if hasattr(column, "tolist") else column  # a tensor's numbers are no labels
        for entry, turns in zip(entries, count.tolist(), strict=True):
            several = isinstance(entry, list | tuple) or (isinstance(entry, np.ndarray) and entry.ndim > 0)
            if several and len(entry) != turns:
                raise ShapeError(f"{name!r} holds {len(entry)} values for a row of {turns} turns.")
            found += list(entry) if several else [entry] * turns
        return found


class PaddedBatch(NamedTuple):
    """Padded tensors as a batch.

    Attributes:
        batch: N steps, one for each turn.
        layout: Where the turns lie in the tensors.
        unknown: Required columns that were not given and hold a placeholder, the same for no two steps.
    """

    batch: StepBatch
    layout: TurnLayout
    unknown: frozenset[str]


class TokenCredit(NamedTuple):
    """What an estimator found, in the shape of the tensors.

    Attributes:
        estimate: Its result.
        advantage: Shape (R, L), float64, 0 where nothing is trained.
        returns: What a critic is trained on, shape (R, L): the method's own returns, else the advantage.
    """

    estimate: Estimate
    advantage: FloatArray
    returns: FloatArray


def from_padded(
    layout: TurnLayout,
    reward: ArrayLike,
    group: Sequence[Any] | NDArray[Any],
    *,
    episode: Sequence[Any] | NDArray[Any] | None = None,
    steps: Mapping[str, Sequence[Any] | NDArray[Any]] | None = None,
    tokens: Mapping[str, ArrayLike] | None = None,
) -> PaddedBatch:
    """Make a batch of padded tensors.

    Args:
        layout: Where the turns lie.
        reward: Rewards, shape (R, L); a turn has the sum over its tokens and the positions that follow it.
        group: Group of each row, R labels.
        episode: Episode of each row, R labels, in the order of time; None: each row is an episode.
        steps: Columns of steps by their names in `StepBatch`, see `TurnLayout.spread`. Where they are absent
            the last turn of an episode ends the task, every action is valid, and the agent is alone.
        tokens: Columns of tokens by their names in `StepBatch`, shape (R, L) each.

    Raises:
        ShapeError: A tensor or column has the wrong shape, or holds NaN or infinity.
    """
    given = {name: layout.spread(name, column) for name, column in (steps or {}).items()}
    turns = len(layout.row)
    episodes = intern_labels(
        layout.spread("episode", range(len(layout.trained)) if episode is None else episode)
    )
    last = np.ones(turns, np.bool_)
    order = np.argsort(episodes, kind="stable")
    last[order[:-1]] = episodes[order[1:]] != episodes[order[:-1]]
    unknown = frozenset({"state", "action"} - given.keys())
    columns: dict[str, Any] = {
        "terminated": last,
        "truncated": np.zeros(turns, np.bool_),
        "agent": np.zeros(turns, np.int64),
        "valid": np.ones(turns, np.bool_),
        **dict.fromkeys(unknown, np.arange(turns)),
        **given,
        **{name: layout.gather(name, tensor) for name, tensor in (tokens or {}).items()},
    }
    if not layout.trained.ravel()[layout.token].all():
        columns["token_mask"] = layout.trained.ravel()[layout.token]
    batch = StepBatch.from_columns(
        episode=episodes,
        group=intern_labels(layout.spread("group", group)),
        reward=layout.turn_sums("reward", reward),
        token_offsets=layout.offsets,
        **columns,
    )
    return PaddedBatch(batch, layout, unknown)


def credit_tokens(estimator: Estimator, padded: PaddedBatch) -> TokenCredit:
    """Run an estimator and bring its advantages into the shape of the tensors.

    A tree method takes its tree from the column `parent`, else from equal histories of states and actions.

    Raises:
        MissingColumnError: The method needs a column that the tensors do not give.
    """
    batch, layout, unknown = padded
    needs = set(estimator.method.needs)
    if "parent" in needs and batch.parent is None:
        needs |= {"state", "action"}
    for name in sorted(needs & unknown):
        raise MissingColumnError(
            f"{estimator.method.name} needs the column {name!r}, which these tensors do not carry. Give it "
            "per turn, or choose a method that lives on rewards."
        )
    if "parent" in needs and batch.parent is None:
        from baselines.trainer.credit import assign_credit  # the trainer loads torch; only trees need it here

        estimate, token = assign_credit(estimator, batch)
    else:
        estimate = estimator(batch)
        token = broadcast(estimate.step, batch) if estimate.token is None else estimate.token
    returns = getattr(estimate, "returns", token)
    if len(returns) != batch.tokens:  # a critic of steps
        returns = np.repeat(returns, np.diff(batch.token_offsets))
    return TokenCredit(estimate, layout.scatter(token), layout.scatter(returns * batch.trained))
