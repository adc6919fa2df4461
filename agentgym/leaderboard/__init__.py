"""The leaderboard: submissions are executed again before they count."""

from agentgym.leaderboard.opening import default_address, open_store
from agentgym.leaderboard.recheck import check_stored, reverify
from agentgym.leaderboard.submission import Status, Submission
from agentgym.leaderboard.submit import submit
from agentgym.leaderboard.table import Board, Row, boards, rank
from agentgym.leaderboard.verify import Verdict, verify

__all__ = [
    "Board",
    "Row",
    "Status",
    "Submission",
    "Verdict",
    "boards",
    "check_stored",
    "default_address",
    "open_store",
    "rank",
    "reverify",
    "submit",
    "verify",
]
