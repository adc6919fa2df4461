"""Play the reference entries again: `python -m tests.reference`, some minutes on a CPU.

Every pair of `ENTRIES` is played, verified and written to leaderboards/entries. Where an entry did what it
did before, its files stay as they are, so that the diff shows what has changed and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from agentgym.evaluation import load_suite
from agentgym.leaderboard import dump, load, open_store, read_bundle, shipped_entries, submit_bundle
from agentgym.leaderboard.bundle import content_digest
from agentgym.leaderboard.exchange import SUFFIX
from agentgym.leaderboard.running import run_suite

__all__ = ["ENTRIES", "Reference"]


class Reference(NamedTuple):
    """An entry that ships.

    Attributes:
        suite: Name of its suite.
        agent: Specification of its agent.
        name: The name shown.
        description: What the agent is.
    """

    suite: str
    agent: str
    name: str
    description: str


_RANDOM = ("random", "Random", "Draws an admissible action; where the set is open, random text. The floor.")
_ORACLE = ("oracle", "Oracle", "The expert of each environment, which knows the solution. The ceiling.")
_SCRIPTED = (
    ("clerk", "Clerk", "Serves the customers of the shop by rules; elsewhere it is lost."),
    ("matcher", "Matcher", "Calls the function that shares most words with the request."),
    ("seeker", "Seeker", "Answers questions by looking names up."),
    ("reckoner", "Reckoner", "Answers the questions that a calculator can answer."),
)

ENTRIES = (
    *(
        Reference(suite, *agent)
        for suite in ("smoke", "sokoban-small", "core")
        for agent in (_RANDOM, _ORACLE)
    ),
    *(Reference("tooluse-small", *agent) for agent in (_RANDOM, _ORACLE, *_SCRIPTED)),
)


def main() -> None:
    """Play what is asked for and replace the files of the entries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="Only this suite; the others' files stay.")
    parser.add_argument("--out", type=Path, default=shipped_entries(), help="Folder of the entries.")
    options = parser.parse_args()
    wanted = [entry for entry in ENTRIES if options.only in (None, entry.suite)]
    with tempfile.TemporaryDirectory() as folder:
        fresh = _played(wanted, options.out, Path(folder))
        for suite in {entry.suite for entry in wanted}:
            for old in options.out.glob(f"{suite}-v*"):
                shutil.rmtree(old)
        shutil.copytree(fresh, options.out, dirs_exist_ok=True)


def _played(wanted: list[Reference], before: Path, folder: Path) -> Path:
    """Play and verify entries and return the folder of their files."""
    store = open_store(str(folder / "board.sqlite"))
    known = {content_digest(read_bundle(path).trajectories()): path for path in before.rglob(f"*{SUFFIX}")}
    for number, entry in enumerate(wanted):
        suite = load_suite(entry.suite).expand()
        words = {"name": entry.name, "description": entry.description}
        _, file = run_suite(suite, entry.agent, folder / f"run-{number}", words=words, baselines=False)
        bundle = read_bundle(file)
        same = known.get(content_digest(bundle.trajectories()))
        if same is None or read_bundle(same).header.name != entry.name:
            verdict, _ = submit_bundle(bundle, store, suite=suite)
            told = f"new: {verdict}"
        else:
            home = folder / f"known-{number}" / same.parent.name
            home.mkdir(parents=True)
            for path in (
                same,
                same.with_name(same.name.removesuffix(SUFFIX) + ".json"),
                same.with_name("suite.json"),
            ):
                shutil.copy(path, home)
            (loaded,) = load(store, home)
            told = f"as before: {loaded.told}"
        print(f"{suite.title}, {entry.name}: {told}", flush=True)
    dump(store, folder / "entries")
    return folder / "entries"


if __name__ == "__main__":
    main()
