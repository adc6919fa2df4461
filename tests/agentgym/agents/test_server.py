"""Agents behind a server that has every fault that a server can have."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from tests.toys import TOY_ID

pytest.importorskip("openai")

Fault = Callable[["_Handler", dict[str, Any]], bool]


class _Handler(BaseHTTPRequestHandler):
    """Answers "go east" to everything, unless its server's fault says otherwise."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        with self.server.lock:
            self.server.requests.append(request)
            self.server.tries[body] += 1
            number = self.server.tries[body]
            self.server.present += 1
            self.server.most = max(self.server.most, self.server.present)
        try:
            if not self.server.fault(self, {**request, "try": number}):
                self.say(200, _completion("go east"))
        finally:
            with self.server.lock:
                self.server.present -= 1

    def say(self, status: int, body: bytes | dict[str, Any], **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []
        self.tries: Counter[bytes] = Counter()
        self.present = self.most = 0

    @property
    def spec(self) -> str:
        return f"openai:http://127.0.0.1:{self.server_port}/v1#toy"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has given up is no error."""


def _completion(text: str | None, **message: Any) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": "stop",
    }
    usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "toy",
        "choices": [choice],
        "usage": usage,
    }


@pytest.fixture
def serve() -> Iterator[Callable[[Fault], _Server]]:
    running: list[_Server] = []

    def start(fault: Fault) -> _Server:
        server = _Server(fault)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def _no_fault(handler: _Handler, request: dict[str, Any]) -> bool:
    return False


def _episodes(n: int) -> list[Episode]:
    return [Episode(k, TOY_ID, seed=k, task="train/1-east", env_kwargs={"wind": 0.0}) for k in range(n)]


def _play(server: _Server, n: int = 4, **options: Any) -> list[Trajectory]:
    agent = make_agent(server.spec, **options)
    return sorted(collect(_episodes(n), agent), key=lambda t: t.episode)


def test_server_agent__plays_and_counts(serve: Callable[[Fault], _Server]) -> None:
    server = serve(_no_fault)
    played = _play(server, price_in=2.0, price_out=10.0)
    assert all(t.success and len(t.steps) == 5 for t in played)
    assert [t.tokens for t in played] == [15] * 4
    assert played[0].cost == pytest.approx(5 * (11 * 2.0 + 3 * 10.0) / 1e6)
    assert Trajectory.from_json(played[0].to_json()).cost == played[0].cost
    first = next(r for r in server.requests if len(r["messages"]) == 2)
    assert [m["role"] for m in first["messages"]] == ["system", "user"]
    assert first["messages"][0]["content"] == "Leave by the east door."
    last = max(server.requests, key=lambda r: len(r["messages"]))
    assert [m["role"] for m in last["messages"]] == ["system", *["user", "assistant"] * 4, "user"]


def test_server_agent__keeps_to_its_concurrency(serve: Callable[[Fault], _Server]) -> None:
    def slowly(handler: _Handler, request: dict[str, Any]) -> bool:
        time.sleep(0.05)
        return False

    server = serve(slowly)
    _play(server, n=12, concurrency=3)
    assert server.most == 3


def _broken(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.say(500, {"error": {"message": "on fire"}})
    return True


def _busy(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.say(429, {"error": {"message": "slow down"}}, Retry_After="0.05")
    return True


def _cut(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.connection.close()
    return True


def _hang(handler: _Handler, request: dict[str, Any]) -> bool:
    time.sleep(1.0)
    handler.connection.close()
    return True


def _garbage(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.say(200, b"<html>hello</html>")
    return True


def _wrong_json(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.say(200, {"choices": []})
    return True


def _endless(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"100000\r\n" + b"[" * 0x100000 + b"\r\n")
    return True


def _compressed(handler: _Handler, request: dict[str, Any]) -> bool:
    body = gzip.compress(json.dumps(_completion("x" * 1_000_000)).encode())
    handler.say(200, body, Content_Encoding="gzip")
    return True


def _wrong_counts(handler: _Handler, request: dict[str, Any]) -> bool:
    handler.say(200, {**_completion("go east"), "usage": {"prompt_tokens": -1e300, "completion_tokens": "x"}})
    return True


_FAULTS: dict[str, Fault] = {
    "500": _broken,
    "429": _busy,
    "cut": _cut,
    "hang": _hang,
    "garbage": _garbage,
    "json": _wrong_json,
    "endless": _endless,
    "compressed": _compressed,
    "counts": _wrong_counts,
}


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS)
def test_server_agent__a_fault_in_passing_costs_nothing(
    fault: Fault, serve: Callable[[Fault], _Server]
) -> None:
    def first_time(handler: _Handler, request: dict[str, Any]) -> bool:
        return request["try"] == 1 and request["seed"] % 2 == 0 and fault(handler, request)

    server = serve(first_time)
    played = _play(server, timeout_s=0.5, retries=3)
    assert [t.error for t in played] == [None] * 4
    assert all(t.success and len(t.steps) == 5 for t in played)
    assert any(count > 1 for count in server.tries.values()), "no fault happened"


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS)
def test_server_agent__a_fault_that_stays_breaks_its_own_episode(
    fault: Fault, serve: Callable[[Fault], _Server]
) -> None:
    def at_the_third_turn(handler: _Handler, request: dict[str, Any]) -> bool:
        return len(request["messages"]) == 6 and request["seed"] == chosen and fault(handler, request)

    server = serve(_no_fault)
    _play(server)
    chosen = sorted(r["seed"] for r in server.requests if len(r["messages"]) == 6)[0]
    server.fault = at_the_third_turn
    played = _play(server, timeout_s=0.3, retries=1)
    broken = [t for t in played if t.error is not None]
    assert len(played) == 4
    assert len(broken) == 1
    assert broken[0].error is not None
    assert broken[0].error.startswith("agent: ")
    assert len(broken[0].steps) == 2
    assert sum(t.success for t in played) == 3


@pytest.mark.parametrize("headers", [{"x_ratelimit_reset_requests": "700ms"}, {"Retry_After": "0.7"}])
def test_server_agent__nobody_asks_a_server_that_is_full(
    headers: dict[str, str], serve: Callable[[Fault], _Server]
) -> None:
    arrived: list[float] = []
    refused: list[float] = []

    def full_once(handler: _Handler, request: dict[str, Any]) -> bool:
        arrived.append(time.monotonic())
        if not refused:
            refused.append(time.monotonic())
            handler.say(429, {"error": {"message": "slow down"}}, **headers)
            return True
        return False

    played = _play(serve(full_once), n=6, concurrency=1)
    assert all(t.success for t in played)
    assert len(arrived) == 6 * 5 + 1
    assert min(arrived[1:]) - refused[0] > 0.6, "somebody asked in the meantime"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_server_agent__what_no_episode_can_mend_stops_the_run(
    status: int, serve: Callable[[Fault], _Server]
) -> None:
    def refuse(handler: _Handler, request: dict[str, Any]) -> bool:
        handler.say(status, {"error": {"message": "you may not\x1b[31m"}})
        return True

    server = serve(refuse)
    with pytest.raises(ArgumentError, match="you may not") as caught:
        _play(server)
    assert "\x1b" not in str(caught.value)
    assert len(server.requests) <= 4, "it was tried again"


def test_server_agent__an_answer_that_is_no_text_is_an_action_like_any_other(
    serve: Callable[[Fault], _Server], tmp_path: Path
) -> None:
    def odd(handler: _Handler, request: dict[str, Any]) -> bool:
        handler.say(200, _completion("\ud800\x00 go east"))
        return True

    for played in _play(serve(odd), n=2, cache=str(tmp_path)):
        assert played.error is None
        assert not any(step.valid for step in played.steps)
        assert Trajectory.from_json(played.to_json()).steps == played.steps


def test_server_agent__asks_nothing_more_when_it_is_interrupted(serve: Callable[[Fault], _Server]) -> None:
    asked = threading.Event()

    def interrupt(handler: _Handler, request: dict[str, Any]) -> bool:
        if not asked.is_set():
            asked.set()
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        return False

    server = serve(interrupt)
    with pytest.raises(KeyboardInterrupt):
        _play(server, n=8, concurrency=1)
    time.sleep(1.0)
    assert len(server.requests) == 1


def test_server_agent__answers_that_are_kept_are_not_asked_for_again(
    serve: Callable[[Fault], _Server], tmp_path: Path
) -> None:
    server = serve(_no_fault)
    first = _play(server, cache=str(tmp_path))
    asked = len(server.requests)
    again = _play(server, cache=str(tmp_path))
    assert len(server.requests) == asked
    assert [t.without_timing() for t in again] == [t.without_timing() for t in first]
    for path in tmp_path.rglob("*.json"):
        path.write_text("{ half")
    assert [t.success for t in _play(server, cache=str(tmp_path))] == [True] * 4
    assert len(server.requests) == 2 * asked


def test_server_agent__refuses_a_place_that_is_none() -> None:
    for spec in ("openai:localhost:8000#m", "openai:http://127.0.0.1:1/v1"):
        with pytest.raises(ArgumentError, match="names no server and model"):
            make_agent(spec)
    with pytest.raises(ArgumentError, match="OPENAI_API_KEY"):
        make_agent("openai:http://127.0.0.1:1/v1#m", api_key="secret")
    with pytest.raises(ArgumentError, match="timeout_s"):
        make_agent("openai:http://127.0.0.1:1/v1#m", timeout_s=0)


def test_server_agent__offers_tools_and_writes_the_calls_as_an_action(
    serve: Callable[[Fault], _Server],
) -> None:
    seen: list[dict[str, Any]] = []

    def call(handler: _Handler, request: dict[str, Any]) -> bool:
        seen.append(request)
        name = request["tools"][0]["function"]["name"]
        tool = {"id": "a", "type": "function", "function": {"name": name, "arguments": "{}"}}
        handler.say(200, _completion(None, tool_calls=[tool]))
        return True

    server = serve(call)
    kwargs = {"action_format": "openai", "max_steps": 3}
    episodes = [Episode(0, "agentgym/CustomerService-v0", seed=0, env_kwargs=kwargs)]
    (played,) = collect(episodes, make_agent(server.spec, tools=True))
    assert played.error is None
    assert [json.loads(s.decision.action)[0]["function"]["arguments"] for s in played.steps] == ["{}"] * 3
    roles = [message["role"] for message in seen[-1]["messages"]]
    assert roles[0] == "system"
    assert "tool" in roles
    calls = [m["tool_calls"][0] for m in seen[-1]["messages"] if m.get("tool_calls")]
    assert all(isinstance(one["function"]["arguments"], str) for one in calls)
