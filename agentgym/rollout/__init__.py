"""Rollouts: from a plan of episodes to trajectories, in memory or on disk."""

from agentgym.rollout.collector import collect
from agentgym.rollout.folder import PLAN_FILE, TRAJECTORY_FILE, load_run, run
from agentgym.rollout.plan import Episode, RunPlan

__all__ = ["PLAN_FILE", "TRAJECTORY_FILE", "Episode", "RunPlan", "collect", "load_run", "run"]
