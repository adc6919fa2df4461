"""Entries that share words or actions with a new submission, found by the digests of their episodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.echoes import Known
from agentgym.leaderboard.models import EpisodeRow, SubmissionRow
from agentgym.leaderboard.rows import header_value

__all__ = ["alike"]

_AT_ONCE = 500
_MOST = 50


def alike(session: Session, suite_hash: str, episodes: Sequence[EpisodeSummary]) -> list[Known]:
    """Return the entries that share most with some episodes, at most fifty, each with what it shares.

    Args:
        session: Where to look.
        suite_hash: Only entries of this suite.
        episodes: The new submission's.

    Raises:
        SubmissionError: A header was altered in the store.
    """
    wanted = {episode.number: episode for episode in episodes}
    words: dict[int, dict[int, str]] = defaultdict(dict)
    actions: dict[int, dict[int, str]] = defaultdict(dict)
    for row in _matches(session, suite_hash, episodes):
        episode = wanted.get(row.number)
        if episode is not None and row.words is not None and row.words == episode.words:
            words[row.submission_id][row.number] = row.words
        if episode is not None and row.actions == episode.actions:
            actions[row.submission_id][row.number] = row.actions
    shared = {id: len(words[id]) + len(actions[id]) for id in words.keys() | actions.keys()}
    most = sorted(shared, key=lambda id: (-shared[id], id))[:_MOST]
    return [_known(session, id, words[id], actions[id]) for id in most]


def _matches(session: Session, suite_hash: str, episodes: Sequence[EpisodeSummary]) -> Iterator[EpisodeRow]:
    for first in range(0, len(episodes), _AT_ONCE):
        some = episodes[first : first + _AT_ONCE]
        written = EpisodeRow.words.in_({e.words for e in some if e.words is not None})
        taken = EpisodeRow.actions.in_({e.actions for e in some})
        query = select(EpisodeRow).join(SubmissionRow).where(SubmissionRow.suite_hash == suite_hash)
        yield from session.scalars(query.where(SubmissionRow.status != "failed", or_(written, taken)))


def _known(session: Session, id: int, words: dict[int, str], actions: dict[int, str]) -> Known:
    row = session.get_one(SubmissionRow, id)
    agent = header_value(row.header).agent
    return Known(f"entry {id}", agent.spec, agent.options, row.owner, row.content_digest, words, actions)
