"""`agentgym leaderboard`: submit a run, show the rankings, verify what is stored."""

from __future__ import annotations

import typer

from agentgym.cli.leaderboard.run import run
from agentgym.cli.leaderboard.serve import serve
from agentgym.cli.leaderboard.show import show
from agentgym.cli.leaderboard.submit import submit
from agentgym.cli.leaderboard.suite import app as suite
from agentgym.cli.leaderboard.token import app as token
from agentgym.cli.leaderboard.verify import verify
from agentgym.cli.leaderboard.work import work

__all__ = ["app"]

app = typer.Typer(
    help="A leaderboard that executes every submitted action again before it counts.", no_args_is_help=True
)
for _command in (run, submit, show, verify, serve, work):
    app.command()(_command)
app.add_typer(suite, name="suite")
app.add_typer(token, name="token")
