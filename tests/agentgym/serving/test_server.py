from __future__ import annotations

import asyncio
import json
import math
import signal
import subprocess
import sys
import threading
from pathlib import Path

import jsonschema
import pytest

from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.serving import EnvServer, RemoteEnv, ServeSettings, protocol_schema
from agentgym.serving.sessions import BusyError, Session, Sessions
from tests.agentgym.serving.conftest import SMALL, Serve, ask

_TOKEN = "a-token-of-many-letters"


def test_answers__fit_the_schema_that_is_served(serve: Serve) -> None:
    url = serve(privileged=True)
    schema = ask(url, "GET", "/schema").told
    assert schema == protocol_schema()
    opened = ask(url, "POST", "/reset", {"seed": 1}).told
    session = opened["session"]
    found = {
        "Served": ask(url, "GET", "/info").told,
        "Tasks": ask(url, "GET", "/tasks?split=test&count=3").told,
        "ResetAnswer": opened,
        "StepAnswer": ask(url, "POST", "/step", {"action": "up"}, session=session).told,
        "State": ask(url, "GET", "/state", session=session).told,
        "Snapshot": ask(url, "POST", "/snapshot", {}, session=session).told,
        "StepRequest": ask(url, "POST", "/oracle", {}, session=session).told,
        "Closed": ask(url, "POST", "/close", {}, session=session).told,
        "Mistake": ask(url, "POST", "/step", {"action": "up"}, session=session).told,
    }
    for name, told in found.items():
        jsonschema.validate(told, {**schema, "$ref": f"#/$defs/{name}"})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found["State"], {**schema, "$ref": "#/$defs/StepAnswer"})


def test_schema__is_the_one_in_the_docs() -> None:
    page = Path(__file__).parents[3] / "docs" / "serve-protocol.json"
    assert json.loads(page.read_text("ascii")) == protocol_schema()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/reset", {"seed": "1"}),
        ("/reset", {"seed": True}),
        ("/reset", {"seed": -1}),
        ("/reset", {"level": 1}),
        ("/reset", {"l" * 100_000: 1}),
        ("/reset", b"{"),
        ("/reset", b"[" * 100_000),
        ("/step", {"action": 3}),
        ("/step", {}),
    ],
)
def test_server__refuses_a_malformed_request_and_goes_on(path: str, body: object, serve: Serve) -> None:
    url = serve()
    session = ask(url, "POST", "/reset", {"seed": 1}).told["session"]
    told = ask(url, "POST", path, body, session=session)
    assert 400 <= told.status < 500
    assert 0 < len(told.told["error"]["message"]) < 1000
    assert ask(url, "GET", "/state", session=session).told["turns"] == 0


def test_server__knows_a_session_by_its_name_alone(serve: Serve) -> None:
    url = serve()
    names = {ask(url, "POST", "/reset", {"seed": 1}).told["session"] for _ in range(5)}
    assert len(names) == 5
    assert all(len(name) >= 32 for name in names)
    assert ask(url, "POST", "/step", {"action": "up"}, session="guess").status == 409
    assert ask(url, "POST", "/step", {"action": "up"}).status == 422


def test_server__limits_sessions_and_gives_a_closed_ones_place_to_another(serve: Serve) -> None:
    url = serve(sessions=2)
    first, _ = (ask(url, "POST", "/reset", {}).told["session"] for _ in range(2))
    full = ask(url, "POST", "/reset", {})
    assert (full.status, full.told["error"]["kind"]) == (503, "AgentGymError")
    ask(url, "POST", "/close", {}, session=first)
    assert ask(url, "POST", "/reset", {}).status == 200


def test_server__a_reset_that_fails_leaves_no_session(serve: Serve) -> None:
    url = serve(sessions=1)
    assert ask(url, "POST", "/reset", {"task": "none"}).status == 400
    assert ask(url, "GET", "/info").told["open_sessions"] == 0


def test_server__closes_idle_sessions(serve: Serve) -> None:
    url = serve(sessions=1, idle_s=0.01)
    session = ask(url, "POST", "/reset", {}).told["session"]
    threading.Event().wait(0.05)
    assert ask(url, "GET", "/state", session=session).status == 409
    assert ask(url, "POST", "/reset", {}).status == 200


def test_server__limits_bodies(serve: Serve) -> None:
    url = serve(most_bytes=1000)
    session = ask(url, "POST", "/reset", {}).told["session"]
    assert ask(url, "POST", "/step", {"action": "x" * 900}, session=session).status == 200
    assert ask(url, "POST", "/step", {"action": "x" * 1000}, session=session).status == 413
    chunked = {"Transfer-Encoding": "chunked"}
    body = b"3e8\r\n" + b"x" * 1000 + b"\r\n3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n"
    assert ask(url, "POST", "/step", body, session=session, headers=chunked).status == 413


def test_server__wants_its_token(serve: Serve) -> None:
    url = serve(token=_TOKEN)
    assert ask(url, "POST", "/reset", {}).status == 401
    assert ask(url, "GET", "/info", headers={"Authorization": "Bearer wrong"}).status == 401
    assert ask(url, "GET", "/info", headers={"Authorization": f"Bearer {_TOKEN}"}).status == 200
    env = RemoteEnv(url, token=_TOKEN)
    assert env.reset(seed=1)[0]
    env.close()
    with pytest.raises(ArgumentError, match="token"):
        RemoteEnv(url)


def test_server__turns_pages_of_browsers_away(serve: Serve) -> None:
    url = serve()
    assert ask(url, "POST", "/reset", b"{}", headers={"Content-Type": "text/plain"}).status == 415
    assert ask(url, "POST", "/reset", {}, headers={"Host": "evil.example"}).status == 421


def test_server__tells_hidden_state_only_where_it_is_privileged(serve: Serve) -> None:
    url = serve()
    session = ask(url, "POST", "/reset", {}).told["session"]
    for path, body in (("/snapshot", {}), ("/oracle", {}), ("/restore", {"snapshot": "{}"})):
        assert ask(url, "POST", path, body, session=session).status == 403


def test_session__answers_one_request_at_a_time() -> None:
    async def ask_twice() -> None:
        session = Session(SMALL, {})
        await session.open()
        goes_on = threading.Event()
        first = asyncio.create_task(session.call(goes_on.wait))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="one request at a time"):
            await session.call(session.env.reset)
        goes_on.set()
        assert await first
        assert (await session.call(session.env.reset))[0]
        session.close()

    asyncio.run(ask_twice())


def test_sessions__one_that_answers_does_not_hold_up_another() -> None:
    async def ask_both() -> None:
        sessions = Sessions(SMALL, {}, limit=2, idle_s=60)
        one, other = await sessions.open(), await sessions.open()
        goes_on = threading.Event()
        waiting = asyncio.create_task(one.call(goes_on.wait))
        assert (await other.call(other.env.reset, seed=1))[0]
        goes_on.set()
        await waiting
        sessions.close_all()
        assert len(sessions) == 0

    asyncio.run(ask_both())


def test_settings__refuse_what_is_not_safe() -> None:
    with pytest.raises(ArgumentError, match="Others can reach"):
        ServeSettings(SMALL, host="0.0.0.0")
    with pytest.raises(ArgumentError, match="at least 16"):
        ServeSettings(SMALL, token="short")
    for idle_s in (0, math.inf, math.nan):
        with pytest.raises(ArgumentError, match=r"`idle_s`.*finite"):
            ServeSettings(SMALL, idle_s=idle_s)
    with pytest.raises(ArgumentError, match="sessions"):
        ServeSettings(SMALL, sessions=0)
    assert ServeSettings(SMALL, host="0.0.0.0", token=_TOKEN).token


def test_server__says_what_it_cannot_serve() -> None:
    with pytest.raises(UnknownNameError, match="SokobanSmall"):
        EnvServer(ServeSettings("agentgym/SokobanSmal-v0"))
    with pytest.raises(ArgumentError, match="boxes"):
        EnvServer(ServeSettings(SMALL, {"boxes": 0}))
    with EnvServer(ServeSettings(SMALL)) as running, pytest.raises(ArgumentError, match="Nothing can listen"):
        EnvServer(ServeSettings(SMALL, port=int(running.url.rpartition(":")[2])))


def test_command__serves_until_an_interrupt() -> None:
    command = [
        sys.executable,
        "-m",
        "agentgym",
        "serve",
        "SokobanSmall-v0",
        "--port",
        "0",
        "--option",
        "boxes=2",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        env = RemoteEnv(line.split()[2], timeout_s=600)
        assert env.served.env_options == {"boxes": 2}
        assert env.reset(seed=1)[1]["extra"]["boxes"] == 2
        env.close()
        process.send_signal(signal.SIGINT)
        assert process.wait() in (0, -signal.SIGINT, 130)
