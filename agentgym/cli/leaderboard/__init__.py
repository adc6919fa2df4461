"""`agentgym leaderboard`: submit a run, show the rankings, verify what is stored."""

from __future__ import annotations

import typer

from agentgym.cli.leaderboard.diff import diff
from agentgym.cli.leaderboard.dump import dump
from agentgym.cli.leaderboard.export import export
from agentgym.cli.leaderboard.load import load
from agentgym.cli.leaderboard.run import run
from agentgym.cli.leaderboard.serve import serve
from agentgym.cli.leaderboard.show import show
from agentgym.cli.leaderboard.submit import submit
from agentgym.cli.leaderboard.suite import app as suite
from agentgym.cli.leaderboard.token import app as token
from agentgym.cli.leaderboard.trajectory import trajectory
from agentgym.cli.leaderboard.verify import verify
from agentgym.cli.leaderboard.work import work

__all__ = ["app"]

app = typer.Typer(
    help="A leaderboard that executes every submitted action again before it counts.", no_args_is_help=True
)
for _command in (run, submit, show, diff, trajectory, verify, serve, work, export, dump, load):
    app.command()(_command)
app.add_typer(suite, name="suite")
app.add_typer(token, name="token")
