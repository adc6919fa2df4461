"""The leaderboard's server. Import it only where FastAPI is known to be installed."""

from agentgym.leaderboard.server.app import make_app
from agentgym.leaderboard.server.listening import Server, is_loopback
from agentgym.leaderboard.server.settings import Rate, Settings
from agentgym.leaderboard.server.workers import Workers

__all__ = ["Rate", "Server", "Settings", "Workers", "is_loopback", "make_app"]
