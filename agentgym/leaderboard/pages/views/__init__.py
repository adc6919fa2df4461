"""What pages, static export and command line show, as values: made once, rendered thrice."""

from agentgym.leaderboard.pages.views.board import BoardView, board_view
from agentgym.leaderboard.pages.views.breakdown import BreakdownView, breakdown_view
from agentgym.leaderboard.pages.views.charts import ChartsView, charts_view
from agentgym.leaderboard.pages.views.comparison import ComparisonView, comparison_view
from agentgym.leaderboard.pages.views.entry import EntryView, EpisodeFilter, entry_view
from agentgym.leaderboard.pages.views.environment import (
    EnvironmentsView,
    EnvironmentView,
    environment_view,
    environments_view,
)
from agentgym.leaderboard.pages.views.home import HomeView, SuiteCard, home_view
from agentgym.leaderboard.pages.views.records import as_record
from agentgym.leaderboard.pages.views.references import Reference, References, references
from agentgym.leaderboard.pages.views.suites import find_suite, named_suites, slug
from agentgym.leaderboard.pages.views.trajectory import TrajectoryView, TurnView, trajectory_view

__all__ = [
    "BoardView",
    "BreakdownView",
    "ChartsView",
    "ComparisonView",
    "EntryView",
    "EnvironmentView",
    "EnvironmentsView",
    "EpisodeFilter",
    "HomeView",
    "Reference",
    "References",
    "SuiteCard",
    "TrajectoryView",
    "TurnView",
    "as_record",
    "board_view",
    "breakdown_view",
    "charts_view",
    "comparison_view",
    "entry_view",
    "environment_view",
    "environments_view",
    "find_suite",
    "home_view",
    "named_suites",
    "references",
    "slug",
    "trajectory_view",
]
