"""Rates and sizes: who comes too often or brings too much is refused, and takes no memory."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError
from agentgym.leaderboard import open_store
from agentgym.leaderboard.server import Rate, Settings
from agentgym.leaderboard.server.rates import Buckets, address_key
from tests.agentgym.leaderboard.server.boards import API, FRAME, LAVISH, served
from tests.agentgym.leaderboard.server.commands import running

ZSTD = {"Content-Type": "application/zstd"}
MOST = 200_000


def _settings(**changes: object) -> Settings:
    return Settings(**{"per_address": LAVISH, "per_token": LAVISH, "most_bytes": MOST, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("chunked", [False, True])
def test_upload__that_is_too_long_is_refused(tmp_path: Path, chunked: bool) -> None:
    def pieces(size: int) -> Iterator[bytes]:
        yield FRAME
        yield from (b"x" * 1000 for _ in range((size - len(FRAME)) // 1000))

    with served(tmp_path, _settings()) as board:
        caller = board.caller("submitter")
        for size, status in ((MOST - 1000, 202), (MOST + 50_000, 413)):
            content = pieces(size) if chunked else b"".join(pieces(size))
            try:
                assert caller.post(f"{API}/uploads", content=content, headers=ZSTD).status_code == status
            except (httpx.ReadError, httpx.WriteError):  # closed before we had sent all and looked
                assert status == 413
        assert board.store.uploads.count() == 1


def test_upload__whose_declared_length_is_a_lie_is_refused(tmp_path: Path) -> None:
    with served(tmp_path, _settings()) as board:
        head = f"POST {API}/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/zstd\r\n"
        for length in ("99999999999999999999999", "-1", "12x", "1e9"):
            with socket.create_connection(("127.0.0.1", httpx.URL(board.url).port or 0)) as plain:
                plain.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
                assert plain.recv(1000).split()[1] in (b"400", b"413")


def test_body__of_two_lengths_is_refused(tmp_path: Path) -> None:
    with served(tmp_path, _settings()) as board:
        secret = board.store.tokens.new("anna", "submitter")[1]
        head = (
            f"POST {API}/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/zstd\r\n"
            f"Authorization: Bearer {secret}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", httpx.URL(board.url).port or 0)) as plain:
            plain.sendall(head.encode() + b"40\r\n" + FRAME + b"\r\n0\r\n\r\n")
            assert plain.recv(1000).split()[1] == b"400"
        assert board.store.uploads.count() == 0


def test_upload__for_which_there_is_no_room_may_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, _settings()) as board:
        caller = board.caller("submitter")
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
            answer = caller.post(f"{API}/uploads", content=FRAME, headers=ZSTD)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "gone" not in answer.text
        assert caller.post(f"{API}/uploads", content=FRAME, headers=ZSTD).status_code == 202


def test_body__of_anything_but_an_upload_is_short(tmp_path: Path) -> None:
    with served(tmp_path, _settings()) as board:
        admin, browser = board.caller("admin"), board.browser()
        assert admin.post(f"{API}/tokens", content=b" " * 70_000).status_code == 413
        assert browser.post("/login", data={"secret": "x" * 70_000}).status_code == 413
        assert admin.post(
            f"{API}/tokens", content=b"[" * 60_000, headers={"Content-Type": "application/json"}
        ).status_code in (400, 422)


def test_address__that_comes_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    with served(tmp_path, _settings(per_address=Rate(5, 0.01))) as board:
        caller = board.caller()
        statuses = [caller.get(f"{API}/about").status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        assert 0 < int(caller.get("/").headers["retry-after"]) <= 100


@pytest.mark.parametrize(("proxies", "statuses"), [((), [200, 429, 429]), (("127.0.0.1",), [200, 200, 429])])
def test_address__is_told_by_a_proxy_only_where_it_is_trusted(
    tmp_path: Path, proxies: tuple[str, ...], statuses: list[int]
) -> None:
    with served(tmp_path, _settings(per_address=Rate(1, 0.01)), proxies=proxies) as board:
        caller, told = board.caller(), ("192.0.2.1", "192.0.2.2", "192.0.2.1")
        asked = [caller.get(f"{API}/about", headers={"X-Forwarded-For": address}) for address in told]
        assert [answer.status_code for answer in asked] == statuses


def test_token__that_uploads_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    with served(tmp_path, _settings(per_token=Rate(2, 0.01))) as board:
        anna, bert = board.caller("submitter", "anna"), board.caller("submitter", "bert")
        sent = [anna.post(f"{API}/uploads", content=FRAME, headers=ZSTD) for _ in range(3)]
        assert [answer.status_code for answer in sent] == [202, 202, 429]
        assert 0 < int(sent[2].headers["retry-after"]) <= 100
        assert bert.post(f"{API}/uploads", content=FRAME, headers=ZSTD).status_code == 202
        assert anna.get(f"{API}/uploads").status_code == 200


def test_owner__has_only_so_many_uploads_in_the_queue(tmp_path: Path) -> None:
    with served(tmp_path, _settings(most_waiting=2)) as board:
        for status in (202, 202, 429):  # by a new token each time
            caller = board.caller("submitter", "anna")
            assert caller.post(f"{API}/uploads", content=FRAME, headers=ZSTD).status_code == status


def test_upload__that_never_ends_is_given_up(tmp_path: Path) -> None:
    with served(tmp_path, _settings(upload_timeout_s=0.3)) as board:
        secret = board.store.tokens.new("anna", "submitter")[1]
        head = (
            f"POST {API}/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/zstd\r\nContent-Length: 1000\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", httpx.URL(board.url).port or 0)) as slow:
            slow.sendall(head.encode() + FRAME)
            assert slow.recv(1000).split()[1] == b"408"
        assert board.store.uploads.count() == 0


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("board.example.org", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost@evil.example", 400),
        ("", 400),
    ],
)
def test_host__that_is_not_ours_is_not_answered(tmp_path: Path, host: str, status: int) -> None:
    with served(tmp_path, _settings(hosts=("board.example.org",))) as board:
        answer = httpx.get(f"{board.url}{API}/about", headers={"Host": host})
        assert answer.status_code == status


@given(
    burst=st.integers(1, 20),
    per_s=st.floats(0.01, 50),
    waits=st.lists(st.floats(0, 10), min_size=1, max_size=60),
)
def test_buckets__let_through_no_more_than_the_rate(burst: int, per_s: float, waits: list[float]) -> None:
    now = [0.0]
    buckets = Buckets(Rate(burst, per_s), clock=lambda: now[0])
    passed = 0
    for wait in waits:
        now[0] += wait
        after = buckets.take("x")
        passed += after == 0
        if after:
            now[0] += after
            assert buckets.take("x") == 0  # what was promised holds
            passed += 1
    assert passed <= burst + per_s * now[0] + 1e-6


def test_buckets__forget_who_stays_away_and_never_hold_more_than_fit() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2, 1.0), clock=lambda: now[0], most=100)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets) == 100
    now[0] += 3
    buckets.take("x")
    assert len(buckets) == 1


def test_address_key__is_one_for_a_household() -> None:
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:2") != address_key("2001:db8:0:1::1")
    assert address_key("::ffff:10.0.0.1") == address_key("10.0.0.1") != address_key("10.0.0.2")
    assert address_key("unix") == "unix"


def test_rate__that_lets_nothing_through_is_refused() -> None:
    for burst, per_s in ((0, 1.0), (1, 0.0), (1, -1.0)):
        with pytest.raises(ArgumentError, match="lets nothing through"):
            Rate(burst, per_s)


@pytest.mark.slow
def test_upload__is_never_wholly_in_memory(tmp_path: Path) -> None:
    def pieces(mib: int) -> Iterator[bytes]:
        yield FRAME
        yield from (bytes(1 << 20) for _ in range(mib))

    def peak_kib(pid: int) -> int:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])

    store = open_store(str(tmp_path / "board.sqlite"))
    headers = {"Authorization": f"Bearer {store.tokens.new('anna', 'submitter')[1]}", **ZSTD}
    with (
        running(tmp_path / "board.sqlite", "--workers", "0") as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=300) as caller,
    ):
        taken = []
        for mib in (1, 100):
            assert caller.post(f"{API}/uploads", content=pieces(mib)).status_code == 202
            taken.append(peak_kib(server.process.pid))
    assert taken[1] - taken[0] < 30 << 10
    assert store.uploads.all()[0].size == (100 << 20) + len(FRAME)
    store.close()
