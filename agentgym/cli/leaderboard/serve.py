"""`agentgym leaderboard serve`: serve the pages and the API."""

from __future__ import annotations

from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at; 0: any free one.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that verify uploads; 0: none, see `leaderboard work`.")
    ] = 1,
    name: Annotated[
        list[str] | None, typer.Option(help="Host name that browsers use, e.g. board.example.org.")
    ] = None,
    https: Annotated[bool, typer.Option("--https", help="Browsers come by HTTPS, through a proxy.")] = False,
    proxy: Annotated[list[str] | None, typer.Option(help="Address of a proxy that is trusted.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Reading needs a token as well.")] = False,
    most_mib: Annotated[
        int, typer.Option(min=1, max=256, help="Greatest size of a submission in MiB.")
    ] = 256,
    store: Store = None,
) -> None:
    """Serve the board: pages, uploads and the API. Ctrl-C ends it in order.

    Example: agentgym leaderboard serve --port 8000
    """
    from agentgym.errors import ArgumentError, require
    from agentgym.leaderboard.opening import default_address, open_store

    require("fastapi", extra="board", who="The leaderboard's server")
    from agentgym.leaderboard.server import Server, Settings, Workers, is_loopback, make_app

    if host in ("0.0.0.0", "::") and not name:
        raise ArgumentError(f"Others will reach {host} by a name. Pass it: --name board.example.org")
    own = f"[{host}]" if ":" in host else host
    hosts = (*(() if is_loopback(host) else (own,)), *(name or ()))
    address = store or default_address()
    settings = Settings(
        hosts=hosts, replays=not hosts, https=https, private=private, most_bytes=most_mib << 20
    )
    server = Server(make_app(open_store(address), settings), host=host, port=port, proxies=tuple(proxy or ()))
    if not is_loopback(host):
        typer.echo(
            f"Warning: whoever reaches {host} reaches this board, and tokens travel unencrypted. "
            "Listen at 127.0.0.1 behind a proxy with HTTPS instead (docs/leaderboard-server.md).",
            err=True,
        )
    with Workers(address, workers):
        typer.echo(f"The board is at {server.url} - Ctrl-C ends it.")
        server.run()
