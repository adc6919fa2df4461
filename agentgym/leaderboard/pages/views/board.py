"""The ranking of one suite, with floor and ceiling beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.pages.views.suites import described
from agentgym.leaderboard.summary import Query, SuiteSummary
from agentgym.leaderboard.table import Board, board

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["BoardView", "board_view"]


@dataclass(frozen=True, slots=True)
class BoardView:
    """A page of a ranking.

    Attributes:
        board: The ranking.
        description: What the suite is for.
        references: Floor and ceiling.
    """

    board: Board
    description: str
    references: References

    @property
    def suite(self) -> SuiteSummary:
        """The suite."""
        return self.board.suite

    def to_record(self) -> dict[str, Any]:
        """Return the page as a JSON object."""
        return {
            **self.board.to_record(),
            "description": self.description,
            "references": asdict(self.references),
        }


def board_view(store: Store, suite: SuiteSummary, query: Query) -> BoardView:
    """Look at a page of the ranking of a suite."""
    return BoardView(board(store, suite, query), described(suite), references(store, suite))
