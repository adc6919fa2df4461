"""Boards that are really served, and browsers and programs that call them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from agentgym.leaderboard import open_store
from agentgym.leaderboard.server import Rate, Server, Settings, make_app
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.tokens import Role

__all__ = ["API", "LAVISH", "Board", "form_token", "served"]

API = "/api/v1"
LAVISH = Rate(100_000, 100_000.0)
FRAME = b"\x28\xb5\x2f\xfd" + bytes(60)
"""Something that begins like a Zstandard file."""


@dataclass(frozen=True, slots=True)
class Board:
    """A board that is served."""

    store: Store
    url: str
    clients: ExitStack

    def store_bytes(self) -> bytes:
        """Return the files of the store as they lie on disk."""
        files = Path(self.store.address).parent.glob("board.sqlite*")
        return b"".join(file.read_bytes() for file in files)

    def caller(self, role: Role | None = None, owner: str = "anna") -> httpx.Client:
        """Return a program with a token of its own; None: without one."""
        return self.holder(None if role is None else self.store.tokens.new(owner, role)[1])

    def holder(self, secret: str | None) -> httpx.Client:
        """Return a program that sends a secret."""
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        return self.clients.enter_context(httpx.Client(base_url=self.url, headers=headers, timeout=60))

    def browser(self, role: Role | None = None, owner: str = "anna") -> httpx.Client:
        """Return a browser, logged in by a token of its own; None: not logged in."""
        browser = self.clients.enter_context(
            httpx.Client(base_url=self.url, timeout=60, follow_redirects=True)
        )
        if role is not None:
            secret = self.store.tokens.new(owner, role)[1]
            fields = {"form_token": form_token(browser.get("/login").text), "secret": secret}
            assert browser.post("/login", data=fields).url.path == "/upload"
        return browser


def form_token(html: str) -> str:
    """Return the token in the form of a page."""
    found = re.search(r'name="form_token" value="([\w-]+)"', html)
    assert found is not None
    return found[1]


@contextmanager
def served(
    folder: Path, settings: Settings | None = None, *, proxies: tuple[str, ...] = ()
) -> Iterator[Board]:
    """Serve a new board on a free port of loopback."""
    store = open_store(str(folder / "board.sqlite"))
    app = make_app(store, settings or Settings(per_address=LAVISH, per_token=LAVISH))
    server = Server(app, proxies=proxies)
    server.start()
    with ExitStack() as clients:
        yield Board(store, server.url, clients)
    server.close()
    store.close()
