"""A finished evaluation run again: is it the same, and if not, from where on and why?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentgym.agents import make_agent
from agentgym.evaluation.record import differing, reproducibility_record
from agentgym.rollout.folder import load_run, run
from agentgym.trajectory import Trajectory

__all__ = ["RerunReport", "rerun"]


@dataclass(frozen=True, slots=True)
class RerunReport:
    """What came of running an evaluation again.

    Attributes:
        episodes: Number of episodes.
        success: Share of successes, then and now.
        parted: For each episode that differs a line that names its first differing turn.
        record: What differs between the two records, a line a fact.
    """

    episodes: int
    success: tuple[float, float]
    parted: tuple[str, ...]
    record: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything happened as before."""
        return not self.parted

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "ok": self.ok,
            "episodes": self.episodes,
            "success": list(self.success),
            "differences": list(self.parted),
            "record": list(self.record),
        }

    def lines(self) -> Iterator[str]:
        """Write the report."""
        same = self.episodes - len(self.parted)
        yield f"{same} of {self.episodes} episodes are as they were."
        yield f"Success was {self.success[0]:.3f} and is {self.success[1]:.3f}."
        yield from self.parted
        if self.record:
            yield "What else differs:"
            yield from (f"  {line}" for line in self.record)


def rerun(folder: Path, *, slots: int = 64, watch: Callable[[Trajectory], None] | None = None) -> RerunReport:
    """Play the plan of a finished run again, with the same agent and seeds, and compare.

    Args:
        folder: The folder of `agentgym eval --out`.
        slots: Number of episodes alive at once.
        watch: Called with every episode that is played again.

    Raises:
        TrajectoryError: The folder holds no finished run.
        ArgumentError: Its agent cannot be made any more.
    """
    plan, before = load_run(folder)
    agent = make_agent(plan.agent, **plan.agent_options)
    with tempfile.TemporaryDirectory() as fresh:
        now = run(plan, agent, Path(fresh), slots=slots, on_done=watch)
    parted = tuple(line for old, new in zip(before, now, strict=True) if (line := _parting(old, new)))
    return RerunReport(
        episodes=len(now),
        success=(_success(before), _success(now)),
        parted=parted,
        record=tuple(differing(_recorded(folder), reproducibility_record(plan, agent, now))),
    )


def _recorded(folder: Path) -> dict[str, Any]:
    """Read the record that was written then; a run that is no evaluation has none."""
    path = folder / "result.json"
    try:
        record = json.loads(path.read_text(encoding="ascii"))["record"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return record if isinstance(record, dict) else {}


def _parting(old: Trajectory, new: Trajectory) -> str:
    """Name the first turn at which two plays of one episode differ; "" if none does."""
    for turn, (was, now) in enumerate(zip(old.steps, new.steps, strict=False)):
        for name in ("observation", "state"):
            if getattr(was, name) != getattr(now, name):
                return f"episode {old.episode}, turn {turn}: the {name} differs"
        if was.decision.action != now.decision.action:
            return (
                f"episode {old.episode}, turn {turn}: the agent said {was.decision.action[:80]!a} then and "
                f"{now.decision.action[:80]!a} now"
            )
        if was.reward != now.reward:
            return f"episode {old.episode}, turn {turn}: the reward was {was.reward} and is {now.reward}"
    if len(old.steps) != len(new.steps):
        return f"episode {old.episode}: it had {len(old.steps)} turns and has {len(new.steps)}"
    if old.error != new.error:
        return f"episode {old.episode}: its error was {old.error!a} and is {new.error!a}"
    return "" if old.final_observation == new.final_observation else f"episode {old.episode}: the end differs"


def _success(played: list[Trajectory]) -> float:
    return sum(trajectory.success for trajectory in played) / max(1, len(played))
