"""The leaderboard: submissions are executed again before they count."""

from agentgym.leaderboard.opening import default_address, open_store
from agentgym.leaderboard.recheck import check_stored, reverify
from agentgym.leaderboard.submission import Status, Submission
from agentgym.leaderboard.submit import submit
from agentgym.leaderboard.summary import Page, Query, SuiteSummary, Summary
from agentgym.leaderboard.table import Board, Row, board, boards
from agentgym.leaderboard.verify import Verdict, verify

__all__ = [
    "Board",
    "Page",
    "Query",
    "Row",
    "Status",
    "Submission",
    "SuiteSummary",
    "Summary",
    "Verdict",
    "board",
    "boards",
    "check_stored",
    "default_address",
    "open_store",
    "reverify",
    "submit",
    "verify",
]
