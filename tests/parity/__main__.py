"""Compare our ALFWorld engine with TextWorld on all games of a folder: `make parity`.

Run: python -m tests.parity ../shared/data/alfworld --jobs 2
Ends with status 1 if there is any difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agentgym.errors import AgentGymError
from envs.alfworld.game import read_game
from envs.alfworld.textworld import TextWorldBackend
from tests.parity.compare import Difference, Tally, compare


def compare_file(path: Path, name: str, stock: TextWorldBackend, seed: int) -> Tally:
    try:
        return compare(name, read_game(path), lambda: json.loads(path.read_bytes()), stock, seed)
    except AgentGymError as error:
        return Tally(games=1, differences=[Difference(name, (), "error", str(error), "")])


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare our ALFWorld engine with TextWorld.")
    parser.add_argument("folder", type=Path, help="all game.tw-pddl below it are compared")
    parser.add_argument("--jobs", type=int, default=1, help="processes that run TextWorld")
    parser.add_argument("--seed", type=int, default=0, help="of the random walks")
    parser.add_argument("--every", type=int, default=1, help="take every n-th game only")
    options = parser.parse_args()
    paths = sorted(options.folder.rglob("game.tw-pddl"))[:: options.every]
    total, console = Tally(), Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("games", total=len(paths))

        def work(share: list[Path]) -> None:
            stock = TextWorldBackend()
            for path in share:
                tally = compare_file(path, str(path.parent.relative_to(options.folder)), stock, options.seed)
                total.add(tally)
                for difference in tally.differences:
                    console.print(str(difference), markup=False, highlight=False)
                progress.advance(bar)
            stock.close()

        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(work, [paths[i :: options.jobs] for i in range(options.jobs)]))
    verbs = ", ".join(f"{verb} {count}" for verb, count in total.verbs.most_common())
    print(f"{total.games} games, {total.states} states, {len(total.differences)} differences ({verbs})")
    return 1 if total.differences or not total.games else 0


if __name__ == "__main__":
    sys.exit(main())
