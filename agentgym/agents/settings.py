"""How responses are sampled: the options that every local model takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real

from agentgym.errors import ArgumentError

__all__ = ["Sampling"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a response is drawn, token by token.

    A token is drawn from p = softmax(logits / temperature), restricted to the tokens that `top_k`, `top_p`
    and `min_p` all keep; each of the three looks at p itself, so that their order does not matter. Tokens
    exactly as likely as the last one kept are kept as well. What is recorded are log-probabilities and
    entropies of p before the restriction (of softmax(logits) at temperature 0): training computes them anew
    in the same way.

    Attributes:
        temperature: Divides the logits; 0 takes the most likely token.
        max_new_tokens: Greatest number of tokens of a response.
        top_k: Number of most likely tokens that may be drawn; 0 for all.
        top_p: The most likely tokens may be drawn, as many as it takes to reach this probability.
        min_p: A token may be drawn if it is at least this share as likely as the most likely one.
        stop: A response ends with the token that completes one of these texts; the text stays in it.
        repeats: A response ends when its last token has come this many times in a row; 0 never.

    Raises:
        ArgumentError: An option is no number or out of range, or a text to stop at is empty.
    """

    temperature: float = 1.0
    max_new_tokens: int = 16
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    stop: tuple[str, ...] = ()
    repeats: int = 0

    def __post_init__(self) -> None:
        texts = tuple(self.stop) if isinstance(self.stop, list | tuple) else (self.stop,)
        object.__setattr__(self, "stop", texts)
        for name in ("max_new_tokens", "top_k", "repeats"):
            self._check(name, "a whole number", isinstance(getattr(self, name), Integral))
        for name in ("temperature", "top_p", "min_p"):
            self._check(name, "a number", isinstance(getattr(self, name), Real))
        self._check("temperature", "finite and at least 0", 0 <= self.temperature < math.inf)
        self._check("max_new_tokens", "at least 1", self.max_new_tokens >= 1)
        self._check("top_k", "at least 0, which keeps all", self.top_k >= 0)
        self._check("top_p", "above 0 and at most 1, which keeps all", 0 < self.top_p <= 1)
        self._check("min_p", "at least 0, which keeps all, and at most 1", 0 <= self.min_p <= 1)
        self._check("stop", "texts that are not empty", all(isinstance(t, str) and t for t in texts))
        self._check("repeats", "0, which is no limit, or at least 2", self.repeats == 0 or self.repeats >= 2)

    def _check(self, name: str, expected: str, holds: bool) -> None:
        if not holds:
            raise ArgumentError(f"`{name}` is {getattr(self, name)!r}. It must be {expected}.")

    @property
    def restricted(self) -> bool:
        """Whether some tokens are never drawn."""
        return self.temperature > 0 and (self.top_k > 0 or self.top_p < 1 or self.min_p > 0)
