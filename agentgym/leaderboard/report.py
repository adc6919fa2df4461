"""What the pages show, as tables for a terminal. Text of strangers is printed inert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agentgym.evaluation.report import format_estimate
from agentgym.leaderboard.table import Board, Row
from agentgym.plain import plain

if TYPE_CHECKING:
    from agentgym.leaderboard.pages.views import (
        BreakdownView,
        ChartsView,
        ComparisonView,
        EntryView,
        EnvironmentView,
        References,
        TrajectoryView,
        TurnView,
    )

__all__ = [
    "render_board",
    "render_breakdown",
    "render_charts",
    "render_comparison",
    "render_entry",
    "render_environment",
    "render_references",
    "render_trajectory",
]

_CAPTION = (
    "in brackets: 95 % intervals. ≈: the difference to the row above is not supported (paired over the same "
    "episodes). Actions and scores were executed again; agent, times and tokens are the submitter's word."
)
_METRICS = (
    ("success", 3),
    ("score", 3),
    ("episode_return", 2),
    ("turns", 1),
    ("invalid_rate", 3),
    ("tokens", 0),
    ("cost", 5),
)
_LONGEST = 2000


def render_board(board: Board) -> RenderableType:
    """Draw a ranking."""
    suite = board.suite
    table = _table(f"{suite.title}, split {', '.join(suite.splits)}, {suite.episodes} episodes")
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


def render_references(found: References) -> RenderableType:
    """Say what lies below and above a ranking."""
    known = (("floor", found.floor), ("ceiling", found.ceiling))
    told = [f"{name}: {found.agent}, score {found.score:.3f}" for name, found in known if found is not None]
    return Text("; ".join(told) or "floor and ceiling are not known")


def render_breakdown(view: BreakdownView) -> RenderableType:
    """Draw success by kind of task: a line for each kind, a column for each entry."""
    table = _table(f"{view.suite.title}, success by kind of task")
    table.add_column("kind", overflow="fold")
    table.add_column("episodes", justify="right")
    for row in view.rows:
        table.add_column(Text(plain(row.entry.name, limit=20)), justify="right", overflow="fold")
    for number, part in enumerate(view.parts):
        cells = [format_estimate(row.success[number], 2) for row in view.rows]
        table.add_row(Text(plain(part.name)), str(part.episodes), *cells)
    return table


def render_charts(view: ChartsView) -> RenderableType:
    """Draw what the charts of a suite are drawn from."""
    table = _table(f"{view.suite.title}, success against {view.expense} per episode")
    for heading in ("", "name", view.expense, "success"):
        table.add_column(heading, justify="left" if heading in ("", "name") else "right")
    for entry in view.entries:
        cells = (f"{getattr(entry, view.expense):.4g}", format_estimate(entry.success, 3))
        table.add_row(str(entry.place), Text(plain(entry.name, limit=40)), *cells)
    told = [
        Text(
            f"training curve of {plain(one.name, limit=40)}, the submitter's word: {plain(group.metric)} "
            f"{one.curve.points[0][1]:.3g} at first, {one.curve.points[-1][1]:.3g} after "
            f"{one.curve.points[-1][0]:g} {plain(group.unit)}"
        )
        for group in view.curves
        for one in group.curves
    ]
    return Group(table, *told)


def render_entry(view: EntryView) -> RenderableType:
    """Draw an entry: its numbers, what its submitter says, its episodes."""
    entry = view.entry
    facts = _table(f"{entry.id}: {plain(entry.name)}, {view.suite.title}", "", "")
    place = "none" if entry.place is None else str(entry.place)
    _add_facts(facts, [("status", entry.status), ("place", place), ("agent", entry.agent)])
    _add_facts(facts, [("reason", entry.reason)] if entry.reason else [])
    _add_facts(facts, [("note", note) for note in entry.notes])
    for name, digits in _METRICS:
        facts.add_row(name.replace("_", " "), format_estimate(getattr(view.metrics, name), digits))
    _add_facts(facts, [(name, format_estimate(found, 3)) for name, found in view.parts.items()])
    _add_facts(facts, [(f"option {name}", value) for name, value in view.options.items()])
    _add_facts(facts, view.record)
    episodes = _table(
        f"{view.found} episodes", "episode", "task", "kind", "result", "score", "turns", "tokens"
    )
    for row in view.episodes:
        episode = row.episode
        ended = "success" if episode.outcome.success else "failure"
        result = "broke off" if episode.error is not None else ended
        numbers = (f"{episode.outcome.score:.3f}", str(episode.turns), str(episode.tokens))
        words = (plain(episode.task_id, limit=60), plain(row.part, limit=60), result)
        episodes.add_row(str(episode.number), *map(Text, words), *numbers)
    said = [_block(text) for text in (view.description, view.card) if text]
    return Group(facts, *said, episodes)


def render_comparison(view: ComparisonView) -> RenderableType:
    """Draw two entries side by side."""
    first, second = plain(view.first.name, limit=40), plain(view.second.name, limit=40)
    gap = view.difference
    lines = [
        f"{first} (entry {view.first.id}) minus {second} (entry {view.second.id}), paired over {gap.starts} "
        f"starts of {view.suite.title} in {gap.units} units",
        f"success: {gap.success}",
        f"score: {gap.score}",
    ]
    flips = _table("who succeeds where", "kind", "both", "first alone", "second alone", "neither")
    for row in view.flips:
        counts = (row.both, row.first_only, row.second_only, row.neither)
        flips.add_row(Text(plain(row.part) if row.part else "all episodes"), *map(str, counts))
    pairs = _table(f"{view.found} episodes in which they part", "episode", "task", "kind", "first", "second")
    for pair in view.pairs:
        words = (plain(pair.task_id, limit=60), plain(pair.part, limit=60))
        ends = ("success" if outcome.success else "failure" for outcome in (pair.first, pair.second))
        pairs.add_row(str(pair.number), *map(Text, words), *ends)
    return Group(*map(Text, lines), flips, pairs)


def render_environment(view: EnvironmentView) -> RenderableType:
    """Draw an environment: its manual page and the suites that play it."""
    manual = view.manual
    table = _table(f"suites that play {view.env_id}", "suite", "split", "episodes", "floor", "ceiling")
    for use in view.uses:
        ends = ("–" if end is None else f"{end:.3f}" for end in (use.floor, use.ceiling))
        table.add_row(Text(use.suite.title), Text(plain(use.split)), str(use.episodes), *ends)
    made = [] if manual.fault is None else [Text(f"It cannot be made here: {plain(manual.fault)}")]
    spaces = Text(
        f"observations {manual.observation_space}, actions {manual.action_space}, at most "
        f"{manual.max_steps} steps"
    )
    return Group(_block(manual.text), *(made or [spaces]), table)


def render_trajectory(view: TrajectoryView) -> RenderableType:
    """Write an episode turn by turn."""
    result = "broke off" if view.error is not None else "success" if view.success else "failure"
    head = (
        f"episode {view.number} of {plain(view.entry.name, limit=40)} (entry {view.entry.id}), "
        f"{view.env_id}, task {plain(view.task_id)}: {result}, score {view.final_score:.3f}, "
        f"{view.length} turns"
    )
    colouring = view.colouring
    faults = [colouring.fault, view.admissible.fault if view.admissible else None, view.error]
    notes = [Text(plain(fault, limit=400)) for fault in faults if fault]
    turns = [part for turn in view.turns for part in _turn(turn, colouring.name)]
    whole = view.offset + len(view.turns) >= view.length
    end = [Text("after the last turn", style="bold"), _block(view.final_observation)] if whole else []
    return Group(Text(head), *notes, *turns, *end)


def _turn(turn: TurnView, colouring: str) -> Iterable[RenderableType]:
    value = "" if turn.value is None else f", {colouring} {turn.value:+.3g}"
    marks = ("" if turn.valid else ", invalid") + (f", {turn.ended}" if turn.ended else "")
    tokens = f", {turn.tokens} tokens" if turn.tokens else ""
    yield Text(f"turn {turn.number}: reward {turn.reward:+.3g}{value}{tokens}{marks}", style="bold")
    yield _block(turn.observation)
    if turn.response:
        yield _block(turn.response, "  | ")
    yield _block(turn.action, "  > ")
    if turn.admissible is not None:
        named = "; ".join(plain(action, limit=60) for action in turn.admissible)
        yield Text(f"  {turn.admissible_count} admissible: {plain(named, limit=600)}", style="dim")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=Text(plain(title)), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _add_facts(table: Table, facts: Iterable[tuple[str, object]]) -> None:
    for name, value in facts:
        table.add_row(Text(plain(name, limit=60)), Text(plain(value, limit=300)))


def _block(text: str, margin: str = "  ") -> Text:
    """Print a text of several lines, each inert; a long one is cut."""
    lines: Sequence[str] = text[:_LONGEST].split("\n")
    cut = [f"{margin}… {len(text) - _LONGEST} more characters"] if len(text) > _LONGEST else []
    return Text("\n".join([*(margin + plain(line, limit=_LONGEST) for line in lines), *cut]))


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
