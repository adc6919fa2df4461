"""The corridor of the harness's tests, which also tells what methods for tool use read."""

from __future__ import annotations

from collections import Counter

from agentgym import Facts, Transition, register_env
from tests.toys import CorridorEnv

__all__ = ["TELLING_ID", "TellingEnv"]

TELLING_ID = "agentgym/ToyTelling-v0"


class TellingEnv(CorridorEnv):
    """Moves count as tool calls, each step towards the right door is expected once.

    Args:
        length: Number of cells in the training split.
        wind: Probability that a move is held back.
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" or None.
    """

    _called: str | None = None

    def reference_answer(self) -> str:
        """Name the right door."""
        return f"go {self._corridor.door}"

    def _begin(self, task: str) -> str:
        self._called = None
        return super()._begin(task)

    def _act(self, action: str) -> Transition:
        self._called = action if action in ("go west", "go east") else None
        return super()._act(action)

    def _facts(self) -> Facts:
        facts = super()._facts()
        called = [] if self._called is None else [[self._called, {}]]
        towards = Counter({f"go {self._corridor.door}": 3})
        return facts._replace(
            extra={
                **facts.extra,
                "tool_calls": len(called),
                "predicted_calls": called,
                "reference_calls": [[name, {}] for name in towards.elements()],
                "stratum": self._cell // 2,
                "process_reward": facts.progress,
                "rewards": [facts.score, 1.0 - 0.1 * len(called)],
            }
        )


register_env("ToyTelling-v0", "tests.baselines.trainer.telling:TellingEnv")
