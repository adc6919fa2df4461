"""Is a submission a replay of somebody else's trajectories?

Re-execution cannot tell who chose an action. What can be told: that one agent wrote, in letters and digits,
the very words of another. Two honest agents do not do that over and over unless they are one model decoded
without chance, and then they can say so (`reproduces` in the header) or name the same agent; a note tells it
to every reader. Episodes in which little is written beside the actions prove nothing and are left out: every
expert walks the shortest path.

What cannot be told: an agent whose words were rewritten, or left out, around copied actions. Where most of
the longer episodes repeat another entry's actions, a note says so; that is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.bundle import Header
from agentgym.plain import plain

__all__ = ["Known", "echo", "notes"]

_LEAST: Final = 2
_SHARE: Final = 0.05
"""From that many episodes, and that share of those that tell, words are taken to be another's."""
_LONG: Final = 5
"""Least number of turns of an episode whose actions are compared."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that a new submission is compared with.

    Attributes:
        title: How it is named in a verdict, e.g. "entry 7".
        spec: Specification of its agent.
        options: Options of its agent.
        submitter: Who submitted it; None where that is not known.
        content_digest: Digest of what was played.
        words: `EpisodeSummary.words` by number of the episode, of those that tell.
        actions: `EpisodeSummary.actions` by number of the episode.
    """

    title: str
    spec: str
    options: Mapping[str, Any]
    submitter: str | None
    content_digest: str
    words: Mapping[int, str]
    actions: Mapping[int, str] = field(default_factory=dict)


def echo(
    header: Header, episodes: Sequence[EpisodeSummary], known: Iterable[Known], submitter: str | None = None
) -> tuple[int, str] | None:
    """Find the entry whose words a submission repeats.

    Left out are entries of the same submitter, of the same agent with the same options, and the one that the
    header says it reproduces.

    Returns:
        Number of the first episode that repeats another's, and the reason in words; None where there is none.
    """
    telling = _telling(episodes)
    for entry in known:
        if _kin(header, entry, submitter) or entry.content_digest == header.reproduces:
            continue
        same = _repeated(telling, entry)
        if same:
            return same[0], (
                f"{_told(same, telling, entry)}, first in episode {same[0]}. If it honestly "
                f"reproduces that entry, say so with: --reproduces {entry.content_digest}"
            )
    return None


def notes(
    header: Header, episodes: Sequence[EpisodeSummary], known: Iterable[Known], submitter: str | None = None
) -> tuple[str, ...]:
    """Name the entries of others whose words it repeats, or whose actions most longer episodes repeat."""
    telling = _telling(episodes)
    long = {episode.number: episode.actions for episode in episodes if episode.turns >= _LONG}
    found = []
    for entry in known:
        words, kin = _repeated(telling, entry), _kin(header, entry, submitter)
        if words and not (kin and submitter == entry.submitter):
            found.append(_told(words, telling, entry))
            continue
        same = sum(entry.actions.get(n) == actions for n, actions in long.items())
        if same * 2 > len(long) and not kin:
            found.append(
                f"in {same} of {len(long)} episodes of at least {_LONG} turns its actions are those of "
                f"{_named(entry)}"
            )
    return tuple(found)


def _telling(episodes: Sequence[EpisodeSummary]) -> dict[int, str]:
    return {episode.number: episode.words for episode in episodes if episode.words is not None}


def _repeated(telling: Mapping[int, str], entry: Known) -> list[int]:
    """Return the episodes that wrote an entry's words; none where they are too few to mean anything."""
    same = sorted(n for n, words in telling.items() if entry.words.get(n) == words)
    return same if len(same) >= max(_LEAST, _SHARE * len(telling)) else []


def _told(same: Sequence[int], telling: Mapping[int, str], entry: Known) -> str:
    return (
        f"in {len(same)} of {len(telling)} episodes that tell agents apart it wrote the very words of "
        f"{_named(entry)}"
    )


def _named(entry: Known) -> str:
    return f"{plain(entry.title)} by {plain(entry.spec)}"


def _kin(header: Header, entry: Known, submitter: str | None) -> bool:
    same_agent = (entry.spec, dict(entry.options)) == (header.agent.spec, header.agent.options)
    return same_agent or (submitter is not None and submitter == entry.submitter)
