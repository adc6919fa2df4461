"""Tokens: told once, kept as digests, without effect when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.leaderboard import open_store
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.tokens import ROLES


@pytest.mark.parametrize("role", ROLES)
def test_tokens__are_found_by_their_secret(store: Store, role: str) -> None:
    token, secret = store.tokens.new("ada", role)  # type: ignore[arg-type]
    assert (token.owner, token.role) == ("ada", role)
    assert store.tokens.find(secret) == token == store.tokens.valid(token.id)
    assert store.tokens.all() == [token]


@pytest.mark.parametrize(
    "change", [str.upper, lambda s: s[:-1], lambda s: s + " ", lambda s: "", lambda s: "\ud800"]
)
def test_tokens__are_not_found_by_another_secret(store: Store, change: object) -> None:
    _, secret = store.tokens.new("ada", "reader")
    assert store.tokens.find(change(secret)) is None  # type: ignore[operator]


def test_tokens__have_256_random_bits_and_are_nowhere_in_the_store(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "board.sqlite"))
    secrets = [store.tokens.new("ada", "reader")[1] for _ in range(5)]
    store.close()
    assert len(set(secrets)) == 5 and all(len(s) == len("agentgym_") + 43 for s in secrets)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(secret.removeprefix("agentgym_").encode() in stored for secret in secrets)


def test_tokens__end(store: Store) -> None:
    now = datetime.now(UTC)
    past, early = store.tokens.new("ada", "reader", expires_at=now - timedelta(seconds=1))
    future, late = store.tokens.new("ada", "reader", expires_at=now + timedelta(days=1))
    assert store.tokens.find(early) is None and store.tokens.valid(past.id) is None
    assert store.tokens.find(late) == future


def test_tokens__are_revoked_at_once_and_for_good(store: Store) -> None:
    token, secret = store.tokens.new("ada", "admin")
    revoked = store.tokens.revoke(token.id)
    assert revoked.revoked_at is not None and store.tokens.find(secret) is None
    assert store.tokens.revoke(token.id).revoked_at == revoked.revoked_at
    assert store.tokens.valid(token.id) is None and store.tokens.valid(99) is None
    with pytest.raises(errors.ArgumentError, match="no token 99"):
        store.tokens.revoke(99)


@pytest.mark.parametrize("owner", ["", "  ", "x" * 81, "a\nb", "\x1b[2J", "\u202eada"])
def test_tokens__refuse_an_owner_that_cannot_be_shown(store: Store, owner: str) -> None:
    with pytest.raises(errors.ArgumentError, match="cannot be shown"):
        store.tokens.new(owner, "reader")


def test_tokens__refuse_a_role_that_there_is_not(store: Store) -> None:
    with pytest.raises(errors.ArgumentError, match="Did you mean 'admin'"):
        store.tokens.new("ada", "admim")  # type: ignore[arg-type]
