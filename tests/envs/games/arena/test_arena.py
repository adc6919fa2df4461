"""Round robins: complete, resumable, the same every time; results that agree with what is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.leaderboard import open_store
from envs.games.arena.contestants import contestant
from envs.games.arena.entries import submit_pairings
from envs.games.arena.results import ArenaResult, settle
from envs.games.arena.sittings import Room
from envs.games.arena.tournament import Arena, PlayRecord, read_plays, run_arena, seatings


def _run(arena: Arena, folder: Path) -> list[PlayRecord]:
    room = Room(arena.env_id, arena.env_kwargs)
    contestants = [contestant(spec, room.match.game) for spec in arena.agents]
    return run_arena(arena, room, contestants, folder, slots=8)


def _settle(arena: Arena, plays: list[PlayRecord]) -> ArenaResult:
    return settle(
        Room(arena.env_id), [f"{spec}@v1" for spec in arena.agents], plays, np.random.default_rng(0)
    )


_ULTIMATUM = Arena("agentgym/Ultimatum-v0", ("random", "expert"), deals=6)


def test_seatings__everybody_sits_everywhere_once() -> None:
    assert seatings(2, 0, 1) == [(0, 1), (1, 0)]
    assert seatings(3, 0, 1) == [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert seatings(3, 1, 1) == [(1, 1, 1)]


def test_arena__plays_every_pair_in_all_seats_of_the_same_deals(tmp_path: Path) -> None:
    plays = _run(Arena("agentgym/TwoThirds-v0", ("random", "expert"), deals=3), tmp_path)
    assert len(plays) == 3 * 6
    assert {play.deal for play in plays} == {"test/0", "test/1", "test/2"}
    for deal in ("test/0", "test/1", "test/2"):
        assert sorted(p.players for p in plays if p.deal == deal) == sorted(seatings(3, 0, 1))


def test_arena__goes_on_after_a_kill_as_if_there_had_been_none(tmp_path: Path) -> None:
    whole = _run(_ULTIMATUM, tmp_path / "whole")
    _run(_ULTIMATUM, tmp_path / "killed")
    file = tmp_path / "killed" / "plays.jsonl"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert 0 < len(list(read_plays(tmp_path / "killed", mend=True))) < len(whole)
    assert _run(_ULTIMATUM, tmp_path / "killed") == whole


def test_arena__refuses_another_arena_in_its_folder_and_broken_lines(tmp_path: Path) -> None:
    _run(_ULTIMATUM, tmp_path)
    with pytest.raises(ArgumentError, match="deals differ"):
        _run(Arena(_ULTIMATUM.env_id, _ULTIMATUM.agents, deals=7), tmp_path)
    file = tmp_path / "plays.jsonl"
    file.write_bytes(b'{"number": 0}\n' + file.read_bytes())
    with pytest.raises(DataError, match=r"plays\.jsonl:1"):
        _run(_ULTIMATUM, tmp_path)


def test_arena__a_play_can_be_executed_again_from_its_texts(tmp_path: Path) -> None:
    room = Room(_ULTIMATUM.env_id)
    for play in _run(_ULTIMATUM, tmp_path):
        table = room.sitting(0, play.deal, play.players).open()
        said = [list(texts) for texts in play.texts]
        while table.actors:
            for seat in table.actors:
                table.submit(seat, said[seat].pop(0))
        assert table.match.returns() == play.returns


def test_arena__wants_two_contestants_that_exist() -> None:
    with pytest.raises(ArgumentError, match="all different"):
        Arena("agentgym/Ultimatum-v0", ("random", "random"))
    with pytest.raises(UnknownNameError, match=r"Strategies of the arena: .*minimax"):
        contestant("rnadom", Room("Ultimatum-v0").match.game)
    with pytest.raises(ArgumentError, match="Pass 'expert' instead"):
        contestant("oracle", Room("Ultimatum-v0").match.game)
    with pytest.raises(ArgumentError, match="no game of several players"):
        Room("SokobanSmall-v0")
    with pytest.raises(ArgumentError, match="`seat` is not for all seats"):
        Room("Ultimatum-v0", {"seat": 1})


def test_result__of_a_game_without_losers_has_welfare_and_no_ratings(tmp_path: Path) -> None:
    result = _settle(_ULTIMATUM, _run(_ULTIMATUM, tmp_path))
    assert result.ratings is None
    assert result.payoff[1, 1] == pytest.approx(0.5)  # an expert offers itself 4 of 10 and accepts
    assert result.social["expert@v1 | expert@v1"].agreed == 1.0
    assert result.social["expert@v1 | expert@v1"].pareto_gap == pytest.approx(0.0)


def test_result__of_a_cooperative_game_has_cross_play(tmp_path: Path) -> None:
    arena = Arena("agentgym/WordClues-v0", ("random", "expert"), deals=4)
    result = _settle(arena, _run(arena, tmp_path))
    assert result.cross is not None
    assert result.payoff[1, 1] == 1.0
    assert result.payoff[0, 1] == result.payoff[1, 0] < 1.0
    assert result.cross.gap == pytest.approx(result.cross.own - result.payoff[0, 1])


def test_result__of_tic_tac_toe_puts_the_perfect_player_first(tmp_path: Path) -> None:
    pytest.importorskip("pyspiel", reason="the extra games is not installed")
    arena = Arena("agentgym/TicTacToe-v0", ("random", "first", "minimax"), deals=20)
    result = _settle(arena, _run(arena, tmp_path))
    assert result.ratings is not None
    assert math.isnan(result.payoff[0, 0])
    assert result.payoff[0, 2] == pytest.approx(-result.payoff[2, 0])
    assert result.payoff[2, 0] > 0.7
    assert result.payoff[2, 1] >= 0
    assert result.ratings[2].value == max(rating.value for rating in result.ratings)
    assert result.ratings[0].value == 0.0
    json.dumps(result.to_record(), allow_nan=False)


def test_arena_command__draws_and_prints(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra games is not installed")
    arguments = ["arena", "Ultimatum-v0", "--agents", "random", "--agents", "expert", "--deals", "3"]
    out = CliRunner().invoke(build_app(), [*arguments, "--out", str(tmp_path), "--json"])
    assert out.exit_code == 0, out.output
    record = json.loads(out.stdout)
    assert record["agents"] == ["random@v1", "expert@v1"]
    assert json.loads((tmp_path / "result.json").read_text())["payoff"] == record["payoff"]
    assert (tmp_path / "payoff.png").read_bytes().startswith(b"\x89PNG")


def test_entries__an_agent_against_a_strategy_is_verified_and_stored(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra board is not installed")
    arena = Arena("agentgym/Ultimatum-v0", ("agent:random", "expert"), deals=4)
    room = Room(arena.env_id)
    contestants = [contestant(spec, room.match.game) for spec in arena.agents]
    store = open_store(str(tmp_path / "board.sqlite"))
    (entry,) = submit_pairings(arena, room, contestants, tmp_path / "runs", store, {})
    assert entry.suite.name == "arena-ultimatum-v0-expert"
    assert len(entry.suite.entries) == 4 * 2
    assert {e.episode.env_kwargs["seat"] for e in entry.suite.entries} == {0, 1}
    assert 0 < entry.metrics.episode_return.value < 1
    with pytest.raises(ArgumentError, match="against a strategy"):
        list(submit_pairings(arena, room, contestants[:1], tmp_path / "more", store, {}))
