"""Rules that shape rewards, by name, and the one way to run them on a batch.

A rule is a decorated function or class in one of this package's files: it takes a batch and returns it with
other rewards. The array functions beside them (`otc`, `match_reward`, ...) do the arithmetic and stand alone.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError, suggest

__all__ = ["Rule", "Shaper", "make_shaper", "register_rule", "rule", "rules", "shape"]

Body = TypeVar("Body", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule.

    Attributes:
        name: Its name.
        body: The function `(batch, *, keywords) -> StepBatch`, or a class that takes the keywords, is called
            with a batch and has `state_dict` and `load_state_dict`.
        needs: Batch columns that it reads beyond the required ones.
        writes: The columns that it replaces.
        paper: Title of the paper.
        arxiv: Its arXiv id, "" if none is known.
        reference: Whether released code or worked numbers stand behind the rule; False: our reading.
    """

    name: str
    body: Callable[..., Any]
    needs: tuple[str, ...]
    writes: tuple[str, ...]
    paper: str
    arxiv: str
    reference: bool

    @property
    def keywords(self) -> tuple[str, ...]:
        """Names of its hyper-parameters."""
        parameters = inspect.signature(self.body).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    @property
    def required(self) -> tuple[str, ...]:
        """Those without a default."""
        parameters = inspect.signature(self.body).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty)


class Shaper:
    """A rule with its hyper-parameters, ready to be called batch after batch. Make one with `make_shaper`."""

    def __init__(self, chosen: Rule, keywords: Mapping[str, Any]) -> None:
        for keyword in keywords:
            if keyword not in chosen.keywords:
                raise suggest(f"keyword of the reward rule {chosen.name!r}", keyword, chosen.keywords)
        missing = [keyword for keyword in chosen.required if keyword not in keywords]
        if missing:
            raise ArgumentError(
                f"The reward rule {chosen.name!r} has no default for {', '.join(map(repr, missing))}. Pass "
                "a value."
            )
        self.rule = chosen
        self._keywords = dict(keywords)
        self._memory: Any = chosen.body(**self._keywords) if inspect.isclass(chosen.body) else None

    def __call__(self, batch: StepBatch) -> StepBatch:
        """Return the batch with the rule's rewards.

        Raises:
            MissingColumnError: The batch lacks a column that the rule needs. The message names both.
            ArgumentError: A keyword or a column has a value that cannot be used.
        """
        for column in self.rule.needs:
            batch.column(column, f"the reward rule {self.rule.name!r}")
        if self._memory is not None:
            shaped: StepBatch = self._memory(batch)
        else:
            shaped = self.rule.body(batch, **self._keywords)
        return shaped

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values; empty for a rule without memory."""
        return {} if self._memory is None else dict(self._memory.state_dict())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up a memory that `state_dict` returned."""
        if self._memory is not None:
            self._memory.load_state_dict(state)


def register_rule(
    name: str,
    *,
    paper: str,
    arxiv: str = "",
    needs: tuple[str, ...] = (),
    writes: tuple[str, ...] = ("reward",),
    reference: bool = True,
) -> Callable[[Body], Body]:
    """Register the decorated function or class as a rule; see `Rule` for the arguments.

    Raises:
        ArgumentError: The name is taken by another body.
    """

    def decorate(body: Body) -> Body:
        if name in _RULES and _RULES[name].body.__module__ != body.__module__:
            raise ArgumentError(f"The reward rule {name!r} is taken by {_RULES[name].body.__module__}.")
        _RULES[name] = Rule(name, body, needs, writes, paper, arxiv, reference)
        return body

    return decorate


def rules() -> tuple[str, ...]:
    """Names of all rules, sorted."""
    _discover()
    return tuple(sorted(_RULES))


def rule(name: str) -> Rule:
    """Look a rule up.

    Raises:
        UnknownNameError: There is none of this name. The message lists close matches.
    """
    _discover()
    if name not in _RULES:
        raise suggest("reward rule", name, _RULES)
    return _RULES[name]


def make_shaper(name: str, **keywords: Any) -> Shaper:
    """Make a shaper that is called batch after batch and keeps the rule's memory, if it has one.

    Raises:
        UnknownNameError: There is no such rule or keyword. The message lists close matches.
    """
    return Shaper(rule(name), keywords)


def shape(name: str, batch: StepBatch, **keywords: Any) -> StepBatch:
    """Shape the rewards of one batch; a rule with memory starts afresh.

    Raises:
        UnknownNameError: There is no such rule or keyword. The message lists close matches.
        MissingColumnError: The batch lacks a column that the rule needs. The message names both.
    """
    return make_shaper(name, **keywords)(batch)


_RULES: dict[str, Rule] = {}


@cache
def _discover() -> None:
    package = importlib.import_module(__package__ or "baselines.rewards")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
