"""Signed texts for cookies and forms: readable by whoever holds them, changed by nobody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Session", "Signer"]

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Session:
    """What a browser's cookie says.

    Attributes:
        token_id: Number of the token by which the browser logged in.
        nonce: Random; forms of this session are signed over it.
        until: Second of the epoch at which it ends.
    """

    token_id: int
    nonce: str
    until: int


class Signer:
    """Signs with a key that never leaves this process: a restart ends all sessions.

    Args:
        key: 32 random bytes; None: drawn now.
        clock: Tells the seconds of the epoch.
    """

    def __init__(self, key: bytes | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32) if key is None else key
        self._clock = clock

    def open_session(self, token_id: int, lifetime_s: float) -> tuple[Session, str]:
        """Make a session and the text of its cookie."""
        session = Session(token_id, secrets.token_urlsafe(16), int(self._clock() + lifetime_s))
        text = f"{session.token_id}.{session.until}.{session.nonce}"
        return session, f"{text}.{self._sign('session', text)}"

    def read_session(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None where it is forged, damaged or over."""
        text, _, signature = cookie[:_LONGEST].rpartition(".")
        if not self._same(signature, self._sign("session", text)):
            return None
        token_id, until, nonce = text.split(".")
        session = Session(int(token_id), nonce, int(until))
        return session if session.until > self._clock() else None

    def form_token(self, nonce: str) -> str:
        """Return what a form must carry that was made for the holder of a nonce."""
        return self._sign("form", nonce)

    def holds(self, nonce: str, token: str) -> bool:
        """Whether a form was made for the holder of this nonce."""
        return self._same(token[:_LONGEST], self.form_token(nonce))

    def _sign(self, purpose: str, text: str) -> str:
        mac = hmac.new(self._key, f"{purpose}\0{text}".encode("utf-8", "replace"), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).decode("ascii").rstrip("=")

    @staticmethod
    def _same(given: str, right: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("ascii"))
