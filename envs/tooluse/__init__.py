"""Tool use: one core of tools, services, formats and users, and five families on it."""
