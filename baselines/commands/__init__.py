"""The commands that baselines add to the command line."""
