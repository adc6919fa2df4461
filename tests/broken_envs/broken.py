"""`breaks`: what a broken environment breaks, and which rule must notice it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gymnasium

from agentgym import TextEnv

__all__ = ["BROKEN", "Broken", "breaks"]


@dataclass(frozen=True)
class Broken:
    """A broken environment.

    Attributes:
        target: The class, or its id where the rule needs one.
        rule: The rule that must fail.
        says: A piece of what it must say.
        also: The other rules that fail with it; None where chance decides which.
    """

    target: type[TextEnv] | str
    rule: str
    says: str
    also: frozenset[str] | None


BROKEN: dict[str, Broken] = {}


def breaks(
    rule: str, says: str, also: str | None = "", *, registered: bool = False, vector: str | None = None
) -> Callable[[type[TextEnv]], type[TextEnv]]:
    def note(env: type[TextEnv]) -> type[TextEnv]:
        target: type[TextEnv] | str = env
        if registered:
            target = f"broken/{env.__name__}-v0"
            gymnasium.register(
                id=target,
                entry_point=f"{env.__module__}:{env.__name__}",
                vector_entry_point=vector,
                kwargs=getattr(env, "registered_kwargs", {}),
            )
        others = None if also is None else frozenset(also.split())
        BROKEN[env.__name__] = Broken(target, rule, says, others)
        return env

    return note
