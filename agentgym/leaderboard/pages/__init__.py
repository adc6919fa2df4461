"""The pages of a leaderboard: views, charts, templates, routes for a server, and a static export."""

from agentgym.leaderboard.pages.export import Exported, Settings, export_site
from agentgym.leaderboard.pages.router import router

__all__ = ["Exported", "Settings", "export_site", "router"]
