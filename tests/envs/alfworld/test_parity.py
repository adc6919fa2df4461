"""Our engine says and does what TextWorld does, in every state of a walk. `make parity` takes more games."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.alfworld.backend import NativeBackend
from envs.alfworld.game import game_from_record
from envs.alfworld.goal import TASK_TYPES
from envs.alfworld.textworld import TextWorldBackend
from tests.parity.compare import compare
from tests.parity.extra import needs_textworld
from tests.parity.games import Entrant, files, generated, random_houses
from tests.parity.houses import Fact, house

pytestmark = [pytest.mark.slow, needs_textworld]

CROWDED = """atLocation agent1 loc_bar_1
receptacleType CounterTop_bar_1 CounterTopType
receptacleType Shelf_bar_1 ShelfType
receptacleType Sink_bar_1 SinkType
receptacleType Sink_bar_1_bar_SinkBasin SinkBasinType
receptacleAtLocation CounterTop_bar_1 loc_bar_2
receptacleAtLocation Shelf_bar_1 loc_bar_1
receptacleAtLocation Sink_bar_1 loc_bar_1
receptacleAtLocation Sink_bar_1_bar_SinkBasin loc_bar_1
canContain CounterTopType AppleType
canContain ShelfType AppleType
objectType Apple_bar_1 AppleType
pickupable Apple_bar_1
cleanable Apple_bar_1
isClean Apple_bar_1
isSliced Apple_bar_1
inReceptacle Apple_bar_1 Sink_bar_1
inReceptacle Apple_bar_1 Sink_bar_1_bar_SinkBasin
objectAtLocation Apple_bar_1 loc_bar_1"""

TAKE_TWICE = (
    "take apple 1 from sink 1",
    "go to countertop 1",
    "move apple 1 to countertop 1",
    "go to sink 1",
    "take apple 1 from sinkbasin 1",
    "move apple 1 to shelf 1",
    "look",
)


@pytest.fixture
def stock() -> Iterator[TextWorldBackend]:
    backend = TextWorldBackend()
    yield backend
    backend.close()


def agrees(entrant: Entrant, stock: TextWorldBackend) -> None:
    tally = compare(entrant.name, entrant.game(), entrant.record, stock, steps=15)
    assert not tally.differences, "\n".join(map(str, tally.differences))
    assert tally.states > 2 * 15


@pytest.mark.data
@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_parity__holds_on_an_official_game(task_type: str, data_root: Path, stock: TextWorldBackend) -> None:
    games = [each for each in files(data_root / "alfworld") if f"/{task_type}" in each.name]
    if not games:
        pytest.skip(f"no official game of {task_type} below {data_root}")
    agrees(games[len(games) // 2], stock)


@pytest.mark.parametrize("entrant", generated(6), ids=lambda entrant: entrant.name)
def test_parity__holds_on_generated_games(entrant: Entrant, stock: TextWorldBackend) -> None:
    agrees(entrant, stock)


@pytest.mark.parametrize("entrant", random_houses(4), ids=lambda entrant: entrant.name)
def test_parity__holds_in_random_houses(entrant: Entrant, stock: TextWorldBackend) -> None:
    agrees(entrant, stock)


def test_parity__holds_for_an_object_in_two_receptacles(stock: TextWorldBackend) -> None:
    record = house(_facts(CROWDED))
    game, ours = game_from_record(record), NativeBackend()
    first = ours.begin(game, lambda: record)
    assert first == stock.begin(game, lambda: record)
    assert "You are facing the shelf 1, sink 1, and sinkbasin 1." in first  # it begins before receptacles
    for command in TAKE_TWICE:
        said = ours.act(command)
        assert said == stock.act(command)
    assert "Next to it, you see a apple 1, and a apple 1." in said[0]


def test_compare__reports_a_difference(stock: TextWorldBackend) -> None:
    without = [fact for fact in _facts(CROWDED) if fact != ("cleanable", "Apple_bar_1")]
    game = game_from_record(house(_facts(CROWDED)))
    tally = compare("house", game, lambda: house(without), stock)
    assert {each.what for each in tally.differences} == {"admissible"}
    assert "clean apple 1 with sink 1" in str(tally.differences[0])


def _facts(text: str) -> list[Fact]:
    return [tuple(line.split()) for line in text.splitlines()]
