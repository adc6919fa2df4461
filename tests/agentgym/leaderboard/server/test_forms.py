"""Forms of people: sessions that nobody forges or plants, and forms that no other site can send."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentgym.leaderboard.server import Settings
from agentgym.leaderboard.server.signing import Signer
from tests.agentgym.leaderboard.server.boards import FRAME, Board, form_token, served

FILE = {"file": ("run.jsonl.zst", FRAME, "application/zstd")}


def _send(browser: httpx.Client, token: str | None, **request: Any) -> httpx.Response:
    data: Mapping[str, str] = {} if token is None else {"form_token": token}
    return browser.post("/upload", data=data, files=FILE, **request)


def test_login__opens_a_session_that_no_script_or_other_site_can_use(board: Board) -> None:
    browser = board.browser()
    page = browser.get("/login")
    guest = page.headers["set-cookie"]
    secret = board.store.tokens.new("anna", "submitter")[1]
    fields = {"form_token": form_token(page.text), "secret": secret}
    answer = browser.post("/login", data=fields, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/upload")
    for given in (guest, cookie):
        assert "httponly" in given.lower() and "samesite=strict" in given.lower()
        assert secret not in given
    assert cookie.partition(";")[0] != guest.partition(";")[0]  # a session that was planted does not live on
    assert "anna" in browser.get("/upload").text


def test_login__refuses_what_is_no_token(board: Board) -> None:
    browser = board.browser()
    fields = {"form_token": form_token(browser.get("/login").text), "secret": "agentgym_no"}
    answer = browser.post("/login", data=fields)
    assert answer.status_code == 403 and "There is no such token" in answer.text
    assert browser.get("/upload").url.path == "/login"


def test_login__needs_the_form_of_this_browser(board: Board) -> None:
    secret = board.store.tokens.new("mallory", "submitter")[1]
    foreign = form_token(board.browser().get("/login").text)
    victim = board.browser()
    victim.get("/login")
    for token in (foreign, "", "x"):
        assert victim.post("/login", data={"form_token": token, "secret": secret}).status_code == 403
    assert board.browser().post("/login", data={"form_token": foreign, "secret": secret}).status_code == 403
    assert victim.get("/upload").url.path == "/login"


def test_form__takes_nothing_that_was_not_made_for_its_session(board: Board) -> None:
    anna, mallory = board.browser("submitter", "anna"), board.browser("submitter", "mallory")
    foreign = form_token(mallory.get("/upload").text)
    own = form_token(anna.get("/upload").text)
    for token in (None, "", "x" * 10_000, foreign):
        assert _send(anna, token).status_code == 403
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": f"https://evil.example/{board.url}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert _send(anna, own, headers=headers).status_code == 403
        fields = {"form_token": own}
        assert anna.post("/logout", data=fields, headers=headers).status_code == 403
    assert board.store.uploads.count() == 0
    assert _send(anna, own, headers={"Origin": board.url}).status_code == 200
    assert board.store.uploads.count(owner="anna") == 1


def test_upload__goes_from_the_form_to_the_queue_and_back(board: Board) -> None:
    anna = board.browser("submitter", "anna")
    page = _send(anna, form_token(anna.get("/upload").text))
    number = int(page.url.path.rpartition("/")[2])
    assert "It waits for its turn" in page.text and page.headers["refresh"] == "3"
    assert b"".join(board.store.uploads.read(number)) == FRAME
    assert f">{number}</a>" in anna.get("/upload").text
    bert = board.browser("submitter", "bert")
    assert bert.get(f"/uploads/{number}").status_code == 404
    token = form_token(bert.get("/upload").text)
    assert bert.post(f"/uploads/{number}/cancel", data={"form_token": token}).status_code == 404
    cancelled = anna.post(f"/uploads/{number}/cancel", data={"form_token": form_token(page.text)})
    assert "You took it back" in cancelled.text and "refresh" not in cancelled.headers
    again = anna.post(f"/uploads/{number}/cancel", data={"form_token": form_token(page.text)})
    assert again.status_code == 409


@pytest.mark.parametrize(
    "files", [{}, {"file": ("a.zst", b"", "application/zstd")}, {"file": (None, "text")}]
)
def test_upload__needs_a_file(board: Board, files: Any) -> None:
    anna = board.browser("submitter")
    token = form_token(anna.get("/upload").text)
    assert anna.post("/upload", data={"form_token": token}, files=files).status_code in (400, 422)
    assert board.store.uploads.count() == 0


def test_session__ends_with_the_logout_and_with_its_token(board: Board) -> None:
    anna = board.browser("submitter")
    assert anna.post("/logout", data={"form_token": form_token(anna.get("/upload").text)}).status_code == 200
    assert anna.get("/upload").url.path == "/login"
    bert = board.browser("submitter", "bert")
    board.store.tokens.revoke(max(token.id for token in board.store.tokens.all()))
    assert bert.get("/upload").url.path == "/login"


def test_session__of_a_reader_uploads_nothing(board: Board) -> None:
    browser = board.browser()
    secret = board.store.tokens.new("rita", "reader")[1]
    fields = {"form_token": form_token(browser.get("/login").text), "secret": secret}
    assert browser.post("/login", data=fields).status_code == 403
    assert board.store.uploads.count() == 0


def test_cookie__that_was_changed_is_worth_nothing(board: Board) -> None:
    anna = board.browser("submitter")
    cookie = anna.cookies["agentgym"]
    number, until, nonce, signature = cookie.split(".")
    for forged in (
        f"{int(number) + 1}.{until}.{nonce}.{signature}",
        f"{number}.{int(until) + 9}.{nonce}.{signature}",
        f"{number}.{until}.{nonce}.{signature[:-1]}",
        f"{number}.{until}.{nonce}.",
        signature,
        "." * 100,
        Signer().open_session(int(number), 60)[1],
    ):
        answer = httpx.get(f"{board.url}/upload", headers={"Cookie": f"agentgym={forged}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_session__is_over_in_time() -> None:
    now = [1000.0]
    signer = Signer(clock=lambda: now[0])
    session, cookie = signer.open_session(7, 60)
    assert signer.read_session(cookie) == session
    now[0] += 60
    assert signer.read_session(cookie) is None


def test_private_board__is_read_by_those_who_have_a_token(tmp_path: Path) -> None:
    with served(tmp_path, Settings(private=True)) as board:
        stranger = board.browser()
        for path in ("/", "/environments", "/suites/x", "/entries/1", "/compare/1/2"):
            assert stranger.get(path).url.path == "/login"
        assert stranger.get("/api/v1/suites").status_code == 401
        assert stranger.get("/api/v1/about").json()["private"] is True
        assert board.caller("reader").get("/api/v1/suites").json() == []
        assert board.browser("submitter").get("/").url.path == "/"


def test_https__makes_cookies_that_travel_by_nothing_else(tmp_path: Path) -> None:
    with served(tmp_path, Settings(https=True)) as board:
        answer = board.browser().get("/login")
        assert answer.headers["set-cookie"].startswith("__Host-agentgym=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "max-age" in answer.headers["strict-transport-security"]
