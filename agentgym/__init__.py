"""AgentGym: agentic tasks in text behind the Gymnasium API, with a harness and a verifying leaderboard."""

from __future__ import annotations

from agentgym import errors
from agentgym.api import Facts, Info, TextEnv, Transition
from agentgym.batch import StepBatch
from agentgym.plugins import load_plugins
from agentgym.registry import env_ids, make_env, make_group, make_vec, register_env
from agentgym.spaces import FreeText
from agentgym.trajectory import Decision, Step, Trajectory, Turn
from agentgym.version import __version__

__all__ = [
    "Decision",
    "Facts",
    "FreeText",
    "Info",
    "Step",
    "StepBatch",
    "TextEnv",
    "Trajectory",
    "Transition",
    "Turn",
    "__version__",
    "env_ids",
    "errors",
    "make_env",
    "make_group",
    "make_vec",
    "register_env",
]

from agentgym._siblings import check_siblings

check_siblings()  # importing `envs` and `baselines` registers what they hold
load_plugins()  # last: they build on all the rest
del check_siblings, load_plugins
