"""The file of a submission: a header, one frame an episode, a trailer; written, read and bounded here."""

from agentgym.leaderboard.bundle.bundle import Bundle, content_digest, pack, read_bundle, unpack
from agentgym.leaderboard.bundle.frames import Limits
from agentgym.leaderboard.bundle.header import SCHEMA, AgentIdentity, Curve, Header, SuiteIdentity

__all__ = [
    "SCHEMA",
    "AgentIdentity",
    "Bundle",
    "Curve",
    "Header",
    "Limits",
    "SuiteIdentity",
    "content_digest",
    "pack",
    "read_bundle",
    "unpack",
]
