"""The TextWorld backend: the same environment on it, and the life and death of its process."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import DataError, EpisodeOverError, MissingExtraError
from agentgym.testing import check_text_env
from envs.alfworld.backend import NativeBackend
from envs.alfworld.env import ALFWorldEnv
from envs.alfworld.game import Game
from envs.alfworld.generator import GeneratedGames
from envs.alfworld.textworld import TextWorldBackend, WorkerError
from tests.parity.extra import needs_textworld

pytestmark = [pytest.mark.slow, needs_textworld]

GAMES = GeneratedGames("easy")
TASK = "train/pick_clean_then_place_in_recep/3"
GAME = GAMES.game(TASK)
WAY = GAME.walkthrough

PARENT = """
import sys, time
from envs.alfworld.generator import GeneratedGames
from envs.alfworld.textworld import TextWorldBackend
games, backend = GeneratedGames("easy"), TextWorldBackend()
backend.begin(games.game(sys.argv[1]), lambda: games.record(sys.argv[1]))
print(backend.pid, flush=True)
time.sleep(600)
"""


def record() -> dict[str, Any]:
    return GAMES.record(TASK)


@pytest.fixture
def backend() -> Iterator[TextWorldBackend]:
    made = TextWorldBackend()
    made.begin(GAME, record)
    yield made
    made.close()


def ended(pid: int | None) -> bool:
    """Whether a process ends within ten seconds. A zombie has ended."""
    assert pid is not None
    for _ in range(200):
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_environment__tells_on_textworld_what_it_tells_on_our_engine() -> None:
    ours, theirs = (
        ALFWorldEnv(games="generated", difficulty="easy", backend=name) for name in ("native", "textworld")
    )
    options = {"task": TASK}
    assert ours.reset(seed=1, options=options) == theirs.reset(seed=1, options=options)
    commands = ["look", "eat the sink", *WAY]
    for command in commands:
        told = ours.step(command)
        assert told == theirs.step(command.upper())
    assert told[2] and told[4]["success"]
    theirs.close()


def test_environment__goes_on_from_a_snapshot_in_another_process() -> None:
    env, other = (ALFWorldEnv(games="generated", difficulty="easy", backend="textworld") for _ in range(2))
    env.reset(seed=1, options={"task": TASK})
    for command in WAY[:3]:
        env.step(command)
    other.restore(env.snapshot())
    for command in WAY[3:]:
        told = env.step(command)
        assert told == other.step(command)
    assert told[4]["success"]
    env.close()
    other.close()


def test_backend__that_is_copied_goes_on_in_another_process(backend: TextWorldBackend) -> None:
    for command in WAY[:2]:
        backend.act(command)
    for twin in (copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):
        assert twin.pid != backend.pid
        twin.act(WAY[2])
        assert backend.save() == list(WAY[:2])
        assert twin.save() == list(WAY[:3])
        twin.close()


def test_environment__keeps_the_contract_on_textworld() -> None:
    kwargs = {"games": "generated", "difficulty": "easy", "backend": "textworld", "max_steps": 6}
    rules = ["hostile_actions", "pickling", "snapshot_rejects", "threads_agree"]  # those that need a backend
    check_text_env("agentgym/ALFWorld-v0", env_kwargs=kwargs, episodes=1, resets=1, rules=rules)


def test_state__is_made_of_textworlds_facts(backend: TextWorldBackend) -> None:
    native = NativeBackend()
    native.begin(GAME, record)
    assert backend.world.key == native.world.key
    for command in WAY:
        native.act(command)
        backend.act(command)
        assert backend.world.save() == native.world.save()
        assert backend.world.key == native.world.key
    assert backend.won


@pytest.mark.parametrize("saved", [[WAY[0], "take the sun"], [3], {"commands": []}, None, "look"])
def test_load__of_what_is_no_state_leaves_the_game_as_it_was(backend: TextWorldBackend, saved: Any) -> None:
    for command in WAY[:2]:
        backend.act(command)
    key, admissible = backend.world.key, backend.admissible()
    with pytest.raises(DataError, match=r"its state|its command 'take the sun'"):
        backend.load(GAME, record, saved)
    assert backend.save() == list(WAY[:2])
    assert (backend.world.key, backend.admissible()) == (key, admissible)


def test_begin__again_starts_anew_without_reading_the_game(backend: TextWorldBackend) -> None:
    first = backend.admissible()
    backend.act(WAY[0])
    assert backend.begin(GAME, lambda: pytest.fail("the game is known")).startswith("-= Welcome")
    assert backend.admissible() == first
    assert backend.save() == []


def test_begin__of_another_game_loads_it(backend: TextWorldBackend) -> None:
    task = "train/look_at_obj_in_light/0"
    first = backend.begin(GAMES.game(task), lambda: GAMES.record(task))
    assert first == NativeBackend().begin(GAMES.game(task), record)


def test_act__passes_on_any_text(backend: TextWorldBackend) -> None:
    before = backend.world.key
    for command in ("", "\n\n", '{"begin": null}', "\u2028 café \ud800", "go " * 100_000):
        assert backend.act(command) == ("Nothing happens.", False)
    assert backend.world.key == before


def test_begin__of_a_game_that_textworld_cannot_read_says_so(backend: TextWorldBackend) -> None:
    other = Game(GAME.problem, "another task.")
    with pytest.raises(WorkerError, match="TextWorld cannot do this"):
        backend.begin(other, lambda: record() | {"pddl_problem": "(define (problem x)"})
    assert backend.begin(GAME, record).startswith("-= Welcome")


def test_close__ends_the_process(backend: TextWorldBackend) -> None:
    pid = backend.pid
    backend.close()
    assert ended(pid)
    with pytest.raises(EpisodeOverError, match="reset"):
        backend.act("look")
    assert backend.begin(GAME, record).startswith("-= Welcome")


def test_process__ends_with_the_last_reference_to_its_backend() -> None:
    made = TextWorldBackend()
    made.begin(GAME, record)
    pid = made.pid
    del made
    assert ended(pid)


def test_process__that_is_killed_is_reported_and_replaced(backend: TextWorldBackend) -> None:
    assert backend.pid is not None
    os.kill(backend.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"ended by itself|is gone.*reset\(\)"):
        backend.act("look")
    with pytest.raises(WorkerError, match=r"reset\(\)"):
        backend.act("look")
    assert backend.begin(GAME, record).startswith("-= Welcome")


def test_process__that_hangs_is_reported_and_ended() -> None:
    hasty = TextWorldBackend()
    hasty.begin(GAME, record)
    hasty.timeout_s = 0.5
    pid = hasty.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(WorkerError, match=r"no answer within 0\.5 s"):
        hasty.act("look")
    assert ended(pid)


def test_process__dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, TASK], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        assert ended(pid)


def test_process__writes_nothing_into_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    made = TextWorldBackend()
    made.begin(GAME, record)
    made.act(WAY[0])
    made.close()
    assert list(tmp_path.rglob("*")) == []


def test_backend__without_its_packages_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alfworld", None)  # as if it were not there
    with pytest.raises(MissingExtraError, match=r"pip install -e '\.\[alfworld\]'"):
        TextWorldBackend()
