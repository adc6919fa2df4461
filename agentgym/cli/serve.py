"""`agentgym serve`: an environment over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from agentgym.cli.options import parse_options

__all__ = ["serve"]


def serve(
    env: Annotated[str, typer.Argument(help="Registered id.")],
    host: Annotated[
        str, typer.Option(help="Address to listen at; others than this machine's need a token.")
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(help="Port to listen at; 0: one that is free.")] = 8000,
    sessions: Annotated[int, typer.Option(help="Most sessions that may be open.")] = 64,
    idle_s: Annotated[float, typer.Option(help="Seconds without a request that close a session.")] = 900.0,
    token: Annotated[
        str, typer.Option(envvar="AGENTGYM_SERVE_TOKEN", help="What callers must send as a bearer token.")
    ] = "",
    privileged: Annotated[
        bool, typer.Option("--privileged", help="Let callers freeze and restore episodes and ask the expert.")
    ] = False,
    option: Annotated[list[str] | None, typer.Option(help="Constructor argument, name=value.")] = None,
) -> None:
    """Serve an environment to agents in other processes and languages, until an interrupt.

    Every caller gets a session with an environment of its own. The protocol is at /schema.

    Example: agentgym serve SokobanSmall-v0 --port 8000
    """
    from agentgym.registry import full_id
    from agentgym.serving import EnvServer, ServeSettings

    settings = ServeSettings(
        full_id(env),
        parse_options(option or ()),
        host=host,
        port=port,
        sessions=sessions,
        idle_s=idle_s,
        token=token,
        privileged=privileged,
    )
    server = EnvServer(settings)
    typer.echo(f"{settings.env_id} at {server.url}   an interrupt (Ctrl-C) stops it")
    server.run()
