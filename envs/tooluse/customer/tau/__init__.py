"""tau-bench and tau2-bench: their tools, and readers of their data."""
