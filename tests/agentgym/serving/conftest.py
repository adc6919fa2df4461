"""A server in a thread, and raw requests to it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

pytest.importorskip("fastapi")

from agentgym.serving import EnvServer, ServeSettings

SMALL = "agentgym/SokobanSmall-v0"

Serve = Callable[..., str]


class Answer(NamedTuple):
    status: int
    told: dict[str, Any]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an id with some settings; returns the address."""
    with ExitStack() as stack:
        yield (
            lambda env_id=SMALL, **settings: (
                stack.enter_context(EnvServer(ServeSettings(env_id, **settings))).url
            )
        )


def ask(
    url: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    session: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request without the client."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=600)
    try:
        sent = {"Content-Type": "application/json", **({"X-Session": session} if session else {})}
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, path, payload, {**sent, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()))
    finally:
        connection.close()
