"""Addresses of the pages, always relative, so that they hold behind any prefix, on any host and as files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection
from dataclasses import dataclass

from agentgym.leaderboard.pages.views.suites import slug
from agentgym.leaderboard.summary import SuiteSummary

__all__ = ["Links", "Shown", "comparison_path", "environment_path", "episode_path", "suite_path"]


def suite_path(suite: SuiteSummary, view: str = "") -> str:
    """Return where a suite's ranking is, or its "types" or "charts"."""
    return posixpath.join("suites", slug(suite), view).rstrip("/")


def episode_path(entry: int, number: int) -> str:
    """Return where an episode is."""
    return f"entries/{entry}/episodes/{number}"


def comparison_path(first: int, second: int) -> str:
    """Return where two entries are compared."""
    return f"compare/{first}/{second}"


def environment_path(env_id: str) -> str:
    """Return where an environment is: ids of the suite lose their namespace."""
    return f"environments/{env_id.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class Shown:
    """Which pages a static export holds; a link to any other is not written.

    Attributes:
        paths: The pages, as paths without suffix.
    """

    paths: Collection[str]


class Links:
    """Links from one page.

    Args:
        here: Path of the page, e.g. "entries/3"; "" for the first page.
        shown: The pages of a static export; None where a server answers.
        version: Put behind the addresses of style and script, so that a browser asks for new ones.
    """

    def __init__(self, here: str, *, shown: Shown | None = None, version: str = "") -> None:
        self._folder = posixpath.dirname(here) or "."
        self._shown = shown
        self._version = version

    @property
    def live(self) -> bool:
        """Whether a server answers: forms and queries work."""
        return self._shown is None

    def to(self, path: str, suffix: str = ".html") -> str:
        """Link to a page by its path."""
        if self.live:
            suffix = ""
        elif not path:
            path = "index"
        folder, name = posixpath.split(path)
        # a page may lie beside a folder of its own name: the name is never left to "."
        there = f"{self._up(folder)}/{name}{suffix}"
        return there.removeprefix("./") or "./"

    def _up(self, folder: str) -> str:
        return posixpath.relpath(folder or ".", self._folder)

    def asset(self, name: str) -> str:
        """Link to a file of the style."""
        there = f"{self._up('static')}/{name}"
        return f"{there}?v={self._version}" if self._version else there

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        return self._shown is None or path in self._shown.paths

    def home(self) -> str:
        """Link to the first page."""
        return self.to("")

    def environments(self) -> str:
        """Link to the list of environments."""
        return self.to("environments")

    def board(self, suite: SuiteSummary) -> str:
        """Link to a ranking."""
        return self.to(suite_path(suite))

    def breakdown(self, suite: SuiteSummary) -> str:
        """Link to a suite by kind of task."""
        return self.to(suite_path(suite, "types"))

    def charts(self, suite: SuiteSummary) -> str:
        """Link to the charts of a suite."""
        return self.to(suite_path(suite, "charts"))

    def entry(self, id: int) -> str:
        """Link to an entry."""
        return self.to(f"entries/{id}")

    def episode(self, entry: int, number: int) -> str:
        """Link to an episode."""
        return self.to(episode_path(entry, number))

    def episode_file(self, entry: int, number: int) -> str:
        """Link to an episode as a file."""
        return self.to(episode_path(entry, number), "") + ".jsonl"

    def environment(self, env_id: str) -> str:
        """Link to an environment."""
        return self.to(environment_path(env_id))

    def compare_form(self) -> str:
        """Link to where the form that compares entries goes."""
        return self.to("compare")

    def comparison(self, first: int, second: int) -> str:
        """Link to a comparison."""
        return self.to(comparison_path(first, second))

    @property
    def has_episode(self) -> Callable[[int, int], bool]:
        """Whether there is a page of an episode."""
        return lambda entry, number: self.has(episode_path(entry, number))

    @property
    def has_comparison(self) -> Callable[[int, int], bool]:
        """Whether there is a page of a comparison."""
        return lambda first, second: self.has(comparison_path(first, second))

    @property
    def has_environment(self) -> Callable[[str], bool]:
        """Whether there is a page of an environment."""
        return lambda env_id: self.has(environment_path(env_id))
