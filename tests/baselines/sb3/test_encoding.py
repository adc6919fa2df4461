from __future__ import annotations

import os
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
import pytest

import agentgym
from agentgym.errors import ArgumentError
from baselines.sb3 import ActionList, Encoder, Encoding, Situation, make_numeric, view_of
from baselines.sb3.words import bag_of_words, word_ids, words_of
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL

_SLOTS = ActionList(slots=4)


def _info(
    admissible: tuple[str, ...], instruction: str = "put the red mug on the shelf", **extra: Any
) -> dict[str, Any]:
    return {"admissible_actions": admissible, "instruction": instruction, "extra": extra}


def test_words__are_lower_case_words_numbers_and_symbols() -> None:
    assert words_of("Go to Drawer_12, größer!") == ("go", "to", "drawer", "_", "12", ",", "größer", "!")


def test_word_ids__are_crc32_and_keep_the_last_words() -> None:
    assert word_ids("open the door", 2, 100).tolist() == [1 + zlib.crc32(w) % 99 for w in (b"the", b"door")]
    assert word_ids("open", 3, 100).tolist()[1:] == [0, 0]


def test_word_ids__are_the_same_in_a_process_with_another_hash_seed() -> None:
    code = "from baselines.sb3.words import word_ids; print(word_ids('go to the shelf', 4, 4096).tolist())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.strip() == str(word_ids("go to the shelf", 4, 4096).tolist())


def test_bag_of_words__counts_and_survives_hostile_text() -> None:
    bag = bag_of_words("mug mug shelf", 64)
    assert np.expm1(bag).sum() == pytest.approx(3.0)
    assert bag[0] == 0.0
    assert bag_of_words("x " * 1_000_000 + "\ud800", 64).shape == (64,)


def test_encoding__one_bucket_is_an_error() -> None:
    with pytest.raises(ValueError, match="one bucket tells no words apart"):
        Encoding(bag=1)
    env = make_numeric(
        "agentgym/SokobanSmall-v0", ActionList(("up", "down", "left", "right")), Encoding(bag=2)
    )
    assert env.reset(seed=0)[0]["bag"].shape == (2,)


def test_encoder__says_of_each_slot_what_it_holds() -> None:
    encoder = Encoder(Encoding(candidate=3, goal=0, tokens=0, recent=0), _SLOTS, "agentgym/ALFWorld-v0", 0)
    situation = Situation("", _info(("take mug", "look", "go to bed")), ["look", "look", "take mug"])
    facts = encoder.encode(situation)["facts"].reshape(4, 5)
    assert facts.tolist() == [
        [1.0, 0.25, 1.0, 0.5, 0.0],  # tried once, the latest, one of two words in the goal
        [1.0, 0.5, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]


def test_encoder__reads_what_stands_beside_a_button() -> None:
    encoding = Encoding(candidate=2, context=3, goal=0, tokens=0, recent=0)
    encoder = Encoder(encoding, _SLOTS, "agentgym/WebShop-v0", 0)
    page = "[button] B01 [button_]\nRed mug, large\n[button] B02 [button_]\nBlue plate"
    ids = encoder.encode(Situation(page, _info(("click[b01]",))))["candidates"].reshape(4, 5)
    assert ids[0, 2:].tolist() == word_ids("[ button_", 3, 4096).tolist() or ids[0, 2:].any()
    far = Encoder(encoding.model_copy(update={"context": 8}), _SLOTS, "agentgym/WebShop-v0", 0)
    facts = far.encode(Situation(page, _info(("click[b01]", "click[b02]"))))["facts"].reshape(4, 5)
    assert facts[0, 4] > facts[1, 4]  # "red" and "mug" stand beside the first


@pytest.mark.parametrize("size", [6, 9])
def test_view__of_sokoban_is_the_board(size: int) -> None:
    env: Any = agentgym.make_env("agentgym/Sokoban-v0", size=size, boxes=2)
    observation, info = env.reset(seed=1)
    view = view_of("agentgym/Sokoban-v0")
    assert view is not None
    planes = view(observation, info).reshape(4, size, size)
    assert (planes == np.stack([env.board & flag > 0 for flag in (WALL, TARGET, BOX, PLAYER)])).all()
    refused = env.step("fly")[0]
    assert (view(refused, info) == planes.ravel()).all()


def test_view__of_board_games_shows_my_marks_first() -> None:
    view = view_of("agentgym/TicTacToe-v0")
    assert view is not None
    env = agentgym.make_env("agentgym/TicTacToe-v0", seat=1)
    observation, info = env.reset(seed=1)
    mine, other = view(observation, info).reshape(2, 9)
    assert (mine.sum(), other.sum()) == (0, 1)
    observation, _, _, _, info = env.step(info["admissible_actions"][0])
    mine, other = view(observation, info).reshape(2, 9)
    assert (mine.sum(), other.sum()) == (1, 2)
    assert not (mine * other).any()


def test_view__of_kuhn_poker_tells_apart_what_a_seat_can_tell_apart() -> None:
    view = view_of("agentgym/KuhnPoker-v0")
    assert view is not None
    seen: dict[bytes, set[str]] = {}
    env = agentgym.make_env("agentgym/KuhnPoker-v0")
    for seed in range(60):
        observation, info = env.reset(seed=seed)
        over = False
        while not over:
            seen.setdefault(view(observation, info).tobytes(), set()).add(info["extra"]["infostate_key"])
            action = info["admissible_actions"][seed % 2]
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
    assert len(seen) == 6  # three cards, before the first move and after pass and bet
    assert all(len(keys) == 1 for keys in seen.values())


def test_encoder__refuses_a_board_of_another_size() -> None:
    small = make_numeric("agentgym/SokobanSmall-v0", ActionList(("up", "down")))
    bigger = agentgym.make_env("agentgym/Sokoban-v0")
    with pytest.raises(ArgumentError, match="constructor arguments"):
        small.encoder.encode(Situation(*bigger.reset(seed=0)))
