"""Send a submission to a leaderboard's server and wait for its verdict. Needs nothing but Python."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from agentgym.errors import ArgumentError, ServerError
from agentgym.plain import plain

__all__ = ["Client", "Verdict", "read_token"]

_LONGEST_ANSWER: Final = 16 << 20
_TIMEOUT_S: Final = 120.0
_LONGEST_PAUSE_S: Final = 10.0
_MOST_REFUSALS: Final = 20
_VARIABLE: Final = "AGENTGYM_TOKEN"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an upload.

    Attributes:
        upload: Its number.
        status: "waiting", "claimed", "accepted", "rejected" or "cancelled".
        reason: Why it was rejected.
        entry: The entry that it became.
    """

    upload: int
    status: str
    reason: str | None
    entry: int | None

    @property
    def final(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in ("waiting", "claimed")


class Client:
    """One who submits.

    Args:
        url: Where the board is, e.g. "https://board.example.org".
        token: The submitter's token.
        pause: Waits for some seconds.

    Raises:
        ArgumentError: The URL is none, or the token would travel unencrypted.
    """

    def __init__(self, url: str, token: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ArgumentError(
                f"{plain(url)!r} is no address of a board. Pass e.g. https://board.example.org"
            )
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ArgumentError(
                f"The token would travel to {parts.hostname} unencrypted. Pass an https:// address."
            )
        if not token.isascii() or not token.isprintable() or not token:
            raise ArgumentError("The token is empty or holds characters that no token has.")
        self._https = parts.scheme == "https"
        self._place = (parts.hostname, parts.port)
        self._path = parts.path.rstrip("/") + "/api/v1"
        self._token = token
        self._pause = pause

    def submit(self, path: Path) -> Verdict:
        """Send a file; the verdict is yet to come.

        Raises:
            ArgumentError: The server takes no file of this size.
            ServerError: It does not take the file.
            OSError: The file cannot be read.
        """
        size, most = path.stat().st_size, int(self._ask("GET", "/about")["most_bytes"])
        if size > most:
            raise ArgumentError(f"{path} has {size} bytes; this board takes at most {most}.")
        with path.open("rb") as file:
            return _verdict(self._ask("POST", "/uploads", file=file, size=size))

    def verdict(self, upload: int) -> Verdict:
        """Ask what became of an upload."""
        return _verdict(self._ask("GET", f"/uploads/{upload}"))

    def wait(self, upload: int) -> Verdict:
        """Ask until there is a verdict, ever more slowly."""
        pause_s = 0.2
        while True:
            verdict = self.verdict(upload)
            if verdict.final:
                return verdict
            self._pause(pause_s)
            pause_s = min(1.5 * pause_s, _LONGEST_PAUSE_S)

    def _ask(self, method: str, path: str, *, file: BinaryIO | None = None, size: int = 0) -> dict[str, Any]:
        """Ask once, or again later where the server says that it was too early."""
        for _ in range(_MOST_REFUSALS):
            status, answer, wait_s = self._ask_once(method, path, file, size)
            if status < 400:
                return answer
            if status not in (429, 503) or wait_s is None:
                break
            self._pause(wait_s)
            if file is not None:
                file.seek(0)
        raise ServerError(
            f"The board answers {status}: {plain(answer.get('detail', 'nothing more'), limit=300)}"
        )

    def _ask_once(
        self, method: str, path: str, file: BinaryIO | None, size: int
    ) -> tuple[int, dict[str, Any], float | None]:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if file is not None:
            headers |= {"Content-Type": "application/zstd", "Content-Length": str(size)}
        kind = HTTPSConnection if self._https else HTTPConnection
        connection = kind(*self._place, timeout=_TIMEOUT_S)
        try:
            connection.request(method, self._path + path, body=file, headers=headers)
            return _read(connection.getresponse())
        except (OSError, HTTPException, ValueError) as error:
            raise ServerError(
                f"The board at {self._place[0]} cannot be reached or breaks off: {plain(error)}. Try again; "
                "a submission that arrived twice is taken once."
            ) from error
        finally:
            connection.close()


def _read(response: HTTPResponse) -> tuple[int, dict[str, Any], float | None]:
    """Return status, JSON object, and after how many seconds to ask again."""
    answer = json.loads(response.read(_LONGEST_ANSWER))
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")
    after = response.headers.get("Retry-After", "")
    return response.status, answer, min(float(after), 300.0) if after.isdigit() else None


def _verdict(answer: dict[str, Any]) -> Verdict:
    try:
        return Verdict(int(answer["id"]), str(answer["status"]), answer["reason"], answer["submission_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise ServerError(
            "The board answers something that is no upload. Is it an AgentGym board?"
        ) from error


def read_token(path: Path | None = None) -> str:
    """Read the token from a file, else from $AGENTGYM_TOKEN; a command line would show it to everybody.

    Raises:
        ArgumentError: There is none.
    """
    token = os.environ.get(_VARIABLE, "") if path is None else path.read_text("utf-8", "replace")
    if not token.strip():
        raise ArgumentError(
            f"There is no token in {f'${_VARIABLE}' if path is None else path}. "
            "Ask whoever runs the board for one and pass --token-file."
        )
    return token.strip()
