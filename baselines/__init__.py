"""Estimators, losses, models and trainers. Importing this package loads none of them."""

from __future__ import annotations

__suite__ = "agentgym"  # first: importing agentgym checks it

from agentgym.agents.judges import register_judge
from agentgym.agents.specs import register_agent
from agentgym.cli.commands import register_command
from agentgym.colourings import register_colouring

register_command("train", "baselines.commands.train:train")
register_command("estimators", "baselines.commands.estimators:estimators")
register_command("curves", "baselines.commands.curves:curves")
register_command("demo", "baselines.commands.demo:demo")
register_command("new", "baselines.commands.new:new")
register_judge("learned", "baselines.trainer.judging:LearnedJudge", "<run>")
register_agent("sb3", "baselines.sb3.agent:SB3Agent.load", "<folder>")
register_colouring("advantages", "baselines.colouring:ADVANTAGES")
