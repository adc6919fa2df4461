"""`agentgym leaderboard token`: who may use the server."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["app"]

app = typer.Typer(
    help="Make, list and withdraw the tokens of a board's server.\n\n"
    "Example: agentgym leaderboard token list",
    no_args_is_help=True,
)


@app.command()
def new(
    owner: Annotated[str, typer.Argument(help="Whose it is; entries show this name.")],
    role: Annotated[
        Literal["reader", "submitter", "moderator", "admin"], typer.Option(help="What it allows.")
    ] = "submitter",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it ends.")] = None,
    store: Store = None,
) -> None:
    """Make a token and print its secret on standard output, once: the store keeps only a digest.

    Example: agentgym leaderboard token new anna --role submitter > anna.token
    """
    from agentgym.leaderboard.opening import open_store

    ends = None if days is None else datetime.now(UTC) + timedelta(days=days)
    token, secret = open_store(store).tokens.new(owner, role, expires_at=ends)
    typer.echo(f"Token {token.id} of {token.owner}, {token.role}. It is shown this once:", err=True)
    typer.echo(secret)


@app.command("list")
def every(
    as_json: Annotated[bool, typer.Option("--json", help="Print the tokens as JSON.")] = False,
    store: Store = None,
) -> None:
    """List the tokens, without their secrets.

    Example: agentgym leaderboard token list
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from agentgym.leaderboard.opening import open_store

    tokens = open_store(store).tokens.all()
    if as_json:
        typer.echo(json.dumps([asdict(token) for token in tokens], indent=1, default=str))
        return
    table = Table("id", "owner", "role", "made", "ends", "withdrawn", box=None)
    for token in tokens:
        moments = (token.created_at, token.expires_at, token.revoked_at)
        told = [f"{moment:%Y-%m-%d %H:%M}" if moment else "" for moment in moments]
        table.add_row(str(token.id), Text(token.owner), token.role, *told)
    Console().print(table)


@app.command()
def revoke(id: Annotated[int, typer.Argument(help="Number of the token.")], store: Store = None) -> None:
    """Withdraw a token at once; browsers that logged in by it are logged out.

    Example: agentgym leaderboard token revoke 3
    """
    from agentgym.leaderboard.opening import open_store

    token = open_store(store).tokens.revoke(id)
    typer.echo(f"Token {token.id} of {token.owner} is withdrawn.")
