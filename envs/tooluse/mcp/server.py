"""A service of ours as an MCP server."""

from __future__ import annotations

import json
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from agentgym.version import __version__
from envs.tooluse.core import ToolCall, run_call
from envs.tooluse.mcp.address import STATE_URI
from envs.tooluse.mcp.services import Served

__all__ = ["run_http", "run_stdio", "server_of"]


def server_of(served: Served) -> Server[Any]:
    """Make an MCP server of a service. All its clients share one state."""

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[_tool(tool.openai()["function"]) for tool in served.tools.values()]
        )

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        result = run_call(served.tools, ToolCall(params.name, params.arguments or {}), failure="{error}")
        content = types.TextContent(type="text", text=result.output)
        return types.CallToolResult(content=[content], is_error=result.failed)

    async def list_resources(context: Any, params: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[types.Resource(uri=STATE_URI, name="state")])

    async def read_resource(
        context: Any, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        text = json.dumps(served.state(), sort_keys=True) if str(params.uri) == STATE_URI else ""
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=str(params.uri), text=text)])

    return Server(
        f"agentgym-{served.name}",
        version=__version__,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


def run_stdio(served: Served) -> None:
    """Serve one client over the standard streams, until it closes them."""

    async def run() -> None:
        server = server_of(served)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(run)


def run_http(served: Served, host: str, port: int) -> None:
    """Serve clients over HTTP at /mcp, until interrupted."""
    import uvicorn

    app = server_of(served).streamable_http_app(host=host)
    uvicorn.run(app, host=host, port=port, log_level="warning")


def _tool(function: dict[str, Any]) -> types.Tool:
    return types.Tool(
        name=function["name"], description=function["description"], input_schema=function["parameters"]
    )
