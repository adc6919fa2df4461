"""Compare our ALFWorld engine with TextWorld: `make parity`.

Run: python -m tests.parity ../shared/data/alfworld --generated 60 --random 30 --jobs 2
Ends with status 1 if there is any difference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agentgym.errors import AgentGymError
from envs.alfworld.textworld import TextWorldBackend
from tests.parity.compare import Difference, Tally, compare
from tests.parity.games import Entrant, files, generated, random_houses


def compare_entrant(entrant: Entrant, stock: TextWorldBackend, seed: int) -> Tally:
    try:
        return compare(entrant.name, entrant.game(), entrant.record, stock, seed=seed)
    except AgentGymError as error:
        return Tally(games=1, differences=[Difference(entrant.name, (), "error", str(error), "")])


def compare_all(entrants: Sequence[Entrant], jobs: int, seed: int) -> Tally:
    """Compare games, `jobs` at a time: TextWorld works in processes, so threads do here."""
    total, console = Tally(), Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("games", total=len(entrants))

        def work(share: Sequence[Entrant]) -> None:
            stock = TextWorldBackend()
            for entrant in share:
                tally = compare_entrant(entrant, stock, seed)
                total.add(tally)
                for difference in tally.differences:
                    console.print(str(difference), markup=False, highlight=False)
                progress.advance(bar)
            stock.close()

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(work, [entrants[i::jobs] for i in range(jobs)]))
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare our ALFWorld engine with TextWorld.")
    parser.add_argument("folder", type=Path, nargs="*", help="all game.tw-pddl below it are compared")
    parser.add_argument("--generated", type=int, default=0, help="number of generated games")
    parser.add_argument("--random", type=int, default=0, help="number of random households")
    parser.add_argument("--jobs", type=int, default=1, help="processes that run TextWorld")
    parser.add_argument("--seed", type=int, default=0, help="of the walks")
    options = parser.parse_args()
    entrants = [entrant for folder in options.folder for entrant in files(folder)]
    entrants += generated(options.generated) + random_houses(options.random)
    if not entrants:
        parser.error("there are no games: name a folder of them, --generated or --random")
    total = compare_all(entrants, options.jobs, options.seed)
    verbs = ", ".join(f"{verb} {count}" for verb, count in total.verbs.most_common())
    print(f"{total.games} games, {total.states} states, {len(total.differences)} differences")
    print(f"carried out: {verbs}")
    return 1 if total.differences else 0


if __name__ == "__main__":
    sys.exit(main())
