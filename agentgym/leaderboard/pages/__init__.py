"""The pages of a leaderboard: views, charts, templates, a router for a server, and a static export."""
