"""Registered methods by name, and the one way to call them.

A method is one file of this package with one decorated function or class; the file is found by itself.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import AgentGymError, ArgumentError, suggest

__all__ = [
    "Advantages",
    "Estimate",
    "Estimator",
    "Level",
    "Method",
    "advantages",
    "make_estimator",
    "method",
    "names",
    "register",
]

Level = Literal["episode", "step", "token", "tree"]
Body = TypeVar("Body", bound=Callable[..., Any])


class Estimate(Protocol):
    """What every method returns: a named tuple that begins with these two fields.

    A method with further results (returns, clip scales, counters) defines its own `NamedTuple` in its file,
    which begins with `step` and `token` and goes on with its own fields.
    """

    @property
    def step(self) -> FloatArray:
        """Advantage of each step, shape (N,), float64."""

    @property
    def token(self) -> FloatArray | None:
        """Advantage of each token, shape (T,), 0 where not trained; None: every token has its step's."""


class Advantages(NamedTuple):
    """The plain result.

    Attributes:
        step: Advantage of each step, shape (N,), float64.
        token: Advantage of each token, shape (T,), float64; None: every token has its step's.
    """

    step: FloatArray
    token: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A registered method.

    Attributes:
        name: Its name.
        body: The function `(batch, *, keywords) -> Estimate`, or a class that takes the keywords, is called
            with a batch and has `state_dict` and `load_state_dict`.
        paper: Title of the paper.
        arxiv: Its arXiv id, "" if none is known.
        needs: Batch columns beyond the required ones that it reads.
        level: What it scores: whole episodes, steps, tokens or nodes of a tree.
        reference: Whether released code or worked numbers stand behind the formula; False: our reading.
        preset: Keywords that an alias sets; a caller may still pass them.
    """

    name: str
    body: Callable[..., Any]
    paper: str
    arxiv: str = ""
    needs: tuple[str, ...] = ()
    level: Level = "step"
    reference: bool = True
    preset: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def keywords(self) -> Mapping[str, Any]:
        """Hyper-parameters and their defaults."""
        parameters = inspect.signature(self.body).parameters.values()
        named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        return {**named, **self.preset}

    def check_keywords(self, given: Mapping[str, Any]) -> None:
        """Check that every keyword exists.

        Raises:
            UnknownNameError: One does not. The message lists close matches.
        """
        parameters = inspect.signature(self.body).parameters.values()
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return  # passed on to another method, which checks them
        for keyword in given:
            if keyword not in self.keywords:
                raise suggest(f"keyword of {self.name!r}", keyword, self.keywords)


class Estimator:
    """A method with its hyper-parameters, ready to be called batch after batch.

    Make one with `make_estimator`. A method with memory (running baselines, entropy history) keeps it here.
    """

    def __init__(self, chosen: Method, keywords: Mapping[str, Any]) -> None:
        chosen.check_keywords(keywords)
        self.method = chosen
        self._keywords = {**chosen.preset, **keywords}
        self._memory: Any = chosen.body(**self._keywords) if inspect.isclass(chosen.body) else None

    def __call__(self, batch: StepBatch) -> Estimate:
        """Compute the advantages of a batch.

        Raises:
            MissingColumnError: The batch lacks a column that the method needs. The message names both.
            ArgumentError: A keyword has a value that cannot be used.
        """
        for column in self.method.needs:
            batch.column(column, self.method.name)
        if self._memory is not None:
            result: Estimate = self._memory(batch)
        else:
            result = self.method.body(batch, **self._keywords)
        _check_result(self.method.name, result, batch)
        return result

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values and arrays; empty for a method without memory."""
        return {} if self._memory is None else dict(self._memory.state_dict())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up a memory that `state_dict` returned.

        Raises:
            ArgumentError: The method has no memory and the state is not empty.
        """
        if self._memory is not None:
            self._memory.load_state_dict(state)
        elif state:
            raise ArgumentError(f"{self.method.name!r} has no memory, but the state holds {sorted(state)}.")


def register(
    name: str,
    *,
    paper: str,
    arxiv: str = "",
    needs: tuple[str, ...] = (),
    level: Level = "step",
    reference: bool = True,
    aliases: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Callable[[Body], Body]:
    """Register the decorated function or class as a method; see `Method` for the arguments.

    Args:
        name: Name as in the paper, lower case.
        paper: Title of the paper.
        arxiv: Its arXiv id.
        needs: Batch columns beyond the required ones.
        level: What it scores.
        reference: Whether released code or worked numbers stand behind the formula.
        aliases: Further names, each with the keywords that it sets.

    Raises:
        ArgumentError: A name is taken by another body.
    """

    def decorate(body: Body) -> Body:
        for each, preset in {name: {}, **aliases}.items():
            if each in _METHODS and _METHODS[each].body.__module__ != body.__module__:
                raise ArgumentError(
                    f"The estimator name {each!r} is taken by {_METHODS[each].body.__module__}."
                )
            fixed = MappingProxyType(dict(preset))
            _METHODS[each] = Method(each, body, paper, arxiv, needs, level, reference, fixed)
        return body

    return decorate


def names(*, aliases: bool = True) -> tuple[str, ...]:
    """Names of all methods, sorted; without `aliases` one name for each method."""
    _discover()
    if aliases:
        return tuple(sorted(_METHODS))
    first = {
        id(each.body): each.name for each in reversed(_METHODS.values())
    }  # a method precedes its aliases
    return tuple(sorted(first.values()))


def method(name: str) -> Method:
    """Look a method up.

    Raises:
        UnknownNameError: There is none of this name. The message lists close matches.
    """
    _discover()
    if name not in _METHODS:
        raise suggest("estimator", name, _METHODS)
    return _METHODS[name]


def make_estimator(name: str, **keywords: Any) -> Estimator:
    """Make an estimator that is called batch after batch and keeps the method's memory, if it has one.

    Raises:
        UnknownNameError: There is no such method or keyword. The message lists close matches.
    """
    return Estimator(method(name), keywords)


def advantages(name: str, batch: StepBatch, **keywords: Any) -> Any:
    """Compute the advantages of one batch.

    Args:
        name: A registered method, see `names`.
        batch: The steps.
        keywords: Its hyper-parameters; defaults follow the paper.

    Returns:
        A named tuple that begins with `step` (N,) and `token` (T,) or None, float64; see `Estimate`. A method
        with memory starts afresh at each call.

    Raises:
        UnknownNameError: There is no such method or keyword. The message lists close matches.
        MissingColumnError: The batch lacks a column that the method needs. The message names both.
    """
    return make_estimator(name, **keywords)(batch)


_METHODS: dict[str, Method] = {}


@cache
def _discover() -> None:
    package = importlib.import_module(__package__ or "baselines.estimators")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def _check_result(name: str, result: Estimate, batch: StepBatch) -> None:
    shapes = {"step": (result.step, len(batch)), "token": (result.token, batch.tokens)}
    for which, (array, length) in shapes.items():
        if array is not None and (array.shape != (length,) or not np.isfinite(array).all()):
            raise AgentGymError(
                f"Estimator {name!r} returned {which} advantages of shape {array.shape} for {length} rows, "
                "or values that are not finite: a fault of the method, or extreme inputs. Scale the rewards."
            )
