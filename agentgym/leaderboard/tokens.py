"""Who may use the server: tokens with roles, of which the store knows only the digests."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from sqlalchemy import select

from agentgym.errors import ArgumentError, suggest
from agentgym.leaderboard.engine import Database
from agentgym.leaderboard.models import TokenRow
from agentgym.plain import plain

__all__ = ["ROLES", "Role", "Token", "Tokens"]

Role = Literal["reader", "submitter", "moderator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least right to the greatest; each may do what those before it may."""

_PREFIX = "agentgym_"  # by which secret scanners know one that was published by mistake
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A right to use the server, without its secret.

    Attributes:
        id: Its number in the store.
        owner: Whose it is.
        role: What it allows.
        created_at: When it was made, in UTC.
        expires_at: When it ends; None for never.
        revoked_at: When it was withdrawn; None where it was not.
    """

    id: int
    owner: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """The tokens of a store.

    A secret has 256 random bits, so nobody can try them all: one round of BLAKE2b guards it as well as a slow
    hash would, and a request is not slowed down. A stolen store holds no secret that could be used.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(self, owner: str, role: Role, *, expires_at: datetime | None = None) -> tuple[Token, str]:
        """Make a token and return it with its secret, which is told this once.

        Raises:
            ArgumentError: The owner's name cannot be shown, or there is no such role.
        """
        if role not in ROLES:
            raise suggest("role", role, ROLES)
        if not owner.strip() or plain(owner, limit=_LONGEST_NAME) != owner:
            raise ArgumentError(
                f"The owner {plain(owner)!r} cannot be shown. Pass 1 to {_LONGEST_NAME} printable characters."
            )
        secret = _PREFIX + secrets.token_urlsafe(32)
        row = TokenRow(
            owner=owner,
            role=role,
            digest=_digest(secret),
            created_at=datetime.now(UTC),
            expires_at=expires_at,
        )
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            return _value(row), secret

    def find(self, secret: str) -> Token | None:
        """Return the token of a secret; None where there is none, or it has expired or was revoked."""
        with self._database.reading() as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == _digest(secret)))
            return _value(row) if row is not None and _holds(row) else None

    def valid(self, id: int) -> Token | None:
        """Return a token by its number; None where there is none, or it has expired or was revoked."""
        with self._database.reading() as session:
            row = session.get(TokenRow, id)
            return _value(row) if row is not None and _holds(row) else None

    def all(self) -> list[Token]:
        """Return all tokens, oldest first, those without effect included."""
        with self._database.reading() as session:
            return [_value(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.id))]

    def revoke(self, id: int) -> Token:
        """Withdraw a token at once. One that was revoked before stays so.

        Raises:
            ArgumentError: There is none of this number.
        """
        with self._database.writing() as session:
            row = session.get(TokenRow, id)
            if row is None:
                raise ArgumentError(
                    f"There is no token {id}. List them with: agentgym leaderboard token list"
                )
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            return _value(row)


def _digest(secret: str) -> str:
    told = secret.encode("utf-8", "replace")
    return hashlib.blake2b(told, digest_size=32, person=b"agentgym.token").hexdigest()


def _holds(row: TokenRow) -> bool:
    return row.revoked_at is None and (row.expires_at is None or datetime.now(UTC) < row.expires_at)


def _value(row: TokenRow) -> Token:
    return Token(row.id, row.owner, cast(Role, row.role), row.created_at, row.expires_at, row.revoked_at)
