"""`agentgym mcp`: serve our services to any MCP client."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Serve the services of the suite as MCP servers.")


@app.command("list")
def list_services() -> None:
    """List the services.

    Example: agentgym mcp list
    """
    from envs.tooluse.mcp.services import service_names

    for name in service_names():
        typer.echo(name)


@app.command("serve")
def serve(
    name: Annotated[str, typer.Argument(help="The service; see agentgym mcp list.")],
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP at /mcp, not over stdio.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on, with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on, with --http.")] = 8000,
) -> None:
    """Serve a service over standard input and output, or over HTTP. All clients share one state.

    Example: agentgym mcp serve stockroom --http --port 8000
    """
    from agentgym.errors import require

    require("mcp", extra="mcp", who="agentgym mcp")
    from envs.tooluse.mcp.server import run_http, run_stdio
    from envs.tooluse.mcp.services import open_service

    served = open_service(name)
    if http:
        run_http(served, host, port)
    else:
        run_stdio(served)
