"""Rows of each form, and their columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agentgym.datasets.chats import Chat, Chats, answer_of
from agentgym.datasets.config import ExportConfig, Form
from agentgym.datasets.preferences import episode_pairs, step_pairs
from agentgym.datasets.text import encodable
from agentgym.trajectory import Trajectory

__all__ = ["COLUMNS", "rows_of"]

Row = dict[str, Any]

_ABOUT = {"env_id": "string", "task_id": "string", "agent": "string", "group": "int64"}
_PAIR = {
    **dict.fromkeys(("prompt", "chosen", "rejected"), "chat"),
    "tools": "string",
    **_ABOUT,
    **dict.fromkeys(("chosen_episode", "rejected_episode"), "int64"),
    **dict.fromkeys(("chosen_return", "rejected_return"), "double"),
}
COLUMNS: dict[Form, dict[str, str]] = {
    "trajectories": {
        "messages": "chat",
        "tools": "string",
        **_ABOUT,
        **dict.fromkeys(("episode", "seed"), "int64"),
        **dict.fromkeys(("env_kwargs", "package", "error"), "string"),
        **dict.fromkeys(("actions", "states"), "strings"),
        "rewards": "doubles",
        "valid": "bools",
        **dict.fromkeys(("total_reward", "score"), "double"),
        **dict.fromkeys(("success", "terminated", "truncated"), "bool"),
        "trajectory": "string",
    },
    "sft": {
        "messages": "chat",
        "tools": "string",
        **_ABOUT,
        "episode": "int64",
        "rewards": "doubles",
        **dict.fromkeys(("total_reward", "score"), "double"),
        "success": "bool",
    },
    "dpo": _PAIR,
    "step-dpo": {**_PAIR, "state": "string", "turn": "int64"},
}
"""Names and kinds of the columns of each form; "chat" is a list of messages with role and content."""


def rows_of(group: Sequence[Trajectory], config: ExportConfig, chats: Chats) -> Iterator[Row]:
    """Write a group of episodes as rows.

    Args:
        group: Episodes that started alike, by their numbers.
        config: What the rows are to be.
        chats: Writes chats.
    """
    yield from _WRITERS[config.form](group, config, chats)


def _trajectories(group: Sequence[Trajectory], config: ExportConfig, chats: Chats) -> Iterator[Row]:
    for trajectory in group:
        chat, steps = chats.write(trajectory), trajectory.steps
        yield {
            "messages": chat.goal + chat.messages(),
            "tools": chat.tools,
            **_about(trajectory),
            "episode": trajectory.episode,
            "seed": trajectory.seed,
            "env_kwargs": json.dumps(dict(trajectory.env_kwargs), sort_keys=True),
            "package": encodable(trajectory.package),
            "error": None if trajectory.error is None else encodable(trajectory.error),
            "actions": [encodable(step.decision.action) for step in steps],
            "states": [encodable(step.state) for step in steps],
            **_earned(trajectory),
            "valid": [step.valid for step in steps],
            "terminated": bool(steps) and steps[-1].terminated,
            "truncated": bool(steps) and steps[-1].truncated,
            "trajectory": trajectory.to_json(),
        }


def _sft(group: Sequence[Trajectory], config: ExportConfig, chats: Chats) -> Iterator[Row]:
    for trajectory in _kept(group, config):
        chat = chats.write(trajectory)
        about = {**_about(trajectory), "episode": trajectory.episode, **_earned(trajectory)}
        yield {"messages": chat.goal + chat.messages(), "tools": chat.tools, **about}


def _kept(group: Sequence[Trajectory], config: ExportConfig) -> list[Trajectory]:
    whole = [trajectory for trajectory in group if trajectory.error is None and trajectory.steps]
    if config.keep == "all":
        return whole
    won = [trajectory for trajectory in whole if trajectory.success]
    if config.keep == "success" or not won:
        return won
    return [max(won, key=lambda trajectory: trajectory.total_reward)]  # of equals the first


def _dpo(group: Sequence[Trajectory], config: ExportConfig, chats: Chats) -> Iterator[Row]:
    for better, worse in episode_pairs(group, margin=config.margin):
        chosen, rejected = chats.write(better), chats.write(worse)
        yield {
            "prompt": [*chosen.goal, chosen.turns[0][0]],
            "chosen": chosen.messages()[1:],
            "rejected": rejected.messages()[1:],
            "tools": chosen.tools,
            **_about(better),
            **_compared(better, worse, better.total_reward, worse.total_reward),
        }


def _step_dpo(group: Sequence[Trajectory], config: ExportConfig, chats: Chats) -> Iterator[Row]:
    pairs = step_pairs(group, match=config.match, gamma=config.gamma, margin=config.margin)
    written: dict[int, Chat] = {}
    for pair in pairs:
        number = pair.chosen.episode
        if number not in written:
            written[number] = chats.write(pair.chosen)
        chat = written[number]
        begin = 0 if config.history is None else max(0, pair.turn - config.history)
        yield {
            "prompt": [*chat.goal, *chat.messages(begin, pair.turn), chat.turns[pair.turn][0]],
            "chosen": [answer_of(pair.better)],
            "rejected": [answer_of(pair.worse)],
            "tools": chat.tools,
            **_about(pair.chosen),
            **_compared(pair.chosen, pair.rejected, pair.chosen_return, pair.rejected_return),
            "state": encodable(pair.better.state),
            "turn": pair.turn,
        }


_WRITERS: dict[Form, Callable[[Sequence[Trajectory], ExportConfig, Chats], Iterator[Row]]] = {
    "trajectories": _trajectories,
    "sft": _sft,
    "dpo": _dpo,
    "step-dpo": _step_dpo,
}


def _about(trajectory: Trajectory) -> Row:
    names = {name: encodable(getattr(trajectory, name)) for name in ("env_id", "task_id", "agent")}
    return {**names, "group": trajectory.group}


def _earned(trajectory: Trajectory) -> Row:
    return {
        "rewards": [step.reward for step in trajectory.steps],
        "total_reward": trajectory.total_reward,
        "score": trajectory.score,
        "success": trajectory.success,
    }


def _compared(better: Trajectory, worse: Trajectory, more: float, less: float) -> Row:
    episodes = {"chosen_episode": better.episode, "rejected_episode": worse.episode}
    return {**episodes, "chosen_return": more, "rejected_return": less}
