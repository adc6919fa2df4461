"""The pages as plain files, for any web host and for no host at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from agentgym.colourings import choices
from agentgym.errors import ArgumentError, suggest
from agentgym.leaderboard.pages.links import (
    Shown,
    comparison_path,
    environment_path,
    episode_path,
    suite_path,
)
from agentgym.leaderboard.pages.rendering import STATIC
from agentgym.leaderboard.pages.site import Site
from agentgym.leaderboard.pages.views import EpisodeFilter
from agentgym.leaderboard.summary import Query, SuiteSummary
from agentgym.registry import env_ids

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Exported", "Settings", "export_site"]

_LONGEST_BOARD = 1000
_COMPARED = 5
_ALL = 1 << 30
_MARK = ".agentgym-site"
"""A file that says that a folder may be written over: an export made it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What of a store is exported.

    Attributes:
        episodes: Greatest number of episodes of an entry, from the first; None for all.
        colours: What steps are coloured by, a page for each; the first is the episode's own.
        admissible: Whether to execute every exported episode again for its admissible actions.

    Raises:
        ArgumentError: A value cannot be used.
        UnknownNameError: There is no such colouring.
    """

    episodes: int | None = None
    colours: tuple[str, ...] = ("reward",)
    admissible: bool = False

    def __post_init__(self) -> None:
        if not self.colours or (self.episodes is not None and self.episodes < 0):
            raise ArgumentError("An export needs a colouring, and a number of episodes of at least 0.")
        known = [name for names in choices().values() for name in names]
        for name in self.colours:
            if name not in known:
                raise suggest("colouring", name, known)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        folder: Where.
        pages: Number of pages.
        size: Number of bytes, style and data included.
    """

    folder: Path
    pages: int
    size: int


def export_site(store: Store, folder: Path, settings: Settings | None = None) -> Exported:
    """Write every page of a store into a folder, with relative links alone.

    A ranking is one page of at most 1000 entries, which the script sorts and filters. Compared are each entry
    with the next and the first five with each other. Environments that the suites play have pages.

    Args:
        store: The store.
        folder: New, empty, or an earlier export, which is replaced.
        settings: What is exported; None: everything, coloured by reward.

    Raises:
        ArgumentError: The folder holds something else.
    """
    return _Export(store, folder, settings or Settings()).run()


class _Export:
    def __init__(self, store: Store, folder: Path, settings: Settings) -> None:
        self._store, self._folder, self._settings = store, folder, settings
        folder = folder.resolve()
        self._made = folder.with_name(f".{folder.name}.partial")  # the old site stays until the new is whole
        self._suites = store.suites()
        self._entries = {
            suite.hash: store.page(suite.hash, Query(limit=_LONGEST_BOARD)).rows for suite in self._suites
        }
        self._played = sorted(
            {e.env_id for suite in self._suites for e in store.suite(suite.hash).episodes} & set(env_ids())
        )
        self._compared = [pair for suite in self._suites for pair in self._pairs(suite)]
        self._site = Site(store, shown=Shown(frozenset(self._paths())), replays=settings.admissible)

    def run(self) -> Exported:
        _check_replaceable(self._folder)
        self._made.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._made, ignore_errors=True)
        self._made.mkdir()
        (self._made / _MARK).write_text("Made by agentgym leaderboard export; the next export replaces it.\n")
        shutil.copytree(STATIC, self._made / "static")
        pages = 0
        for path, page in self._pages():
            self._put(f"{path or 'index'}.html", page)
            pages += 1
        for entry, number in self._episodes():
            self._put(f"{episode_path(entry, number)}.jsonl", self._site.episode_file(entry, number))
        size = sum(path.stat().st_size for path in self._made.rglob("*") if path.is_file())
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._made.rename(self._folder)
        return Exported(self._folder, pages, size)

    def _put(self, path: str, text: str) -> None:
        place = self._made / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8", "replace"))

    def _paths(self) -> Iterator[str]:
        yield from ("", "environments")
        yield from map(environment_path, self._played)
        for suite in self._suites:
            yield from (suite_path(suite, view) for view in ("", "types", "charts"))
        yield from (f"entries/{entry}" for entry, _ in self._sizes())
        yield from (comparison_path(*pair) for pair in self._compared)
        yield from (episode_path(*episode) for episode in self._episodes())

    def _pages(self) -> Iterator[tuple[str, str]]:
        site, whole = self._site, Query(limit=_LONGEST_BOARD)
        yield "", site.home()
        yield "environments", site.environments()
        for env_id in self._played:
            yield environment_path(env_id), site.environment(env_id)
        for suite in self._suites:
            yield suite_path(suite), site.board(suite, whole)
            yield suite_path(suite, "types"), site.breakdown(suite, whole)
            yield suite_path(suite, "charts"), site.charts(suite)
        for entry, _ in self._sizes():
            yield f"entries/{entry}", site.entry(entry, EpisodeFilter(limit=_ALL))
        for pair in self._compared:
            yield comparison_path(*pair), site.comparison(*pair, limit=_ALL)
        for entry, number in self._episodes():
            yield from self._coloured(entry, number)

    def _coloured(self, entry: int, number: int) -> Iterator[tuple[str, str]]:
        own, *others = self._settings.colours
        base = episode_path(entry, number)
        paths = {own: base, **{name: f"{base}-{name}" for name in others}}
        for name, path in paths.items():
            yield (
                path,
                self._site.episode(
                    entry,
                    number,
                    colouring=name,
                    admissible=self._settings.admissible,
                    limit=_ALL,
                    here=path,
                    other_colours=paths if others else None,
                ),
            )

    def _sizes(self) -> Iterator[tuple[int, int]]:
        """Yield the number of each entry and of its episodes."""
        for suite in self._suites:
            yield from ((entry.id, suite.episodes) for entry in self._entries[suite.hash])

    def _episodes(self) -> Iterator[tuple[int, int]]:
        most = _ALL if self._settings.episodes is None else self._settings.episodes
        for entry, episodes in self._sizes():
            yield from ((entry, number) for number in range(min(episodes, most)))

    def _pairs(self, suite: SuiteSummary) -> Sequence[tuple[int, int]]:
        ranked = [entry.id for entry in self._entries[suite.hash] if entry.place is not None]
        return list(dict.fromkeys([*pairwise(ranked), *combinations(ranked[:_COMPARED], 2)]))


def _check_replaceable(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise ArgumentError(f"{folder} holds files that no export wrote. Name a new or an empty folder.")
