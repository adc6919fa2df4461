"""`agentgym envs`: what there is to play."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

__all__ = ["envs"]


def envs(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the environments.

    Example: agentgym envs
    """
    import gymnasium
    from rich.console import Console
    from rich.table import Table

    from agentgym.errors import MissingExtraError
    from agentgym.registry import env_ids, make_env

    rows: list[dict[str, Any]] = []
    for env_id in env_ids():
        try:
            env = make_env(env_id)
        except MissingExtraError as error:
            rows.append({"id": env_id, "about": str(error), "tasks": {}, "max_steps": None, "options": {}})
            continue
        rows.append(
            {
                "id": env_id,
                "about": (type(env).__doc__ or "").strip().partition("\n")[0],
                "tasks": {split: len(env.tasks(split)) for split in env.splits},
                "max_steps": env.max_steps,
                "options": dict(gymnasium.registry[env_id].kwargs),
            }
        )
        env.close()
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "about", "tasks by split", "steps"):
        table.add_column(heading, no_wrap=heading == "id")
    for row in rows:
        tasks = "\n".join(f"{split} {count:,}" for split, count in row["tasks"].items())
        table.add_row(row["id"], row["about"], tasks, str(row["max_steps"] or ""))
    Console().print(table)
