"""The arena: everybody against everybody, on the same deals, with ratings and a payoff matrix."""
