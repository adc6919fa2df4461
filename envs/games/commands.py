"""`agentgym arena`: everybody against everybody at one game."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from envs.games.arena.contestants import Contestant
    from envs.games.arena.results import ArenaResult
    from envs.games.arena.sittings import Room
    from envs.games.arena.tournament import Arena, PlayRecord

__all__ = ["arena"]


def arena(
    game: Annotated[str, typer.Argument(help="Id of a game, e.g. KuhnPoker-v0.")],
    agents: Annotated[
        list[str],
        typer.Option(
            "--agents", help="A contestant: random, expert, minimax, mcts:100, nash, hf:FOLDER, ..."
        ),
    ],
    deals: Annotated[int, typer.Option(help="Deals that every pair plays, each in all seats.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Seed of all players' chance.", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder; a killed arena goes on from there.")] = None,
    slots: Annotated[int, typer.Option(help="Plays alive at once.", min=1)] = 64,
    option: Annotated[list[str] | None, typer.Option(help="Option of the agents, name=value.")] = None,
    env_option: Annotated[list[str] | None, typer.Option(help="Argument of the game, name=value.")] = None,
    submit: Annotated[
        bool, typer.Option("--submit", help="Put agents against strategies on the leaderboard.")
    ] = False,
    store: Annotated[str | None, typer.Option(help="Leaderboard: SQLite file or database URL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Play a round robin on the same deals in all seats: payoffs, ratings with intervals, a heat map.

    Example: agentgym arena KuhnPoker-v0 --agents random --agents nash --agents expert --deals 200
    """
    from agentgym.cli.options import parse_options
    from envs.games.arena.contestants import contestant
    from envs.games.arena.sittings import Room
    from envs.games.arena.tournament import Arena

    room = Room(game, parse_options(env_option or []))
    options = parse_options(option or [])
    contestants = [contestant(spec, room.match.game, **options) for spec in agents]
    plan = Arena(room.env_id, tuple(agents), deals, seed, dict(room.env_kwargs))
    folder = out or Path("runs") / "arena" / room.name
    result = _settled(
        plan, room, contestants, _played(plan, room, contestants, folder, slots, as_json), folder
    )
    entries = _submitted(plan, room, contestants, folder, store, options) if submit else []
    if as_json:
        typer.echo(json.dumps({**result.to_record(), "folder": str(folder), "submitted": entries}))
        return
    _show(result)
    typer.echo(f"{folder / 'payoff.png'}  {folder / 'result.json'}")
    for line in entries:
        typer.echo(line)


def _played(
    plan: Arena, room: Room, contestants: Sequence[Contestant], folder: Path, slots: int, quiet: bool
) -> list[PlayRecord]:
    from agentgym.cli.progress import progress
    from envs.games.arena.tournament import plan as planned
    from envs.games.arena.tournament import run_arena

    with progress(quiet=quiet) as bar:
        task = bar.add_task(f"arena of {len(contestants)}", total=len(planned(plan, room)))
        return run_arena(plan, room, contestants, folder, slots=slots, on_play=lambda _: bar.advance(task))


def _settled(
    plan: Arena, room: Room, contestants: Sequence[Contestant], plays: Sequence[PlayRecord], folder: Path
) -> ArenaResult:
    import numpy as np

    from agentgym.files import write_json
    from envs.games.arena.picture import draw_payoffs
    from envs.games.arena.results import settle
    from envs.games.arena.tournament import RESULT_FILE

    names = [one.name for one in contestants]
    result = settle(room, names, plays, np.random.default_rng(plan.seed))
    write_json(folder / RESULT_FILE, result.to_record())
    draw_payoffs(result, folder / "payoff.png")
    return result


def _submitted(
    plan: Arena,
    room: Room,
    contestants: Sequence[Contestant],
    folder: Path,
    store: str | None,
    options: dict[str, Any],
) -> list[str]:
    from agentgym.leaderboard import open_store
    from envs.games.arena.entries import submit_pairings

    entries = submit_pairings(plan, room, contestants, folder / "pairings", open_store(store), options)
    return [f"{entry.name} is number {entry.id} of {entry.suite.title}" for entry in entries]


def _show(result: ArenaResult) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from agentgym.plain import plain

    table = Table(
        box=None, pad_edge=False, title=f"{result.game}, {result.plays} plays", title_justify="left"
    )
    for heading in ("contestant", "mean return", "rating", "illegal"):
        table.add_column(heading, justify="left" if heading == "contestant" else "right")
    order = sorted(range(len(result.agents)), key=lambda k: -result.returns[k].value)
    for k in order:
        rating = "" if result.ratings is None else _interval(result.ratings[k], ".0f")
        row = (_interval(result.returns[k], ".3f"), rating, f"{result.illegal[k]:.1%}")
        table.add_row(Text(plain(result.agents[k])), *row)
    console = Console()
    console.print(table)
    if result.cross is not None:
        console.print(f"Self-play {result.cross.own:.3f}, cross-play {result.cross.others:.3f}.")
    for pair, social in result.social.items():
        told = f"welfare {social.welfare:.3f}, worst off {social.least:.3f}"
        told += "" if social.agreed is None else f", agreed {social.agreed:.0%}"
        told += "" if social.pareto_gap is None else f", Pareto gap {social.pareto_gap:.3f}"
        console.print(Text(f"{plain(pair)}: {told}"))


def _interval(estimate: Any, form: str) -> str:
    if estimate.low is None:
        return f"{estimate.value:{form}}"
    return f"{estimate.value:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]"
