"""Mathematics with two tools: a calculator and Python in a sandbox."""
