"""Environments over HTTP: a server of sessions, and a client that is a `gymnasium.Env`.

Only the server needs FastAPI; it is imported when it is made. The client needs nothing but Python's library.
"""

from __future__ import annotations

from agentgym.serving.client import RemoteEnv
from agentgym.serving.protocol import protocol_schema
from agentgym.serving.server import EnvServer
from agentgym.serving.settings import ServeSettings

__all__ = ["EnvServer", "RemoteEnv", "ServeSettings", "protocol_schema"]
