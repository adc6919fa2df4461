"""Where the time of a run goes, by named parts of the work.

    with profiled() as profile:
        ...                        # anywhere below: with timed("generate"): ...
    print(profile.seconds)

Where nobody profiles, `timed` costs less than a microsecond.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Profile", "counted", "profiled", "timed"]

_BETWEEN_LOOKS: Final = 0.5
"""Seconds between two looks at how busy the GPU is."""


@dataclass(slots=True)
class Profile:
    """What was measured.

    Attributes:
        seconds: Seconds of each part, those of parts within it taken away.
        total: Seconds in all.
        counts: What was counted, e.g. "tokens" that were sampled.
        gpu_memory: Greatest number of bytes of GPU memory that tensors held; 0 without CUDA.
        gpu_busy: Shares of the time, in [0, 1], in which the GPU computed, as it told twice a second while
            something was measured; empty without CUDA or where it does not tell.
        gpu_silent: Why it does not tell, e.g. that the package nvidia-ml-py is not there.
    """

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: float = 0.0
    gpu_memory: int = 0
    gpu_busy: list[float] = field(default_factory=list)
    gpu_silent: str = ""
    clock: Callable[[], float] = field(default=time.perf_counter, repr=False)
    _within: list[float] = field(default_factory=list, repr=False)
    _next_look: float = field(default=0.0, repr=False)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a part of the work."""
        self._within.append(0.0)
        begun = self.clock()
        try:
            yield
        finally:
            spent = self.clock() - begun
            self.seconds[name] += spent - self._within.pop()
            if self._within:
                self._within[-1] += spent
            if (now := time.monotonic()) >= self._next_look:
                self._next_look = now + _BETWEEN_LOOKS
                self._look_at_gpu()

    @property
    def gpu_utilisation(self) -> float | None:
        """Mean share of the time in which the GPU computed; None where it was not told."""
        return sum(self.gpu_busy) / len(self.gpu_busy) if self.gpu_busy else None

    def _look_at_gpu(self) -> None:
        cuda = _cuda()
        if cuda is None or self.gpu_silent:
            return
        try:
            self.gpu_busy.append(cuda.utilization() / 100)
        except Exception as error:  # a package, a driver or a right is missing: no reason to break a run
            self.gpu_silent = f"{type(error).__name__}: {error}"

    def to_record(self) -> dict[str, Any]:
        """Return the profile as a JSON object; "other" is what no part claims."""
        other = self.total - sum(self.seconds.values())
        return {
            "total_s": self.total,
            "parts_s": {**dict(sorted(self.seconds.items())), "other": other},
            "counts": dict(sorted(self.counts.items())),
            "gpu_memory_bytes": self.gpu_memory,
            "gpu_utilisation": self.gpu_utilisation,
        }


def _cuda() -> Any:
    """The module `torch.cuda` where torch is loaded and sees a device, else None."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    return cuda if cuda is not None and cuda.is_available() else None


_current: ContextVar[Profile | None] = ContextVar("profile", default=None)
_IDLE = nullcontext()


@contextmanager
def profiled(clock: Callable[[], float] = time.perf_counter) -> Iterator[Profile]:
    """Measure everything that happens in this context.

    Args:
        clock: Tells the time in seconds, e.g. `time.process_time` where others use the machine as well.
    """
    profile = Profile(clock=clock)
    if (cuda := _cuda()) is not None:
        cuda.reset_peak_memory_stats()
    token, begun = _current.set(profile), clock()
    try:
        yield profile
    finally:
        profile.total = clock() - begun
        _current.reset(token)
        if (cuda := _cuda()) is not None:  # torch may have been loaded meanwhile
            profile.gpu_memory = cuda.max_memory_allocated()


def timed(part: str) -> AbstractContextManager[None]:
    """Measure a part of the work, if somebody profiles: "prompt", "generate", "environment", "log", ..."""
    profile = _current.get()
    return _IDLE if profile is None else profile.part(part)


def counted(**numbers: int) -> None:
    """Add to what is counted, if somebody profiles: tokens, ..."""
    profile = _current.get()
    if profile is not None:
        for name, number in numbers.items():
            profile.counts[name] += number
