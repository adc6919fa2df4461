"""An MCP server by hand, over standard streams, whose tools do what servers should not. Run as a script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any


def tell(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def act(name: str, request: int) -> None:
    text: Any = "fine"
    if name == "die":
        sys.stderr.write("out of paper")
        sys.stderr.flush()
        os._exit(3)
    if name == "hang":
        time.sleep(60)
    if name == "flood":
        while True:
            sys.stdout.write("x" * 100_000)
    if name == "garbage":
        sys.stdout.write("no json\n{]\n\x00\xff\n" + '{"jsonrpc": "2.0", "id": 999, "result": {}}\n[1, 2]\n')
    if name == "huge":
        text = "y" * 2_000_000
    if name == "spawn":
        child = subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; sleep 60; sleep 60"])
        text = str(child.pid)
    if name == "refuse":
        tell({"jsonrpc": "2.0", "id": request, "error": {"code": -32602, "message": "not on Sundays"}})
        return
    if name == "wrong":
        tell({"jsonrpc": "2.0", "id": request, "result": {"content": "not a list"}})
        return
    tell(
        {
            "jsonrpc": "2.0",
            "id": request,
            "result": {"content": [{"type": "text", "text": text}], "isError": name == "fail"},
        }
    )


def answer(request: dict[str, Any]) -> None:
    method, number = request.get("method"), request.get("id")
    if method == "initialize":
        info = {"name": "hostile", "version": "0"}
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}
        tell({"jsonrpc": "2.0", "id": number, "result": result})
    elif method == "tools/list":
        names = ("good", "fail", "refuse", "die", "hang", "flood", "garbage", "huge", "spawn", "wrong")
        endless = {"x": {"$ref": "#/properties/x"}}
        schemas = {"good": endless, "fail": {"name": {}, "self": {}, "tool": {}, "arguments": {}}}
        tools = [
            {"name": name, "inputSchema": {"type": "object", "properties": schemas.get(name, {})}}
            for name in names
        ]
        tell({"jsonrpc": "2.0", "id": number, "result": {"tools": tools}})
    elif method == "tools/call" and isinstance(number, int):
        act(request["params"]["name"], number)
    elif number is not None:
        tell({"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "no such method"}})


if __name__ == "__main__":
    for line in sys.stdin:
        answer(json.loads(line))
