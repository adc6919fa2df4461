from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

import agentgym
from agentgym.errors import AgentGymError, ArgumentError, DataError, EpisodeOverError, UnknownNameError
from agentgym.serving import RemoteEnv
from tests.agentgym.serving.conftest import SMALL, Serve

_FAMILIES: dict[str, dict[str, Any]] = {
    SMALL: {},
    "agentgym/ALFWorld-v0": {},
    "agentgym/WebShop-v0": {"products": 100, "rules": "fixed"},
    "agentgym/KuhnPoker-v0": {"opponent": "random"},
    "agentgym/CustomerService-v0": {},
    "agentgym/FunctionCalling-v0": {},
}


@pytest.fixture
def small(serve: Serve) -> Iterator[RemoteEnv]:
    env = RemoteEnv(serve(privileged=True), timeout_s=600)
    yield env
    env.close()


@pytest.mark.parametrize("env_id", _FAMILIES)
def test_remote_env__tells_what_the_local_one_tells(env_id: str, serve: Serve) -> None:
    options = _FAMILIES[env_id]
    local = agentgym.make_env(env_id, **options)
    remote = RemoteEnv(serve(env_id, env_options=options), timeout_s=600)
    rng = np.random.default_rng(0)
    for seed in (5, 6):
        assert _plain(*remote.reset(seed=seed)) == _plain(*local.reset(seed=seed))
        for turn in range(12):
            action = "größer 🙂\n\ud800" if turn == 3 else _some_action(local, rng)
            here = local.step(action)
            assert _plain(*remote.step(action)) == _plain(*here)
            if here[2] or here[3]:
                break
    assert _plain(*remote.reset(options={"task": local.task_id})) == _plain(
        *local.reset(options={"task": local.task_id})
    )
    remote.close()


def test_remote_env__passes_gymnasiums_checker(small: RemoteEnv) -> None:
    check_env(small, skip_render_check=True)  # nothing is drawn over the network


def test_remote_env__restores_what_it_froze_here_and_in_another_session(small: RemoteEnv) -> None:
    small.reset(seed=1)
    frozen = small.snapshot()
    told = [small.step(small.oracle_action())]
    small.restore(frozen)
    assert small.state().turns == 0
    told.append(small.step(small.oracle_action()))
    other = RemoteEnv(small.url)
    other.reset(seed=2)
    other.restore(frozen)
    told.append(other.step(other.oracle_action()))
    other.close()
    assert told[0] == told[1] == told[2]


def test_remote_env__keeps_sessions_apart(small: RemoteEnv) -> None:
    vector = SyncVectorEnv([lambda: RemoteEnv(small.url)] * 3)
    local = SyncVectorEnv([lambda: agentgym.make_env(SMALL)] * 3)
    first = vector.reset(seed=[1, 1, 2])[0], local.reset(seed=[1, 1, 2])[0]
    assert first[0] == first[1]
    stepped = vector.step(("up", "down", "left")), local.step(("up", "down", "left"))
    assert stepped[0][0] == stepped[1][0]
    assert small.served.open_sessions == 0  # the asking one had not reset yet
    vector.close()


def test_remote_env__lists_tasks_as_they_are_looked_at(small: RemoteEnv) -> None:
    there, here = small.tasks("test"), agentgym.make_env(SMALL).tasks("test")
    assert len(there) == len(here)
    assert [there[0], there[123_456], there[-1]] == [here[0], here[123_456], here[-1]]
    assert there[998:1002] == [here[i] for i in range(998, 1002)]
    with pytest.raises(IndexError):
        there[len(here)]


def test_remote_env__raises_what_the_local_one_raises(small: RemoteEnv) -> None:
    with pytest.raises(EpisodeOverError, match="reset"):
        small.step("up")
    with pytest.raises(UnknownNameError, match="task named"):
        small.reset(options={"task": "test/one"})
    with pytest.raises(UnknownNameError, match="reset option"):
        small.reset(options={"level": 1})
    with pytest.raises(UnknownNameError, match="split"):
        small.tasks("tests")
    small.reset(seed=0)
    with pytest.raises(ArgumentError, match="str"):
        small.step(3)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="snapshot"):
        small.restore(b"{}")
    for _ in range(small.served.max_steps):
        small.step("nothing")
    with pytest.raises(EpisodeOverError):
        small.step("up")


def test_remote_env__after_close_opens_another_session(small: RemoteEnv) -> None:
    small.reset(seed=0)
    before = small.state().session
    small.close()
    small.reset(seed=0)
    assert small.state().session != before
    assert small.state().episodes == 1


def test_remote_env__says_when_nobody_answers(serve: Serve) -> None:
    with pytest.raises(ArgumentError, match="no address"):
        RemoteEnv("127.0.0.1:8000")
    with pytest.raises(AgentGymError, match="does not answer"):
        RemoteEnv("http://127.0.0.1:1")


@pytest.mark.parametrize("body", [b"", b"no", b"[" * 100_000, b'{"env_id": 3}', b"{}"])
@pytest.mark.parametrize("status", [200, 400])
def test_remote_env__believes_no_strange_answer(body: bytes, status: int) -> None:
    class Strange(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Strange) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(DataError, match="no answer"):
            RemoteEnv(f"http://127.0.0.1:{server.server_port}")
        thread.join()


def _some_action(env: agentgym.TextEnv, rng: np.random.Generator) -> str:
    return env.oracle_action() if rng.random() < 0.7 else "no such action"


def _plain(*told: Any) -> Any:
    """What was told, its `extra` as JSON has it."""
    *rest, info = told
    extra = json.loads(json.dumps(info["extra"], default=list))
    return [*rest, {**info, "extra": extra}]
