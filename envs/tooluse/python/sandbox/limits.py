"""What a run of strangers' code may use, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from agentgym.errors import AgentGymError, ArgumentError

__all__ = ["Ending", "Limits", "Outcome", "SandboxError"]

Ending = Literal["ok", "error", "cpu", "time", "killed"]
"""How a run ended: by itself, with an exception or exit status, at a limit of time, or by a signal."""


class SandboxError(AgentGymError):
    """There is no working sandbox here, so nothing was run. The message says how to get one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. Its memory is at most `memory_mb` x `processes` + `disk_mb`.

    Attributes:
        cpu_s: CPU seconds of each process.
        wall_s: Seconds from start to end.
        memory_mb: Address space of each process, in MiB.
        processes: Processes and threads alive at once, the sandbox's own two among them.
        file_kb: Size of each file and of all output together, in KiB.
        disk_mb: Size of /tmp, which is memory and vanishes with the run, in MiB.
        shown: Characters of output that are kept; of a longer one, both ends.
    """

    cpu_s: int = 2
    wall_s: float = 5.0
    memory_mb: int = 256
    processes: int = 8
    file_kb: int = 1024
    disk_mb: int = 16
    shown: int = 4000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            whole = field.name != "wall_s"
            if type(value) not in ((int,) if whole else (int, float)) or not 0 < value < 1_000_000:
                kind = "an integer" if whole else "a number"
                raise ArgumentError(
                    f"`{field.name}` of a sandbox is {value!r}. It must be {kind} above 0 and below 1e6."
                )
        if self.processes < 3:
            raise ArgumentError(
                f"`processes` is {self.processes}. The sandbox itself takes 2: pass 3 or more."
            )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        ending: How it ended.
        output: What it printed, standard error included, as printable text.
    """

    ending: Ending
    output: str
