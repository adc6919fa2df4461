"""A board as a table for people. Names and agents are strangers' text and are printed inert."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agentgym.evaluation.report import format_estimate
from agentgym.leaderboard.table import Board, Row
from agentgym.plain import plain

__all__ = ["render_board"]

_CAPTION = (
    "in brackets: 95 % intervals. ≈: the difference to the row above is not supported (paired over the same "
    "episodes). Actions and scores were executed again; agent, times and tokens are the submitter's word."
)


def render_board(board: Board) -> RenderableType:
    """Draw a ranking."""
    suite = board.suite
    title = f"{suite.title}, split {', '.join(suite.splits)}, {suite.episodes} episodes"
    table = Table(title=Text(plain(title)), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("", "id"):
        table.add_column(heading, no_wrap=True)
    for heading in ("name", "agent"):
        table.add_column(heading, min_width=8, overflow="fold")
    for heading in ("success", "score"):
        table.add_column(heading, justify="right", min_width=14)
    for heading in ("invalid", "errors"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in board.rows:
        table.add_row(*_cells(row))
    return Group(table, Text(_CAPTION), *(_failure(row) for row in board.rows if row.place is None))


def _cells(row: Row) -> list[Text]:
    entry = row.entry
    mark = "" if row.separated else "≈" if row.place is not None else "✗"
    return [
        Text(cell)
        for cell in (
            mark if row.place is None else f"{row.place}{mark}",
            str(entry.id),
            plain(entry.name, limit=40),
            plain(entry.agent, limit=40),
            format_estimate(entry.success, 3),
            format_estimate(entry.score, 3),
            f"{entry.invalid_rate:.3f}",
            str(entry.errored),
        )
    ]


def _failure(row: Row) -> Text:
    return Text(f"✗ {row.entry.id} is not ranked: {plain(row.entry.reason, limit=300)}")
