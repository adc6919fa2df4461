"""`agentgym check`: does an environment keep the contract?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from agentgym.cli.options import parse_options
from agentgym.cli.progress import progress

if TYPE_CHECKING:
    from agentgym.testing import CheckReport

__all__ = ["check"]


def check(
    env: Annotated[str, typer.Argument(help="Registered id; module:id imports the module first.")],
    quick: Annotated[bool, typer.Option("--quick", help="Few episodes, no other processes.")] = False,
    oracle_success: Annotated[
        float | None,
        typer.Option(help="Least share of the expert's successes; default: what the environment states."),
    ] = None,
    option: Annotated[list[str] | None, typer.Option(help="Constructor argument, name=value.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Check an environment against the contract of the text API; exit status 1 where it breaks a rule.

    Example: agentgym check agentgym/SokobanSmall-v0 --quick
    """
    from agentgym.registry import full_id
    from agentgym.testing import RULES, CheckReport, Effort, Subject, run_checks

    env = env if "/" in env else full_id(env)
    effort = Effort(oracle_success=oracle_success)
    if quick:
        effort = Effort(episodes=2, resets=500, processes=False, oracle_success=oracle_success)
    subject = Subject(env, parse_options(option or ()), effort)
    results = []
    with progress(quiet=as_json) as bar:
        task = bar.add_task("checking", total=len(RULES))
        for result in run_checks(subject):
            results.append(result)
            bar.advance(task)
    report = CheckReport(subject.name, tuple(results))
    if as_json:
        typer.echo(json.dumps(report.to_record()))
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(1)


def _show(report: CheckReport) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from agentgym.plain import plain

    colours = {"pass": "green", "fail": "bold red", "skip": "yellow"}
    table = Table("rule", "", "what it says, and what was found", box=None, pad_edge=False)
    for result in report.results:
        said = Text(result.description)
        if result.message:
            said.append("\n" + plain(result.message, limit=600), style=colours[result.status])
        table.add_row(result.rule, Text(result.status, style=colours[result.status]), said)
    console = Console()
    console.print(table)
    console.print(Text(report.summary))
