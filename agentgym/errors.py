"""Every exception that AgentGym raises on purpose.

    AgentGymError
    ├── ArgumentError (ValueError)        a constructor argument or option is wrong
    │   ├── ShapeError                    an array has the wrong shape, type or a non-finite value
    │   ├── MissingColumnError            a method needs a batch column that is absent
    │   └── UnknownNameError (KeyError)   no environment, task, estimator, agent or suite has this name
    ├── MissingExtraError (ImportError)   an optional dependency is not installed
    ├── EpisodeOverError                  `step` was called after the end or before the first `reset`
    ├── ServerError                       a server cannot be reached or does not take what was sent
    ├── VerificationError                 a submission could not be checked here, whatever it is worth
    └── DataError                         a file or database does not hold what it should
        ├── LevelError                    a Sokoban level is malformed
        ├── TrajectoryError               a trajectory file is corrupt, half-written or altered
        ├── CheckpointError               a checkpoint is corrupt or belongs to another run
        ├── SubmissionError               a submission file is malformed, too large or altered
        └── StoreError                    a leaderboard store is corrupt or of another schema

A message says what is wrong with the value, what was expected, and what to do.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType

__all__ = [
    "AgentGymError",
    "ArgumentError",
    "CheckpointError",
    "DataError",
    "EpisodeOverError",
    "LevelError",
    "MissingColumnError",
    "MissingExtraError",
    "ServerError",
    "ShapeError",
    "StoreError",
    "SubmissionError",
    "TrajectoryError",
    "UnknownNameError",
    "VerificationError",
    "require",
    "suggest",
]


class AgentGymError(Exception):
    """Root of the tree: catch this to catch everything that AgentGym raises on purpose."""


class ArgumentError(AgentGymError, ValueError):
    """An argument or option has a value that cannot be used."""


class ShapeError(ArgumentError):
    """An array has the wrong shape or type, or holds NaN or infinity."""


class MissingColumnError(ArgumentError):
    """A method needs a column that the batch does not have."""


class UnknownNameError(ArgumentError, KeyError):
    """A name is not registered. The message lists close matches."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would print the repr


class MissingExtraError(AgentGymError, ImportError):
    """An optional dependency is missing. The message holds the install command."""


class EpisodeOverError(AgentGymError):
    """`step` was called on an episode that has ended or has not begun."""


class ServerError(AgentGymError):
    """A server cannot be reached, or does not take what was sent."""


class VerificationError(AgentGymError):
    """A submission could not be checked on this machine: data or a worker is missing. It may be honest."""


class DataError(AgentGymError):
    """A file or database does not hold what it should."""


class LevelError(DataError):
    """A Sokoban level is malformed. The message names file, level and fault."""


class TrajectoryError(DataError):
    """A trajectory file is corrupt, half-written or has been altered.

    Args:
        message: What is wrong.
        turn: Number of the turn at fault, where it is known.
    """

    def __init__(self, message: str, *, turn: int | None = None) -> None:
        super().__init__(message)
        self.turn = turn


class CheckpointError(DataError):
    """A checkpoint is corrupt, half-written or belongs to another run."""


class SubmissionError(DataError):
    """A submission file is malformed, too large or has been altered.

    Args:
        message: What is wrong.
        episode: Number of the episode at fault, where it is known.
        turn: Number of its turn at fault, where it is known.
    """

    def __init__(self, message: str, *, episode: int | None = None, turn: int | None = None) -> None:
        super().__init__(message)
        self.episode = episode
        self.turn = turn


class StoreError(DataError):
    """A leaderboard store is corrupt or has another schema."""


def suggest(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Make the error for an unknown name, with close matches.

    Args:
        kind: What the name stands for, e.g. "estimator".
        name: The name that was asked for.
        known: The names that exist; at most the first 10,000 are compared.

    Returns:
        The error, ready to be raised.
    """
    names = [str(k) for _, k in zip(range(10_000), known, strict=False)]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        hint = f"Did you mean {' or '.join(repr(c) for c in close)}?"
    elif len(names) <= 20:
        hint = f"Known: {', '.join(sorted(names)) or 'none'}."
    else:
        hint = f"Known names look like {names[0]!r}."
    return UnknownNameError(f"There is no {kind} named {name!r}. {hint}")


def require(module: str, *, extra: str, who: str) -> ModuleType:
    """Import an optional dependency or say how to install it.

    Args:
        module: Import name, e.g. "torch".
        extra: The extra of this distribution that brings it.
        who: What needs it, for the message.

    Raises:
        MissingExtraError: The module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingExtraError(
            f"{who} needs {module}. Install it with: pip install -e '.[{extra}]'"
        ) from error
