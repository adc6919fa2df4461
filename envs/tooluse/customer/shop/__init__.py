"""The built-in domain: an online shop with generated worlds, its own tools, policy and tasks."""
