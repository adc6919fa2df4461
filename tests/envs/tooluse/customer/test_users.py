from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import AgentGymError, ArgumentError, DataError
from envs.tooluse.customer.env import CustomerServiceEnv
from envs.tooluse.customer.task import Script
from envs.tooluse.customer.tau.script import script_of
from envs.tooluse.customer.users import STOP, ScriptedUser, TicketUser

SCRIPT = Script(
    "Hello. I want to return a lamp.",
    {
        "email": "My email is a@b.c.",
        "name": "My name is Ada Abel.",
        "zip": "My postcode is 1.",
        "order": "It is A1.",
    },
    ("It is too bright.", "Refund my card."),
)


class Server:
    """A model that answers with the number of messages, or leaves when it is told that all is done."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.broken = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                last = body["messages"][-1]["content"]
                text = STOP if "done" in last else f"I have heard {len(body['messages'])} messages."
                answer = b"nonsense" if outer.broken else json.dumps(_completion(text)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.spec = f"openai:http://127.0.0.1:{self._server.server_port}/v1#tiny"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _completion(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_ticket__says_all_then_yes_then_leaves_when_nothing_is_done() -> None:
    user = TicketUser("I am Ada. Return it.")
    assert user.opening() == "I am Ada. Return it."
    assert user.answer("Shall I?") == "Yes, please proceed."
    user.notice_call()
    assert user.answer("Done.") == "Yes, please proceed."
    assert user.answer("Bye.") == STOP


def test_scripted__answers_what_is_asked_and_tells_the_rest() -> None:
    user = ScriptedUser(SCRIPT, 0)
    assert user.opening() == SCRIPT.opening
    assert user.answer("What is your email, or your name and postcode?") == (
        "My email is a@b.c. My postcode is 1. My name is Ada Abel."
    )
    assert user.answer("Which order is it?") == "It is A1."
    assert user.answer("I see.") == "It is too bright."
    assert user.answer("I will take it back. Do you agree?").startswith("Yes")
    assert user.answer("What else?") == "Refund my card."
    assert STOP not in user.answer("Done.")
    assert user.answer("Goodbye.") == STOP


def test_scripted__says_yes_to_what_is_to_be_confirmed_but_not_to_a_choice() -> None:
    said = {
        "Do you confirm (yes/no)?": True,
        "I will refund it. Shall I proceed?": True,
        "Which of them shall I take?": False,
        "It is confirmed.": False,
    }
    for reply, yes in said.items():
        assert ScriptedUser(SCRIPT, 0).answer(reply).startswith("Yes") is yes, reply


@pytest.mark.parametrize(
    ("instruction", "opening", "rest"),
    [
        ("You are Ada Abel in 11111. You want a lamp. It is for you.", "I want a lamp.", ("It is for me.",)),
        (
            "Your name is Ada Abel and your zip code is 11111. You are shy. Cancel #W1 because it is late.",
            "Cancel #W1 because it is late.",
            (),
        ),
        (
            "Your user id is ada_abel_1, and you'd like your money. You are reactive to the agent and wait.",
            "My user id is ada_abel_1, and I'd like my money.",
            (),
        ),
        ("You are Ada Abel in 11111.", "I am Ada Abel in 11111.", ()),
    ],
)
def test_script_of__tells_wishes_and_keeps_the_rest_for_questions(
    instruction: str, opening: str, rest: tuple[str, ...]
) -> None:
    user = {"name": {"first_name": "Ada", "last_name": "Abel"}, "email": "a@b.c", "address": {"zip": "11111"}}
    script = script_of(instruction, "ada_abel_1", user)
    assert script.opening == f"Hi! {opening}"
    assert script.sentences == rest
    assert script.answers["zip"] == "My zip code is 11111."
    if "#W1" in instruction:
        assert script.answers["order"] == script.answers["reason"] == "Cancel #W1 because it is late."


def test_scripted__is_not_kept_by_a_question_that_is_asked_again_and_again() -> None:
    user = ScriptedUser(SCRIPT, 1)
    said = [user.answer("What is your email?") for _ in range(5)]
    assert said[0] == "My email is a@b.c."
    assert said[-1] == STOP


def test_scripted__answers_the_same_question_again_after_a_call() -> None:
    user = ScriptedUser(SCRIPT, 0)
    first = user.answer("Shall I proceed?")
    user.notice_call()
    assert user.answer("Shall I proceed?") == first


def test_scripted__goes_on_from_what_was_saved() -> None:
    one, other = ScriptedUser(SCRIPT, 5), ScriptedUser(SCRIPT, 0)
    one.answer("Hm.")
    other.load(json.loads(json.dumps(one.save())))
    assert other.save() == one.save()
    assert other.answer("And?") == one.answer("And?")
    for broken in ({**one.save(), "told": 9}, {**one.save(), "idle": -1}, {**one.save(), "heard": ["x"]}):
        with pytest.raises(DataError):
            other.load(broken)
    assert other.save() == one.save()


def test_scripted__wording_depends_on_the_seed_alone() -> None:
    for seed in (3, 4):
        said = {ScriptedUser(SCRIPT, seed).answer("Shall I proceed?") for _ in range(3)}
        assert len(said) == 1


def test_model_user__talks_through_a_server_and_remembers(server: Server, tmp_path: Path) -> None:
    def episode() -> list[str]:
        env = CustomerServiceEnv(user=server.spec, user_cache=tmp_path)
        said = [env.reset(seed=0, options={"task": "train/cancel/0"})[0]]
        frozen = None
        for text in ("What is your email?", "It is done."):
            said.append(env.step(text)[0])
            frozen = frozen or env.snapshot()
        twin = CustomerServiceEnv(user=server.spec, user_cache=tmp_path)
        assert frozen is not None
        twin.restore(frozen)
        observation, _, terminated, _, _ = twin.step("It is done.")
        assert observation == said[-1] and terminated
        return said

    first = episode()
    assert first == ["I have heard 2 messages.", "I have heard 4 messages.", STOP]
    assert len(server.asked) == 3
    assert "cancel order" in server.asked[0]["messages"][0]["content"]
    assert episode() == first
    assert len(server.asked) == 3, "what was asked once is read from the cache"


def test_model_user__nonsense_and_silence_are_errors_that_say_what_to_do(
    server: Server, tmp_path: Path
) -> None:
    server.broken = True
    with pytest.raises(AgentGymError, match="user='scripted'"):
        CustomerServiceEnv(user=server.spec, user_cache=tmp_path).reset(seed=0)
    assert not list(tmp_path.iterdir())
    with pytest.raises(AgentGymError, match="gave no answer"):
        CustomerServiceEnv(user="openai:http://127.0.0.1:1/v1#x").reset(seed=0)


def test_model_user__a_server_that_speaks_no_http_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            for _ in range(3):
                with listening.accept()[0] as connection:
                    connection.recv(1 << 16)
                    connection.sendall(b"rubbish\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(AgentGymError, match="gave no answer"):
            CustomerServiceEnv(user=f"openai:http://127.0.0.1:{listening.getsockname()[1]}#x").reset(seed=0)
        thread.join()


def test_model_user__a_broken_cache_file_is_named(server: Server, tmp_path: Path) -> None:
    CustomerServiceEnv(user=server.spec, user_cache=tmp_path).reset(seed=0)
    (path,) = tmp_path.iterdir()
    path.write_text("{}")
    with pytest.raises(DataError, match=path.name):
        CustomerServiceEnv(user=server.spec, user_cache=tmp_path).reset(seed=0)


def test_user__other_specs_are_refused(tmp_path: Path) -> None:
    for user in ("script", "openai:localhost#x", "openai:http://localhost"):
        with pytest.raises(ArgumentError, match="ticket"):
            CustomerServiceEnv(user=user)
    with pytest.raises(ArgumentError, match="user_cache"):
        CustomerServiceEnv(user="ticket", user_cache=tmp_path)
