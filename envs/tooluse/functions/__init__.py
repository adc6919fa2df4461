"""Function calling: stateful services, BFCL's cases and checkers, and generated tasks."""
