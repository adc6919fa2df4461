"""The version of the distribution, kept here once."""

__version__ = "0.1.0"
