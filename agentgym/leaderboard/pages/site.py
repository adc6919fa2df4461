"""Every page by its path: what a server answers and what the static export writes.

""                                     the suites
suites/NAME-vVERSION-HASH              a ranking; /types by kind of task, /charts its pictures
entries/ID                             an entry
entries/ID/episodes/NUMBER             an episode
compare/FIRST/SECOND                   two entries
environments, environments/NAME        the environments
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from agentgym.leaderboard.pages import views
from agentgym.leaderboard.pages.links import (
    Links,
    Shown,
    comparison_path,
    environment_path,
    episode_path,
    suite_path,
)
from agentgym.leaderboard.pages.rendering import Extra, assets_version, render, text_budget
from agentgym.leaderboard.summary import Query, SuiteSummary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Site"]


class Site:
    """The pages of a store.

    Args:
        store: The store.
        shown: The pages of a static export; None for a server.
        extra_links: Further links of every head, as paths of this site.
        replays: Whether whoever looks may have an episode executed again for its admissible actions.
    """

    def __init__(
        self, store: Store, *, shown: Shown | None = None, extra_links: Extra = (), replays: bool = True
    ) -> None:
        self.store = store
        self._shown = shown
        self._extra = extra_links
        self._replays = replays

    def home(self) -> str:
        """Write the first page."""
        return self._write("", "home", views.home_view(self.store))

    def board(self, suite: SuiteSummary, query: Query) -> str:
        """Write a page of a ranking."""
        view = views.board_view(self.store, suite, query)

        def href(**changes: Any) -> str:
            return _with(link.board(suite), _board_words(query, changes))

        here = suite_path(suite)
        link = self._links(here)
        return self._write(
            here,
            "board",
            view,
            href=href,
            page_href=lambda offset: href(offset=offset),
            normalised=any(row.entry.normalised is not None for row in view.board.rows),
        )

    def breakdown(self, suite: SuiteSummary, query: Query) -> str:
        """Write a page of a suite by kind of task."""
        here = suite_path(suite, "types")
        link = self._links(here)
        return self._write(
            here,
            "breakdown",
            views.breakdown_view(self.store, suite, query),
            page_href=lambda offset: _with(link.breakdown(suite), {"from": offset}),
        )

    def charts(self, suite: SuiteSummary) -> str:
        """Write the charts of a suite."""
        return self._write(suite_path(suite, "charts"), "charts", views.charts_view(self.store, suite))

    def entry(self, id: int, filter: views.EpisodeFilter) -> str:
        """Write an entry."""
        here = f"entries/{id}"
        link = self._links(here)

        def page_href(offset: int) -> str:
            words = {"q": filter.text, "result": filter.result, "from": offset}
            return _with(link.entry(id), words) + "#episodes"

        view = views.entry_view(self.store, id, filter)
        return self._write(here, "entry", view, page_href=page_href)

    def comparison(self, first: int, second: int, *, offset: int = 0, limit: int = 100) -> str:
        """Write a comparison."""
        here = comparison_path(first, second)
        link = self._links(here)
        return self._write(
            here,
            "comparison",
            views.comparison_view(self.store, first, second, offset=offset, limit=limit),
            page_href=lambda offset: _with(link.comparison(first, second), {"from": offset}),
        )

    def environments(self) -> str:
        """Write the list of environments."""
        return self._write("environments", "environments", views.environments_view())

    def environment(self, name: str) -> str:
        """Write an environment."""
        view = views.environment_view(self.store, name)
        return self._write(environment_path(view.env_id), "environment", view)

    def episode(
        self,
        entry: int,
        number: int,
        *,
        colouring: str = "reward",
        admissible: bool = False,
        offset: int = 0,
        limit: int = 1000,
        here: str | None = None,
        other_colours: Mapping[str, str] | None = None,
    ) -> str:
        """Write an episode.

        Args:
            entry: Number of the entry.
            number: Number of the episode.
            colouring: What its steps are coloured by.
            admissible: Whether to execute it again for its admissible actions.
            offset: Number of turns to skip.
            limit: Greatest number of turns on the page.
            here: Path of the page; None: the episode's own.
            other_colours: Paths of the same episode in other colours, by name.
        """
        here = here or episode_path(entry, number)
        link = self._links(here)
        view = views.trajectory_view(
            self.store,
            entry,
            number,
            colouring=colouring,
            admissible=admissible and self._replays,
            offset=offset,
            limit=limit,
        )
        words = {"colour": colouring, "admissible": "shown" if admissible else ""}
        return self._write(
            here,
            "trajectory",
            view,
            replays=self._replays,
            file=link.episode_file(entry, number),
            limit=limit,
            page_href=lambda offset: _with(link.episode(entry, number), {**words, "from": offset}),
            other_colours=[(name, link.to(path)) for name, path in (other_colours or {}).items()],
            **text_budget(len(view.turns)),
        )

    def episode_file(self, entry: int, number: int) -> str:
        """Return an episode as the line of JSON that was submitted."""
        return self.store.line(entry, number)

    def error(self, here: str, heading: str, message: str) -> str:
        """Write a page that says what went wrong."""
        return self._write(here, "error", None, heading=heading, message=message)

    def _links(self, here: str) -> Links:
        version = assets_version() if self._shown is None else ""
        return Links(here, shown=self._shown, version=version)

    def _write(self, here: str, template: str, view: Any, **words: Any) -> str:
        link = self._links(here)
        extra = [(name, link.to(path)) for name, path in self._extra]
        return render(template, view, link, extra_links=extra, **words)


def _board_words(query: Query, changes: Mapping[str, Any]) -> dict[str, Any]:
    descending = changes.get("descending", query.descending)
    sort = changes.get("sort", query.sort)
    return {
        "q": query.text,
        "status": query.status,
        "sort": sort if sort != "place" or descending else "",
        "order": "down" if descending else "",
        "from": changes.get("offset", query.offset),
    }


def _with(address: str, words: Mapping[str, Any]) -> str:
    given = {name: value for name, value in words.items() if value}
    return f"{address}?{urlencode(given)}" if given else address
