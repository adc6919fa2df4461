"""The tool `python`: code in the sandbox, each call by itself or as the next cell of a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from envs.tooluse.core import tool
from envs.tooluse.python.sandbox import Limits, Outcome, Sandbox

__all__ = ["MOST_CHARACTERS", "PythonTool"]

MOST_CHARACTERS: Final = 100_000
"""Characters of all cells together that are run."""


class PythonTool:
    """Holds the sandbox and, where it is a notebook, the cells that ran without an error.

    A notebook keeps no process: each call runs all kept cells again, silently, and then the new one, under
    the limits of one run.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits, *, notebook: bool) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._notebook = notebook
        self.cells: tuple[str, ...] = ()

    @tool
    def python(self, code: str) -> str:
        """Run Python code and return what it prints. The value of a last expression is printed, too.

        There is the standard library, but no network and no file of this machine.

        Args:
            code: The code.
        """
        size = len(code) + sum(map(len, self.cells))
        if size > MOST_CHARACTERS:
            raise ValueError(
                f"the code has {size} characters, earlier cells included; {MOST_CHARACTERS} are run"
            )
        outcome = self._sandbox.run([*self.cells, code])
        if self._notebook and outcome.ending == "ok":
            self.cells += (code,)
        return self._told(outcome)

    def _told(self, outcome: Outcome) -> str:
        notes: Mapping[str, str] = {
            "ok": "" if outcome.output else "(no output)",
            "error": "" if outcome.output else "(it ended with an error status and no output)",
            "cpu": f"(stopped after {self._limits.cpu_s} s of computing)",
            "time": f"(stopped after {self._limits.wall_s:g} s)",
            "killed": "(ended by the system, as crashes and hard limits do)",
        }
        return outcome.output + notes[outcome.ending]
