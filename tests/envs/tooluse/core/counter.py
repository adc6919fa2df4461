"""A small environment of tools: add to a number until it has the value that the user wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from agentgym.errors import DataError, suggest
from agentgym.hashing import state_key
from agentgym.tasks import NumberedTasks
from envs.tooluse.core import Service, ToolCall, ToolResult, tool
from envs.tooluse.core.env import Outcome, Standing, ToolEnv
from envs.tooluse.formats import Message


class Counter(Service):
    """A number."""

    def __init__(self) -> None:
        super().__init__()
        self.value = 0

    @tool
    def add(self, amount: int, note: str = "") -> int:
        """Add to the number. It must stay below 100.

        Args:
            amount: What to add.
            note: Why.
        """
        if self.value + amount >= 100:
            raise ValueError("too large")
        self.value += amount
        return self.value

    @tool
    def show(self, form: Literal["plain", "json"] = "plain") -> str | dict[str, int]:
        """Show the number."""
        return str(self.value) if form == "plain" else {"value": self.value}

    @tool
    def stop(self) -> str:
        """End the episode."""
        return "Stopped"

    def save(self) -> int:
        return self.value

    def load(self, state: Any) -> None:
        if type(state) is not int:
            raise DataError("the number is none")
        self.value = state


class CounterEnv(ToolEnv):
    """Bring the counter to a number and tell the user."""

    def tasks(self, split: str) -> Sequence[str]:
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return NumberedTasks({split: 50})

    def _open(self, task: str) -> str:
        self.goal = 9 + int(task.rpartition("/")[2])
        self.counter = Counter()
        self._won = False
        self._equip(self.counter.tools)
        return f"Please count to {self.goal}."

    def _policy(self) -> str:
        return "Count."

    def _reply(self, text: str) -> Outcome:
        self._won = self.counter.value == self.goal and str(self.goal) in text
        return Outcome("Thanks." if self._won else "Not yet.", float(self._won), self._won)

    def _ends(self, result: ToolResult) -> bool:
        return result.ran and result.call.name == "stop"

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        answer = super()._settle(results)
        return answer._replace(terminated=self._ends(results[-1]))

    def _standing(self) -> Standing:
        key = state_key(f"{self.goal} {self.counter.value} {self._won}".encode())
        progress = max(0.0, min(1.0, self.counter.value / self.goal))
        return Standing(key, progress, float(self._won), self._won)

    def _save_state(self) -> dict[str, Any]:
        return {"value": self.counter.save(), "won": self._won}

    def _load_state(self, task: str, state: Any) -> None:
        counter = Counter()
        counter.load(state["value"])
        if not isinstance(state["won"], bool):
            raise DataError("nobody knows whether it is won")
        self.goal = 9 + int(task.rpartition("/")[2])
        self.counter, self._won = counter, state["won"]
        self._equip(counter.tools)

    def oracle_action(self) -> str:
        if self.counter.value == self.goal:
            return self._write(Message(text=f"It is {self.goal}."))
        call = ToolCall("add", {"amount": min(3, self.goal - self.counter.value)})
        return self._write(Message((call,)))
