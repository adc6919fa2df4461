"""Find the entries that wrote or did in many episodes the very same as a new submission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard import rows
from agentgym.leaderboard.echoes import Known
from agentgym.leaderboard.models import EpisodeRow, SubmissionRow

__all__ = ["alike"]

_MOST = 20
"""Number of entries looked at closely, those with most episodes alike."""
_AT_ONCE = 500
_Digest = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def alike(
    session: Session, suite_hash: str, episodes: Sequence[EpisodeSummary], but_of: str | None
) -> list[Known]:
    """Return the entries of a suite whose words, or whose actions, are most often those of some episodes.

    Those of the submitter `but_of` are left out, so that many copies of his own hide nobody's.
    """
    words = {episode.words for episode in episodes if episode.words is not None}
    actions = {episode.actions for episode in episodes}
    ids = {
        *_sharing(session, suite_hash, EpisodeRow.words, words, but_of),
        *_sharing(session, suite_hash, EpisodeRow.actions, actions, but_of),
    }
    return [_known(session, id) for id in sorted(ids)]


def _sharing(
    session: Session, suite_hash: str, column: _Digest, digests: Iterable[str], but_of: str | None
) -> list[int]:
    """Return the numbers of the entries that share most of some digests."""
    shared: dict[int, int] = {}
    wanted = sorted(digests)
    for first in range(0, len(wanted), _AT_ONCE):
        query = (
            select(EpisodeRow.submission_id, func.count())
            .join(SubmissionRow, SubmissionRow.id == EpisodeRow.submission_id)
            .where(SubmissionRow.suite_hash == suite_hash, column.in_(wanted[first : first + _AT_ONCE]))
            .group_by(EpisodeRow.submission_id)
        )
        if but_of is not None:
            query = query.where(SubmissionRow.owner.is_distinct_from(but_of))
        for id, count in session.execute(query):
            shared[id] = shared.get(id, 0) + count
    return sorted(shared, key=lambda id: (-shared[id], id))[:_MOST]


def _known(session: Session, id: int) -> Known:
    row = session.get_one(SubmissionRow, id)
    agent = rows.header_value(row.header).agent
    query = select(EpisodeRow.number, EpisodeRow.words, EpisodeRow.actions)
    played = session.execute(query.where(EpisodeRow.submission_id == id)).all()
    return Known(
        title=f"entry {id}, {row.name},",
        spec=agent.spec,
        options=agent.options,
        submitter=row.owner,
        content_digest=row.content_digest,
        words={number: words for number, words, _ in played if words is not None},
        actions={number: actions for number, _, actions in played},
    )
