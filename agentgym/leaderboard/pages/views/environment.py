"""An environment: its manual page, its spaces, and the suites that use it with floor and ceiling."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import gymnasium

from agentgym.errors import AgentGymError
from agentgym.evaluation.suite import load_suite, suite_files
from agentgym.leaderboard.summary import SuiteSummary
from agentgym.registry import env_class, env_ids, full_id, make_env

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["EnvironmentView", "EnvironmentsView", "Use", "environment_view", "environments_view"]


@dataclass(frozen=True, slots=True)
class Manual:
    """What an environment says of itself.

    Attributes:
        about: The first line of its manual page.
        text: The whole of it.
        observation_space: Its observations.
        action_space: Its actions.
        splits: Number of tasks of each split.
        max_steps: Number of steps after which an episode is truncated.
        arguments: Constructor arguments that make this id differ from its siblings.
        fault: Why it cannot be made here; None where it can.
    """

    about: str
    text: str
    observation_space: str = ""
    action_space: str = ""
    splits: Mapping[str, int] | None = None
    max_steps: int | None = None
    arguments: Mapping[str, Any] | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A setting of a suite that plays an environment.

    Attributes:
        suite: The suite.
        split: The split of its tasks.
        arguments: Constructor arguments.
        episodes: Number of its episodes.
        floor: Mean score of the random agent; None where it is not known.
        ceiling: Mean score of the oracle; None likewise.
    """

    suite: SuiteSummary
    split: str
    arguments: Mapping[str, Any]
    episodes: int
    floor: float | None
    ceiling: float | None


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """One environment.

    Attributes:
        env_id: Its id.
        manual: What it says of itself.
        uses: The settings of suites with entries that play it.
        shipped: Names of the suites found on this machine that play it.
    """

    env_id: str
    manual: Manual
    uses: tuple[Use, ...]
    shipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnvironmentsView:
    """All environments.

    Attributes:
        environments: Of each its id, the first line of its manual page, and the constructor arguments that
            make it differ from its siblings.
    """

    environments: tuple[tuple[str, str, Mapping[str, Any]], ...]


def environments_view() -> EnvironmentsView:
    """Look at all environments; those whose modules do not import here have no first line."""
    return EnvironmentsView(tuple((env_id, _pages(env_id)[0], _arguments(env_id)) for env_id in env_ids()))


def environment_view(store: Store, name: str) -> EnvironmentView:
    """Look at one environment.

    Raises:
        UnknownNameError: There is none of this name.
    """
    env_id = full_id(name)
    uses = [use for suite in store.suites() for use in _uses(store, suite, env_id)]
    return EnvironmentView(env_id, _manual(env_id), tuple(uses), tuple(_shipped(env_id)))


def _uses(store: Store, suite: SuiteSummary, env_id: str) -> Iterator[Use]:
    expanded = store.suite(suite.hash)
    for number, rules in enumerate(expanded.rules):
        played = [e for e in expanded.entries if e.setting == number and e.episode.env_id == env_id]
        if played:
            yield Use(
                suite,
                played[0].split,
                played[0].episode.env_kwargs,
                len(played),
                rules.floor.get("score"),
                rules.ceiling.get("score"),
            )


def _shipped(env_id: str) -> Iterator[str]:
    for name in suite_files():
        try:
            settings = load_suite(name).settings
        except (AgentGymError, OSError):
            continue
        if any(full_id(setting.env) == env_id for setting in settings if _known(setting.env)):
            yield name


def _known(name: str) -> bool:
    try:
        return bool(full_id(name))
    except AgentGymError:
        return False


def _arguments(env_id: str) -> dict[str, Any]:
    return dict(gymnasium.registry[env_id].kwargs)


@lru_cache(maxsize=256)
def _manual(env_id: str) -> Manual:
    about, text = _pages(env_id)
    try:
        env = make_env(env_id)
    except (AgentGymError, ImportError, OSError) as error:
        return Manual(about, text, fault=str(error))
    try:
        return Manual(
            about,
            text,
            str(env.observation_space),
            str(env.action_space),
            {split: len(env.tasks(split)) for split in env.splits},
            env.max_steps,
            _arguments(env_id),
        )
    finally:
        env.close()


@lru_cache(maxsize=256)
def _pages(env_id: str) -> tuple[str, str]:
    """Return the first line and the whole of an environment's manual page."""
    try:
        text = inspect.getdoc(env_class(env_id)) or ""
    except (AgentGymError, ImportError) as error:
        return "", f"It cannot be loaded here: {error}"
    return text.partition("\n")[0], text
