"""Yardsticks: what a policy is worth, measured by game theory and not by one opponent."""
