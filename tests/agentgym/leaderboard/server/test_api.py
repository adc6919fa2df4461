"""The API: who may do what, and what the answers say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentgym.leaderboard import Submission, open_store
from agentgym.leaderboard.server import Server, make_app
from agentgym.leaderboard.tokens import ROLES, Role
from tests.agentgym.leaderboard.server.boards import API, FRAME, Board
from tests.agentgym.leaderboard.store.making import numbered

ZSTD = {"Content-Type": "application/zstd"}
ACTS: dict[tuple[str, str], tuple[Role, int, dict[str, Any]]] = {
    ("GET", "/uploads"): ("submitter", 200, {}),
    ("GET", "/uploads/1"): ("submitter", 200, {}),
    ("POST", "/uploads"): ("submitter", 202, {"content": FRAME, "headers": ZSTD}),
    ("DELETE", "/uploads/1"): ("submitter", 200, {}),
    ("PUT", "/entries/1/status"): ("moderator", 200, {"json": {"status": "flagged", "reason": "odd"}}),
    ("GET", "/tokens"): ("admin", 200, {}),
    ("POST", "/tokens"): ("admin", 201, {"json": {"owner": "bert", "role": "reader"}}),
    ("DELETE", "/tokens/1"): ("admin", 200, {}),
}
"""What only some may do: who at least, and the status of success."""


def _upload(caller: httpx.Client, content: bytes = FRAME) -> httpx.Response:
    return caller.post(f"{API}/uploads", content=content, headers=ZSTD)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_api__lets_each_role_do_what_it_may(
    board: Board, make: Callable[..., Submission], role: Role | None
) -> None:
    board.store.add(make())
    _upload(board.caller("submitter"))
    caller = board.caller(role)
    for (method, path), (least, good, request) in ACTS.items():
        answer = caller.request(method, API + path, **request)
        if role is None:
            assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
        else:
            may = ROLES.index(role) >= ROLES.index(least)
            assert answer.status_code == (good if may else 403), (method, path)


def test_api__tells_no_one_of_uploads_of_others(board: Board) -> None:
    anna, bert = board.caller("submitter", "anna"), board.caller("submitter", "bert")
    number = _upload(anna).json()["id"]
    assert bert.get(f"{API}/uploads/{number}").status_code == 404
    assert bert.delete(f"{API}/uploads/{number}").status_code == 404
    assert bert.get(f"{API}/uploads").json() == []
    assert board.caller("moderator", "mo").get(f"{API}/uploads/{number}").json()["owner"] == "anna"


def test_upload__waits_and_can_be_taken_back_once(board: Board) -> None:
    anna = board.caller("submitter")
    sent = _upload(anna).json()
    assert (sent["status"], sent["size"]) == ("waiting", len(FRAME))
    where = f"{API}/uploads/{sent['id']}"
    assert anna.get(where).json() == sent
    assert anna.delete(where).json()["status"] == "cancelled"
    assert anna.delete(where).status_code == 409
    assert board.store.uploads.claim("w", lease_s=60) is None


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/zstd", 422),
        (b"\x28\xb5", "application/zstd", 422),
        (b"PK\x03\x04" + FRAME, "application/zstd", 422),
        (FRAME, "multipart/form-data", 415),
        (FRAME, "", 415),
    ],
)
def test_upload__refuses_what_is_no_zstandard_file(
    board: Board, content: bytes, kind: str, status: int
) -> None:
    answer = board.caller("submitter").post(f"{API}/uploads", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert board.store.uploads.count() == 0


def test_board__is_paged_sorted_and_filtered(board: Board, make: Callable[..., Submission]) -> None:
    for number in range(7):
        board.store.add(numbered(make(), number))
    caller, suite = board.caller(), make().suite.hash
    where = f"{API}/suites/{suite}/entries"
    rows = caller.get(where, params={"sort": "name", "descending": True, "offset": 2, "limit": 3}).json()
    assert rows["total"] == 7
    assert [row["name"] for row in rows["rows"]] == ["entry 4", "entry 3", "entry 2"]
    assert caller.get(where, params={"text": "RY 5"}).json()["total"] == 1
    assert caller.get(where, params={"limit": 1001}).status_code == 422
    assert caller.get(f"{API}/suites").json()[0]["entries"] == 7


def test_entry__is_told_whole_and_its_file_comes_back(board: Board, make: Callable[..., Submission]) -> None:
    submission = make()
    assert submission.bundle is not None
    number, caller = board.store.add(submission, owner="anna"), board.caller()
    told = caller.get(f"{API}/entries/{number}").json()
    assert told["summary"]["owner"] == "anna"
    assert told["header"]["agent"]["spec"] == submission.agent
    assert caller.get(f"{API}/entries/{number}/file").content == submission.bundle.to_bytes()
    episodes = caller.get(f"{API}/entries/{number}/episodes", params={"offset": 1, "limit": 2}).json()
    assert [episode["number"] for episode in episodes] == [1, 2]
    played = caller.get(f"{API}/entries/{number}/episodes/3")
    assert played.text == board.store.trajectory(number, 3).to_json()  # which holds no control character
    for path in ("entries/99", "entries/99/file", "entries/99/episodes", f"entries/{number}/episodes/9999"):
        assert caller.get(f"{API}/{path}").status_code == 404


def test_compare__pairs_two_entries_of_one_suite(board: Board, make: Callable[..., Submission]) -> None:
    one, two = board.store.add(make("wanderer:1")), board.store.add(make("wanderer:2"))
    caller = board.caller()
    there = caller.get(f"{API}/compare", params={"a": one, "b": two}).json()
    back = caller.get(f"{API}/compare", params={"a": two, "b": one}).json()
    assert there["success"]["value"] == -back["success"]["value"] != 0
    assert caller.get(f"{API}/compare", params={"a": one, "b": 99}).status_code == 404


def test_moderation__takes_a_place_and_gives_it_back(board: Board, make: Callable[..., Submission]) -> None:
    number, mo = board.store.add(make()), board.caller("moderator", "mo")
    where = f"{API}/entries/{number}/status"
    ruled = mo.put(where, json={"status": "withdrawn", "reason": "asked by its author"}).json()
    assert (ruled["status"], ruled["place"]) == ("withdrawn", None)
    assert ruled["reason"] == "asked by its author (mo)"
    assert mo.put(where, json={"status": "verified", "reason": "all is well"}).json()["place"] == 1
    board.store.set_status(number, "failed", "it does not reproduce")
    assert mo.put(where, json={"status": "verified", "reason": "I say so"}).status_code == 409
    assert mo.put(f"{API}/entries/99/status", json={"status": "flagged", "reason": "x"}).status_code == 404


def test_tokens__are_shown_once_and_end_when_revoked(board: Board) -> None:
    admin = board.caller("admin", "root")
    made = admin.post(f"{API}/tokens", json={"owner": "bert", "role": "submitter", "days": 1}).json()
    bert = board.holder(made["secret"])
    assert bert.get(f"{API}/uploads").status_code == 200
    listed = admin.get(f"{API}/tokens").text
    assert made["secret"] not in listed and '"bert"' in listed
    assert made["secret"].encode() not in (board.store_bytes())
    admin.delete(f"{API}/tokens/{made['token']['id']}")
    assert bert.get(f"{API}/uploads").status_code == 401
    assert admin.delete(f"{API}/tokens/99").status_code == 404


@pytest.mark.parametrize("secret", ["x", "agentgym_" + "A" * 43, "Basic YTpi", "\x7f", "a" * 5000])
def test_token__that_is_none_opens_nothing(board: Board, secret: str) -> None:
    assert board.holder(secret).get(f"{API}/uploads").status_code == 401


def test_store__that_does_not_answer_is_told_as_such(board: Board) -> None:
    caller, browser = board.caller("submitter"), board.browser("submitter")
    with sqlite3.connect(board.store.address) as database:
        database.execute("ALTER TABLE tokens RENAME TO lost")
    database.close()
    for answer in (caller.get(f"{API}/uploads"), browser.get("/upload")):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "lost" not in answer.text and "SELECT" not in answer.text


def test_mistake_of_ours__is_told_without_its_details(tmp_path: Path) -> None:
    def break_down() -> None:
        raise RuntimeError("the secret of the house")

    store = open_store(str(tmp_path / "board.sqlite"))
    app = make_app(store)
    for path in (f"{API}/broken", "/broken"):
        app.add_api_route(path, break_down)
    server = Server(app)
    server.start()
    for path in (f"{API}/broken", "/broken"):
        answer = httpx.get(server.url + path)
        assert answer.status_code == 500 and "secret" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    server.close()
    store.close()
