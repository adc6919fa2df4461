"""The leaderboard: submissions are executed again before they count."""

from agentgym.leaderboard.bundle import Bundle, Header, pack, read_bundle, unpack
from agentgym.leaderboard.exchange import Dumped, dump
from agentgym.leaderboard.loading import Loaded, load, shipped_entries
from agentgym.leaderboard.opening import default_address, open_store
from agentgym.leaderboard.process import VerifyLimits
from agentgym.leaderboard.recheck import check_stored, reverify
from agentgym.leaderboard.submission import Status, Submission
from agentgym.leaderboard.submit import bundle_of_run, read_curve, submit, submit_bundle
from agentgym.leaderboard.summary import Page, Query, SuiteSummary, Summary
from agentgym.leaderboard.table import Board, Row, board, boards
from agentgym.leaderboard.verify import Verdict, verify, verify_file

__all__ = [
    "Board",
    "Bundle",
    "Dumped",
    "Header",
    "Loaded",
    "Page",
    "Query",
    "Row",
    "Status",
    "Submission",
    "SuiteSummary",
    "Summary",
    "Verdict",
    "VerifyLimits",
    "board",
    "boards",
    "bundle_of_run",
    "check_stored",
    "default_address",
    "dump",
    "load",
    "open_store",
    "pack",
    "read_bundle",
    "read_curve",
    "reverify",
    "shipped_entries",
    "submit",
    "submit_bundle",
    "unpack",
    "verify",
    "verify_file",
]
