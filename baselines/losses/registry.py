"""Policy losses by name.

A policy loss takes `logprob`, `old_logprob`, `advantage`, `token_mask` and `token_offsets`, then further
columns by their names (`entropy`, `clip_scale`, `token_weight`), and keywords; it returns the loss and
detached scalars, `clip_fraction` and `kl` among them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import Tensor

from agentgym.errors import suggest

__all__ = ["PolicyLoss", "policy_loss", "policy_losses", "register_loss"]

Body = TypeVar("Body", bound=Callable[..., tuple[Tensor, dict[str, Tensor]]])
_COMMON = ("logprob", "old_logprob", "advantage", "token_mask", "token_offsets")


@dataclass(frozen=True, slots=True)
class PolicyLoss:
    """A registered policy loss.

    Attributes:
        name: Its name.
        body: The function.
        paper: Title of the paper.
        arxiv: Its arXiv id.
        reference: Whether released code or worked numbers stand behind it; False: our reading.
    """

    name: str
    body: Callable[..., tuple[Tensor, dict[str, Tensor]]]
    paper: str
    arxiv: str
    reference: bool

    @property
    def keywords(self) -> Mapping[str, Any]:
        """Hyper-parameters and their defaults."""
        parameters = inspect.signature(self.body).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    @property
    def columns(self) -> frozenset[str]:
        """Token columns that it reads beyond those that every policy loss reads."""
        parameters = inspect.signature(self.body).parameters.values()
        return frozenset(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY) - frozenset(_COMMON)

    def check_keywords(self, given: Mapping[str, Any]) -> None:
        """Check that every keyword exists.

        Raises:
            UnknownNameError: One does not. The message lists close matches.
        """
        for keyword in given:
            if keyword not in self.keywords:
                raise suggest(f"keyword of the loss {self.name!r}", keyword, self.keywords)


def register_loss(name: str, *, paper: str, arxiv: str, reference: bool = True) -> Callable[[Body], Body]:
    """Register the decorated function as a policy loss; see `PolicyLoss` for the arguments."""

    def decorate(body: Body) -> Body:
        _LOSSES[name] = PolicyLoss(name, body, paper, arxiv, reference)
        return body

    return decorate


def policy_losses() -> tuple[str, ...]:
    """Names of all policy losses, sorted."""
    return tuple(sorted(_LOSSES))


def policy_loss(name: str) -> PolicyLoss:
    """Look a policy loss up.

    Raises:
        UnknownNameError: There is none of this name. The message lists close matches.
    """
    if name not in _LOSSES:
        raise suggest("policy loss", name, _LOSSES)
    return _LOSSES[name]


_LOSSES: dict[str, PolicyLoss] = {}
