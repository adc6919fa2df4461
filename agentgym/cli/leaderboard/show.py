"""`agentgym leaderboard show`: what the pages show of suites, entries and environments."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["show"]


def show(
    suite: Annotated[str | None, typer.Argument(help="A suite by name or address. Default: all.")] = None,
    by_kind: Annotated[bool, typer.Option(help="Success by kind of task instead.")] = False,
    charts: Annotated[bool, typer.Option(help="Success against cost, and training curves.")] = False,
    entry: Annotated[int | None, typer.Option(help="One entry, by its number.")] = None,
    environment: Annotated[str | None, typer.Option(help="One environment, by its id.")] = None,
    text: Annotated[str, typer.Option(help="Only names, agents or tasks that hold this.")] = "",
    status: Annotated[str | None, typer.Option(help="Only entries of this status.")] = None,
    result: Annotated[str, typer.Option(help="Episodes: all, success, failure or error.")] = "all",
    sort: Annotated[str, typer.Option(help="Column to sort by, e.g. success.")] = "place",
    descending: Annotated[bool, typer.Option(help="The greatest first.")] = False,
    skip: Annotated[int, typer.Option(help="Lines to skip.")] = 0,
    limit: Annotated[int, typer.Option(help="Most lines shown.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    store: Store = None,
) -> None:
    """Show rankings with intervals; ≈ marks a step that the evidence does not support.

    Example: agentgym leaderboard show smoke
    """
    from agentgym.errors import ArgumentError
    from agentgym.leaderboard import open_store, report
    from agentgym.leaderboard.pages import views
    from agentgym.leaderboard.summary import Query

    if sum([suite is not None or by_kind or charts, entry is not None, environment is not None]) > 1:
        raise ArgumentError("Name one thing: a suite, --entry or --environment.")
    board = open_store(store)
    if entry is not None:
        found = views.entry_view(board, entry, views.EpisodeFilter(text, result, skip, limit))  # type: ignore[arg-type]
        return _say(found, report.render_entry(found), as_json)
    if environment is not None:
        manual = views.environment_view(board, environment)
        return _say(manual, report.render_environment(manual), as_json)
    query = Query(text, status, sort, descending, skip, limit)  # type: ignore[arg-type]  # checked by Query
    suites = views.named_suites(board, suite)
    if by_kind:
        parts = [views.breakdown_view(board, one, query) for one in suites]
        return _say(parts, [report.render_breakdown(view) for view in parts], as_json)
    if charts:
        drawn = [views.charts_view(board, one) for one in suites]
        return _say(drawn, [report.render_charts(view) for view in drawn], as_json)
    rankings = [views.board_view(board, one, query) for one in suites]
    drawn_rankings = [
        part
        for view in rankings
        for part in (report.render_board(view.board), report.render_references(view.references))
    ]
    _say(rankings, drawn_rankings or [_NOTHING], as_json)
    return None


_NOTHING = (
    "No submissions yet. Load the reference results with: agentgym leaderboard load --trust. "
    "Make one with: agentgym leaderboard run SUITE --agent SPEC --out FOLDER"
)


def _say(view: Any, drawn: Any, as_json: bool) -> None:
    from rich.console import Console

    from agentgym.leaderboard.pages.views import as_record

    if as_json:
        typer.echo(json.dumps(as_record(view), indent=1))
        return
    console = Console()
    for part in drawn if isinstance(drawn, list) else [drawn]:
        console.print(part)
