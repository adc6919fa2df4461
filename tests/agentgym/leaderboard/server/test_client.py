"""The client and the commands of those who submit and of those who run a board."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from agentgym.errors import ArgumentError, ServerError
from agentgym.leaderboard import open_store
from agentgym.leaderboard.client import Client, read_token
from agentgym.leaderboard.server import Rate, Server, Settings, is_loopback, make_app
from tests.agentgym.leaderboard.server.boards import FRAME, Board, served
from tests.agentgym.leaderboard.server.commands import command, running

Make = Callable[[int], bytes]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl.zst"
    path.write_bytes(FRAME)
    return path


def test_client__comes_again_when_it_is_told_to(tmp_path: Path, file: Path) -> None:
    pauses: list[float] = []
    with served(tmp_path, Settings(per_address=Rate(1, 0.001))) as board:
        secret = board.store.tokens.new("anna", "submitter")[1]
        with pytest.raises(ServerError, match="Too many requests"):
            Client(board.url, secret, pause=pauses.append).submit(file)
    assert len(pauses) >= 19 and set(pauses) == {300.0}


def test_client__sends_nothing_that_is_too_large(tmp_path: Path, file: Path) -> None:
    with served(tmp_path, Settings(most_bytes=10)) as board:
        client = Client(board.url, board.store.tokens.new("anna", "submitter")[1])
        with pytest.raises(ArgumentError, match=r"has 64 bytes; this board takes at most 10"):
            client.submit(file)


def test_client__says_why_it_is_refused(board: Board, file: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="401: This needs a token that holds"):
        Client(board.url, "agentgym_none").submit(file)
    with pytest.raises(ServerError, match="403: This needs the role submitter"):
        Client(board.url, board.store.tokens.new("rita", "reader")[1]).submit(file)
    (tmp_path / "text").write_text("no submission")
    with pytest.raises(ServerError, match="422: The body is no Zstandard file"):
        Client(board.url, board.store.tokens.new("anna", "submitter")[1]).submit(tmp_path / "text")


def test_client__says_that_nobody_is_there(file: Path) -> None:
    with pytest.raises(ServerError, match="cannot be reached"):
        Client("http://127.0.0.1:1", "agentgym_x").submit(file)


@pytest.mark.parametrize("url", ["board.example.org", "ftp://x", "http://", "http://x?y=1", "https:///x"])
def test_client__refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(ArgumentError):
        Client(url, "agentgym_x")


def test_client__sends_no_token_unencrypted_over_a_network() -> None:
    with pytest.raises(ArgumentError, match="unencrypted"):
        Client("http://board.example.org", "agentgym_x")
    Client("https://board.example.org/boards", "agentgym_x")


def test_read_token__takes_file_or_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENTGYM_TOKEN", raising=False)
    with pytest.raises(ArgumentError, match="AGENTGYM_TOKEN"):
        read_token()
    monkeypatch.setenv("AGENTGYM_TOKEN", "agentgym_e")
    (tmp_path / "token").write_text("agentgym_f\n")
    assert (read_token(), read_token(tmp_path / "token")) == ("agentgym_e", "agentgym_f")


def test_server__says_that_its_port_is_taken(board: Board) -> None:
    port = int(board.url.rpartition(":")[2])
    with pytest.raises(ArgumentError, match="Nothing can listen"):
        Server(make_app(board.store), port=port)
    with pytest.raises(ArgumentError, match="65535"):
        Server(make_app(board.store), port=70_000)


def test_is_loopback__knows_this_machine_alone() -> None:
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    assert not is_loopback("0.0.0.0") and not is_loopback("::") and not is_loopback("10.0.0.1")


@pytest.mark.slow
def test_commands__lead_from_a_token_to_a_verdict(tmp_path: Path, submission: Make) -> None:
    path, run = tmp_path / "board.sqlite", tmp_path / "run.jsonl.zst"
    run.write_bytes(submission(0))
    made = command("token", "new", "anna", "--store", str(path))
    token = tmp_path / "anna.token"
    token.write_text(made.stdout)
    with running(path, "--workers", "1") as server:
        words = ("submit", str(run), "--to", server.url, "--token-file", str(token))
        first, second = command(*words), command(*words)
    assert (first.returncode, second.returncode) == (0, 1), first.stderr
    assert "Accepted: all episodes reproduce; it is number 1 there." in first.stdout
    assert re.search("Rejected: .*already submitted", second.stdout)
    assert made.stdout.strip() not in made.stderr + first.stdout + first.stderr
    listed = json.loads(command("token", "list", "--json", "--store", str(path)).stdout)
    assert [(token["owner"], token["role"]) for token in listed] == [("anna", "submitter")]
    assert command("token", "revoke", "1", "--store", str(path)).returncode == 0
    assert command("token", "revoke", "2", "--store", str(path)).returncode == 2
    store = open_store(str(path))
    assert store.tokens.find(made.stdout.strip()) is None
    store.close()


@pytest.mark.slow
def test_serve__warns_where_others_can_reach_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ("--host", "0.0.0.0", "--workers", "0")
    with running(tmp_path / "board.sqlite", *words, "--name", "board.example.org") as server:
        there = f"http://127.0.0.1:{server.port}/api/v1/about"
        assert httpx.get(there, headers={"Host": "board.example.org"}).status_code == 200
        assert httpx.get(there, headers={"Host": "evil.example"}).status_code == 400
    assert "tokens travel unencrypted" in capfd.readouterr().err
    nameless = command("serve", *words)
    assert nameless.returncode == 2 and "--name" in nameless.stderr
