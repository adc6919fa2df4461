"""An evaluation as a table for people: agent, random floor and oracle ceiling side by side, errors named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agentgym.evaluation.contest import Contest
from agentgym.evaluation.evaluate import BASELINES, EvalResult
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.repeats import Repeats
from agentgym.plain import plain
from agentgym.profiling import Profile

__all__ = ["format_estimate", "render_contest", "render_profile", "render_repeats", "render_result"]

_HEADINGS = {"floor": "random floor", "ceiling": "oracle ceiling"}
_LINES: Sequence[tuple[str, str, int]] = (
    ("success", "success", 3),
    ("score", "score", 3),
    ("episode_return", "return", 2),
    ("turns", "turns", 1),
    ("invalid_rate", "invalid actions", 3),
    ("tokens", "tokens / episode", 0),
    ("cost", "cost / episode", 5),
    ("model_s", "model s / episode", 3),
    ("env_s", "env s / episode", 4),
)
_MOST_ERRORS = 10


def render_result(result: EvalResult) -> RenderableType:
    """Draw an evaluation. Text that comes from agents, tasks and errors is printed inert."""
    table = Table(title=Text(plain(result.title)), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for row in result.rows:
        heading = _HEADINGS.get(row, plain(result.agent, limit=40))
        table.add_column(Text(heading), justify="right")
    _add_metrics(table, list(result.rows.values()))
    for heading, cells in _extra_lines(result):
        table.add_row(Text(heading), *cells)
    table.add_row("errored episodes", *(f"{len(m.errored)} of {m.episodes}" for m in result.rows.values()))
    return Group(table, Text("in brackets: 95 % intervals"), *_comparisons(result), *_errors(result))


def render_contest(contest: Contest) -> RenderableType:
    """Draw several runs side by side. Names of folders are printed inert."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for name in contest.rows:
        table.add_column(Text(plain(name, limit=40)), justify="right")
    _add_metrics(table, list(contest.rows.values()))
    table.add_row("interquartile mean", *(format_estimate(e, 3) for e in contest.middle.values()))
    table.add_row("errored episodes", *(f"{len(m.errored)} of {m.episodes}" for m in contest.rows.values()))
    gaps = [
        Text(f"{plain(one)} - {plain(two)}, success, paired over {found.units} units: {found.success}")
        for (one, two), found in contest.pairs.items()
    ]
    return Group(table, Text("in brackets: 95 % intervals"), *gaps)


def render_repeats(found: Repeats) -> RenderableType:
    """Draw what repeats show."""
    title = f"{found.starts} starts, {found.repeats} repeats of each"
    table = Table("", "", title=Text(title), title_justify="left", show_header=False, box=box.SIMPLE_HEAD)
    table.add_row("success", format_estimate(found.success, 3))
    table.add_row("interquartile mean of scores", format_estimate(found.middle, 3))
    for k, (one, every) in enumerate(zip(found.pass_at, found.pass_hat, strict=True), start=1):
        table.add_row(f"pass@{k}, pass^{k}", f"{one:.3f}, {every:.3f}")
    table.add_row("flip rate", f"{found.flip_rate:.3f}")
    table.add_row("noise floor", f"{found.noise_floor:.3f}")
    return table


def render_profile(profile: Profile, result: EvalResult) -> RenderableType:
    """Draw where the time of an evaluation went, baselines included, and how fast tokens were generated."""
    table = Table(title=Text("time"), title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("part", "seconds", "share"):
        table.add_column(heading, justify="left" if heading == "part" else "right")
    parts = profile.to_record()["parts_s"]
    for name, spent in sorted(parts.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{spent:.3f}", f"{spent / profile.total:.1%}")
    tokens = result.rows["agent"].tokens.value * result.rows["agent"].episodes
    asked = sum(parts.get(name, 0.0) for name in ("generate", "score", "server"))
    lines = [Text(f"{tokens / asked:.0f} tokens/s while the model answers")] if asked and tokens else []
    if profile.gpu_memory:
        lines.append(Text(f"peak GPU memory {profile.gpu_memory / 2**20:.0f} MiB"))
        busy = profile.gpu_utilisation
        told = f"not told ({plain(profile.gpu_silent, limit=80)})" if busy is None else f"{busy:.0%}"
        lines.append(Text(f"GPU utilisation {told}"))
    return Group(table, *lines)


def format_estimate(estimate: Estimate, digits: int) -> str:
    """Write a number with its interval, as two words; "[?]" stands where the sample cannot bound it."""
    value = f"{estimate.value:.{digits}f}"
    if estimate.low is None or estimate.high is None:
        return f"{value} [?]"
    return f"{value} [{estimate.low:.{digits}f}..{estimate.high:.{digits}f}]"


def _add_metrics(table: Table, columns: Sequence[Metrics]) -> None:
    """Add a line for each metric; no line for costs where nothing cost anything."""
    for field, heading, digits in _LINES:
        estimates = [getattr(metrics, field) for metrics in columns]
        if field != "cost" or any(estimate.value for estimate in estimates):
            table.add_row(heading, *(format_estimate(estimate, digits) for estimate in estimates))


def _extra_lines(result: EvalResult) -> Iterator[tuple[str, list[str]]]:
    for name in result.repeats.get("agent", ()):
        yield name, [f"{numbers[name]:.3f}" for numbers in result.repeats.values()]
    for name in result.parts.get("agent", ()):
        env_id, _, kind = name.partition(" ")
        heading = kind or env_id.rpartition("/")[2]
        yield plain(heading, limit=24), [format_estimate(part[name], 3) for part in result.parts.values()]


def _comparisons(result: EvalResult) -> Iterator[Text]:
    for row, comparison in result.versus.items():
        if result.agent != BASELINES[row]:
            gap = comparison.success
            yield Text(f"agent - {_HEADINGS[row]}, success, paired over {comparison.units} units: {gap}")


def _errors(result: EvalResult) -> Iterator[Text]:
    for row, metrics in result.rows.items():
        yield from _errors_of(row, metrics)


def _errors_of(row: str, metrics: Metrics) -> Iterator[Text]:
    if metrics.errored:
        yield Text(f"{row}: {len(metrics.errored)} episodes broke off and count as failures with score 0:")
    for errored in metrics.errored[:_MOST_ERRORS]:
        yield Text(
            f"  episode {errored.episode}, task {plain(errored.task_id, limit=40)}: {plain(errored.error)}"
        )
    if len(metrics.errored) > _MOST_ERRORS:
        yield Text(f"  and {len(metrics.errored) - _MOST_ERRORS} more")
