"""Environments that break a rule of Gymnasium's API."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import gymnasium

from agentgym import Facts
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("gymnasium_check", "share an object")
class HandsOutItsState(CorridorEnv):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._map = {"doors": 2}

    def _facts(self) -> Facts:
        return super()._facts()._replace(extra={"map": self._map})


@breaks("gymnasium_check", "seed")
class HasAnOldSeedMethod(CorridorEnv):
    def seed(self, seed: int) -> None:
        pass


@breaks("spaces", "not FreeText", None)
class HasGymnasiumText(CorridorEnv):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.observation_space = gymnasium.spaces.Text(1000)


@breaks("render_modes", "(H, W, 3)")
class PaintsText(CorridorEnv):
    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["ansi", "rgb_array"],
        "render_fps": 4,
    }


@breaks("render_modes", "smell")
class RendersAnything(CorridorEnv):
    def __init__(self, *, render_mode: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.render_mode = render_mode


@breaks("spec_round_trip", "", None, registered=True)
class HasAnOddArgument(CorridorEnv):
    registered_kwargs: ClassVar[dict[str, Any]] = {"winds": {0: 0.2}}

    def __init__(self, *, winds: dict[int, float], **kwargs: Any) -> None:
        super().__init__(**{"wind": winds[0], **kwargs})


@breaks("pickling", "pickle")
class HoldsALock(CorridorEnv):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lock = threading.Lock()
