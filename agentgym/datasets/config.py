"""What is exported, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from agentgym.datasets.preferences import Match
from agentgym.errors import ArgumentError, suggest

__all__ = ["ExportConfig", "Form", "Keep"]

Form = Literal["trajectories", "sft", "dpo", "step-dpo"]
Keep = Literal["success", "best", "all"]


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """How episodes become rows.

    Attributes:
        form: "trajectories": an episode a row, with everything that was recorded. "sft": an episode a row,
            as a chat. "dpo": pairs of episodes of a group. "step-dpo": pairs of actions in one state.
        keep: Which episodes "sft" takes: those that succeeded, the best of each group (of equals the first;
            no group without success), or all that did not break off.
        instruction: Whether a chat begins with the goal, and has the environment's tools. They are not on
            disk: each task is started again, so the environment must be there.
        match: Which steps "step-dpo" compares, see `step_pairs`.
        history: Number of past turns in a prompt of "step-dpo"; None for all.
        gamma: Discount between steps in the returns of "step-dpo".
        margin: By how much the better of a pair must be better.
        rows: Greatest number of rows of a file, but a group is never cut.
        license: What the data set's card says; a name that Hugging Face knows.

    Raises:
        ArgumentError: A value cannot be used.
    """

    form: Form = "trajectories"
    keep: Keep = "success"
    instruction: bool = True
    match: Match = "state"
    history: int | None = None
    gamma: float = 1.0
    margin: float = 0.0
    rows: int = 5000
    license: str = "other"

    def __post_init__(self) -> None:
        choices = {"form": (self.form, Form), "keep": (self.keep, Keep), "match": (self.match, Match)}
        for name, (value, known) in choices.items():
            if value not in get_args(known):
                raise suggest(name, str(value), get_args(known))
        if self.rows < 1 or (self.history is not None and self.history < 0):
            raise ArgumentError(
                f"rows={self.rows}, history={self.history}. Expected at least 1, and at least 0 or None."
            )
        if not 0.0 <= self.gamma <= 1.0 or not self.margin >= 0.0:
            raise ArgumentError(
                f"gamma={self.gamma}, margin={self.margin}. Expected gamma in [0, 1], margin of at least 0."
            )
        if not all(c.isalnum() or c in "-." for c in self.license) or not self.license:
            raise ArgumentError(f"`license` is {self.license!r}. Expected a name such as 'mit' or 'other'.")
