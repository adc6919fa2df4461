"""The pages of a leaderboard: views, charts, templates, routes for a server, and a static export."""

from agentgym.leaderboard.pages.export import Exported, Settings, export_site

__all__ = ["Exported", "Settings", "export_site"]
