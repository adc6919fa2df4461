"""The leaderboard's server. Import it only where FastAPI is known to be installed."""

from agentgym.leaderboard.server.app import make_app
from agentgym.leaderboard.server.listening import Server
from agentgym.leaderboard.server.settings import Rate, Settings

__all__ = ["Rate", "Server", "Settings", "make_app"]
