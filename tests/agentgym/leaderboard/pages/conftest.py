"""A board of real runs: corridors with repeats, by agents of whom one says hostile things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from agentgym.agents import make_agent, register_agent
from agentgym.evaluation import ExpandedSuite, Setting, Suite
from agentgym.evaluation.expansion import Rules
from agentgym.leaderboard import open_store
from agentgym.leaderboard.bundle import AgentIdentity, Curve
from agentgym.leaderboard.pages.router import router
from agentgym.leaderboard.store import Store
from agentgym.rollout import collect
from agentgym.trajectory import Decision, Turn
from tests.agentgym.leaderboard.store.making import submission_of
from tests.agentgym.tampering import WANDERER
from tests.toys import TOY_ID

__all__ = ["HOSTILE", "SCRIPT"]

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f"{SCRIPT} \u202eevil\u2069 \x1b[2J \x00 {{{{ 7*7 }}}} \"'> <img src=x onerror=alert(1)> \ud800 \u05d0"
)
CARD = f"# A card {SCRIPT}\n\n- [click](javascript:alert(1))\n- {HOSTILE}\n\n```\n</div>{SCRIPT}\n```\n"


class Hostile:
    """Wanders, and says what a page must not take at its word."""

    wants_oracle = False
    spec = "hostile"

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Walk one way or say something terrible, now and then at length."""
        return [self._answer(turn) for turn in turns]

    def _answer(self, turn: Turn) -> Decision:
        action = HOSTILE if turn.index == 0 else "go east" if turn.episode % 2 else "go west"
        length = 60_000 if turn.index == 1 else 3
        return Decision(
            action, response=HOSTILE + "x" * length, usage={"completion_tokens": 20.0, "cost": 0.01}
        )


register_agent("hostile", f"{__name__}:Hostile")


@pytest.fixture(scope="session")
def paged_suite() -> ExpandedSuite:
    tasks = ["test/2-west", "test/3-east", "test/4-east", "test/5-west", "test/6-west", "test/7-east"]
    suite = Suite(name="paged", version=1, settings=[Setting(env=TOY_ID, tasks=tasks, repeats=4)]).expand()
    measured = Rules(floor={"success": 0.5, "score": 0.5}, ceiling={"success": 1.0, "score": 1.0})
    return replace(suite, rules=(measured,))


@pytest.fixture(scope="session")
def board(paged_suite: ExpandedSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Entries 1 random, 2 oracle, 3 wanderer, 4 hostile, 5 one that failed later."""
    store = open_store(str(tmp_path_factory.mktemp("pages") / "board.sqlite"))
    for agent in ("random", "oracle", WANDERER, "hostile", "wanderer:2"):
        played = sorted(collect(paged_suite.episodes, make_agent(agent)), key=lambda t: t.episode)
        words: dict[str, Any] = {"name": agent, "record": {"packages": {"numpy": "2"}}}
        if agent == "hostile":
            identity = AgentIdentity(spec="hostile", options={SCRIPT: HOSTILE.replace("\ud800", "")})
            curve = Curve(
                metric=f"\u202e{SCRIPT}", unit="\x1b[2J", points=tuple((float(k), k / 40) for k in range(40))
            )
            words = {
                "name": "<b>bold</b> \u05d0\u05d1",
                "description": SCRIPT + "d" * 3_000,
                "card": CARD.replace("\ud800", ""),
                "agent": identity,
                "curve": curve,
                "record": {"packages": {SCRIPT: HOSTILE.replace("\ud800", "")}},
            }
        store.add(submission_of(played, paged_suite, **words))
    store.set_status(5, "failed", f"turn 3 {HOSTILE}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def site(board: Store) -> Iterator[TestClient]:
    """The pages below a prefix, as an application mounts them."""
    app = FastAPI(openapi_url=None)
    app.include_router(router(board, extra_links=[("Elsewhere", "upload")]), prefix="/board")
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session")
def exported(board: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from agentgym.leaderboard.pages import Settings, export_site

    folder = tmp_path_factory.mktemp("export") / "site"
    export_site(board, folder, Settings(episodes=2, colours=("reward", "grpo")))
    return folder
