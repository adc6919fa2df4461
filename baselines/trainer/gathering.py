"""Groups that were played by several processes, brought together in every one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentgym.trajectory import Trajectory
from baselines.trainer.groups import Group, GroupPlay
from baselines.trainer.team import Team

__all__ = ["gather"]


def gather(team: Team, played: Sequence[GroupPlay]) -> list[GroupPlay]:
    """Give what this process has played to all; return what all have played, by number of the group.

    Trajectories pass as they are written down, with what the environment told beside them. Tuples within that
    come back as lists, in every process alike.
    """
    if team.size == 1:
        return list(played)
    shares = team.exchange([_to_record(group) for group in played])
    return sorted(
        (_from_record(record) for share in shares for record in share), key=lambda g: g.group.number
    )


def _to_record(played: GroupPlay) -> dict[str, Any]:
    return {
        "group": list(played.group),
        "trajectories": [_told(trajectory) for trajectory in played.trajectories],
        "node": played.node,
        "trained": played.trained,
        "value": played.value,
        "tokens": played.tokens,
    }


def _told(trajectory: Trajectory) -> dict[str, Any]:
    return {
        "line": trajectory.to_json(),
        "extra": [dict(step.extra) for step in trajectory.steps],
        "final_info": dict(trajectory.final_info),
    }


def _from_record(record: Mapping[str, Any]) -> GroupPlay:
    return GroupPlay(
        Group(*record["group"]),
        [_heard(told) for told in record["trajectories"]],
        record["node"],
        record["trained"],
        [(before, after) for before, after in record["value"]],
        record["tokens"],
    )


def _heard(told: Mapping[str, Any]) -> Trajectory:
    trajectory, info = Trajectory.from_json(told["line"]), dict(told["final_info"])
    if info.get("admissible_actions") is not None:
        info["admissible_actions"] = tuple(info["admissible_actions"])
    steps = tuple(
        replace(step, extra=extra) for step, extra in zip(trajectory.steps, told["extra"], strict=True)
    )
    return replace(trajectory, steps=steps, final_info=info)
