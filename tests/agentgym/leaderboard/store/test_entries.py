"""Entries: what goes in comes out, byte for byte and number for number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from agentgym import errors
from agentgym.leaderboard import Submission, open_store
from agentgym.leaderboard.bundle import Curve
from agentgym.leaderboard.store import Store
from tests.agentgym.leaderboard.store.making import numbered


def test_store__returns_what_was_put_in(store: Store, entry: Submission) -> None:
    number = store.add(entry)
    assert number == 1
    assert store.get(number, bundle=True) == replace(entry, id=1)
    assert store.get(number) == replace(entry, id=1, bundle=None)


def test_store__gives_the_file_back_byte_for_byte(store: Store, make: Callable[..., Submission]) -> None:
    for agent in ("random", "oracle"):
        sent = make(agent)
        assert sent.bundle is not None
        assert b"".join(store.file(store.add(sent))) == sent.bundle.to_bytes()


def test_store__opens_single_episodes(store: Store, entry: Submission) -> None:
    assert entry.bundle is not None
    number = store.add(entry)
    played = list(entry.bundle.trajectories())
    assert store.trajectory(number, 7) == played[7]
    assert store.trajectories(number, [9, 2, 2]) == [played[2], played[9]]
    assert store.line(number, 7).encode() == entry.bundle.line(7)
    for wrong in ((number, 24), (5, 0)):
        with pytest.raises(errors.ArgumentError, match=r"no episode 24|no entry 5"):
            store.line(*wrong)
    with pytest.raises(errors.ArgumentError, match="no episode 24"):
        store.trajectory(number, 24)
    with pytest.raises(errors.ArgumentError, match="no entry 5"):
        store.trajectory(5, 0)


def test_store__survives_reopening(address: str, entry: Submission) -> None:
    first = open_store(address)
    first.add(entry)
    first.close()
    second = open_store(address)
    assert second.ids() == [1]
    second.close()


def test_store__keeps_outcomes_compact_and_whole(store: Store, make: Callable[..., Submission]) -> None:
    sent = [make("random"), make("oracle")]
    numbers = [store.add(s) for s in sent]
    assert store.outcomes(numbers) == {n: s.outcomes for n, s in zip(numbers, sent, strict=True)}
    assert store.outcomes([99]) == {}


def test_store__keeps_moments_in_utc(store: Store, entry: Submission) -> None:
    east = datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=9)))
    number = store.add(replace(entry, submitted_at=east))
    assert store.get(number).submitted_at == east
    assert store.summary(number).submitted_at.tzinfo is UTC
    with pytest.raises(errors.StoreError, match="no time zone"):
        store.add(replace(numbered(entry, 2), submitted_at=datetime(2026, 7, 1)))


def test_store__refuses_the_same_episodes_again(store: Store, entry: Submission) -> None:
    store.add(entry)
    with pytest.raises(errors.ArgumentError, match=r"already submitted.*as number 1"):
        store.add(replace(entry, status="failed"))
    assert store.ids() == [1]


def test_store__refuses_an_entry_without_its_file(store: Store, entry: Submission) -> None:
    with pytest.raises(errors.ArgumentError, match="without its file"):
        store.add(replace(entry, bundle=None))


def test_store__takes_text_that_databases_cannot_hold(store: Store, entry: Submission) -> None:
    spec = "nul\0, surrogate \ud800, '; DROP TABLE submissions; --"
    told = entry.header.agent.model_copy(update={"spec": spec})
    hostile = replace(entry, header=entry.header.model_copy(update={"agent": told}))
    broken = replace(entry.episodes[0], error="\0\ud800")
    number = store.add(replace(hostile, episodes=(broken, *entry.episodes[1:]), reason="\0"))
    assert store.summary(number).agent == "nul\ufffd, surrogate ?, '; DROP TABLE submissions; --"
    store.set_status(number, "failed", "\0 \udfff")
    assert store.summary(number).reason == "\ufffd ?"


def test_store__reads_headers_of_many(store: Store, entry: Submission) -> None:
    curve = Curve(metric="success", points=((0, 0.1), (10, 0.5)))
    numbers = [store.add(numbered(entry, n, card=f"# {n}", curve=curve)) for n in range(3)]
    headers = store.headers(numbers[:2])
    assert [headers[n].card for n in numbers[:2]] == ["# 0", "# 1"]
    assert headers[numbers[0]].curve == curve and numbers[2] not in headers


def test_store__names_what_is_not_there(store: Store) -> None:
    for call in (lambda: store.get(3), lambda: store.summary(3), lambda: list(store.file(3))):
        with pytest.raises(errors.ArgumentError, match="no entry 3"):
            call()
    with pytest.raises(errors.ArgumentError, match="no entries of a suite"):
        store.suite("0" * 32)
