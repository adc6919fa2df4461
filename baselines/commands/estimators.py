"""`agentgym estimators`: which methods of credit assignment there are."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from baselines.commands.catalogue import Entry

__all__ = ["estimators"]


def estimators(
    golden: Annotated[
        Path | None,
        typer.Option(envvar="AGENTGYM_GOLDEN", help="Folder of golden cases, to be counted."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page's table.")] = False,
    write: Annotated[Path | None, typer.Option(help="Rewrite the table in this page.")] = None,
) -> None:
    """List the estimators: what they score and read, their papers, and what stands behind the formula.

    "reference" means released code or worked numbers, "our reading" a formula that was read in the paper or
    its abstract alone.

    Example: agentgym estimators --json
    """
    from baselines.commands.catalogue import catalogue, golden_counts, markdown_table, rewrite_page

    entries = catalogue()
    counts = golden_counts(golden) if golden is not None else None
    if write is not None:
        rewrite_page(write)
        typer.echo(f"{write}: {len(entries)} methods")
    elif markdown:
        typer.echo(markdown_table(entries))
    elif as_json:
        rows = [asdict(e) | ({} if counts is None else {"golden": counts[e.name]}) for e in entries]
        typer.echo(json.dumps(rows))
    else:
        _print(entries, counts)


def _print(entries: list[Entry], counts: dict[str, int] | None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("name (aliases)", "scores", "reads", "paper", "behind it"):
        table.add_column(heading, no_wrap=heading == "paper", overflow="fold")
    if counts is not None:
        table.add_column("golden", justify="right")
    for entry in entries:
        name = entry.name + (f" ({', '.join(entry.aliases)})" if entry.aliases else "")
        cells = [name, entry.level, ", ".join(entry.needs), entry.arxiv or entry.paper, entry.standing]
        table.add_row(*cells, *([] if counts is None else [str(counts[entry.name])]))
    Console().print(table)
    typer.echo("Titles and formulas: agentgym estimators --markdown")
