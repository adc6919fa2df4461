"""The command line. One file per command in this folder; each file holds the interface and no logic."""
