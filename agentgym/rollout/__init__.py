"""Rollouts: from a plan of episodes to trajectories, in memory or on disk."""

from agentgym.rollout.branching import BranchPolicy, Fork, Moves, grow
from agentgym.rollout.collector import collect
from agentgym.rollout.folder import PLAN_FILE, TRAJECTORY_FILE, load_run, run
from agentgym.rollout.isolation import IsolatedEnv, Isolation, WorkerError
from agentgym.rollout.plan import Episode, RunPlan
from agentgym.rollout.ray_workers import RayWorkers
from agentgym.rollout.tree import START, Branch, EpisodeTree, Node, tree_batch
from agentgym.rollout.tries import Retrying, play

__all__ = [
    "PLAN_FILE",
    "START",
    "TRAJECTORY_FILE",
    "Branch",
    "BranchPolicy",
    "Episode",
    "EpisodeTree",
    "Fork",
    "IsolatedEnv",
    "Isolation",
    "Moves",
    "Node",
    "RayWorkers",
    "Retrying",
    "RunPlan",
    "WorkerError",
    "collect",
    "grow",
    "load_run",
    "play",
    "run",
    "tree_batch",
]
