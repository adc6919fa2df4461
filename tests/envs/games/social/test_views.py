"""The social games in the views: PettingZoo's checks, the contract of the text API, records that replay."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import gymnasium
import pettingzoo
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

import agentgym
from agentgym.agents import make_agent
from agentgym.replay import replay
from agentgym.rollout.seats import AgentAtTables, play_tables
from agentgym.testing import check_text_env
from agentgym.trajectory import Trajectory
from envs.games.arena.contestants import contestant
from envs.games.arena.sittings import Room, SeatRecord, seat_records

_GAMES = {
    "talk_negotiation": "TalkNegotiation-v0",
    "price_bargaining": "PriceBargaining-v0",
    "ultimatum": "Ultimatum-v0",
    "public_goods": "PublicGoods-v0",
    "two_thirds": "TwoThirds-v0",
    "talk_prisoners": "TalkPrisoners-v0",
    "talk_stag_hunt": "TalkStagHunt-v0",
    "word_clues": "WordClues-v0",
}
_TOGETHER = ("public_goods", "two_thirds", "talk_prisoners", "talk_stag_hunt")


def _maker(name: str, kind: str = "aec") -> Callable[[], Any]:
    return lambda: pettingzoo.make(kind, f"{agentgym.registry.NAMESPACE}/{name}-v0")


@pytest.mark.filterwarnings("ignore:Observation is not a NumPy array")
@pytest.mark.filterwarnings("ignore:.* space for each agent probably should be")
@pytest.mark.parametrize("name", _GAMES)
def test_social__passes_the_checks_of_pettingzoo(name: str) -> None:
    api_test(_maker(name)(), num_cycles=60)
    seed_test(_maker(name), num_cycles=30)
    if name in _TOGETHER:
        parallel_api_test(_maker(name, "parallel")(), num_cycles=30)
        parallel_seed_test(_maker(name, "parallel"), num_cycles=30)


@pytest.mark.parametrize("env_id", _GAMES.values())
def test_social__keeps_the_contract(env_id: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(f"agentgym/{env_id}").unwrapped)
    check_text_env(f"agentgym/{env_id}", episodes=1, resets=200, processes=False)


@pytest.mark.parametrize("env_id", _GAMES.values())
def test_social__every_seat_of_a_play_is_an_episode_that_executes_again(env_id: str) -> None:
    room = Room(env_id)
    players = [contestant("random", room.match.game).player, AgentAtTables(make_agent("random"))]
    seated = [[(k + seat) % 2 for seat in range(room.seats)] for k in range(6)]
    sittings = [room.sitting(k, f"train/{k}", seats) for k, seats in enumerate(seated)]
    found = 0
    for sitting, table in play_tables(sittings, players, slots=3):
        for seat in range(room.seats):
            record = SeatRecord(room, sitting, table.deal, seat, seat, 0, "somebody")
            for trajectory in seat_records([record]):
                found += 1
                assert trajectory.seat == seat
                assert trajectory.total_reward == pytest.approx(table.match.returns()[seat])
                assert [s.decision.action for s in trajectory.steps] == sitting.texts(seat)
                assert replay(Trajectory.from_json(trajectory.to_json())) is None
    assert found >= 6
