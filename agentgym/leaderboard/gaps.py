"""Neighbours of a ranking compared, once each: what was played never changes, so neither does the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError

from agentgym.errors import StoreError
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.outcomes import Outcome
from agentgym.leaderboard.engine import Database
from agentgym.leaderboard.models import GapRow

__all__ = ["Gaps", "Pair"]

Pair = tuple[int, int]
"""Numbers of two entries of one suite: the better placed, and the next."""

_COMPARISON = TypeAdapter(Comparison)


class Gaps:
    """The comparisons that a store has made so far.

    Args:
        database: Where they are kept.
        outcomes: Fetches the outcomes of entries by their numbers.
    """

    def __init__(
        self,
        database: Database,
        outcomes: Callable[[Iterable[int]], Mapping[int, tuple[Outcome, ...]]],
    ) -> None:
        self._database = database
        self._outcomes = outcomes

    def between(self, pairs: Iterable[Pair]) -> dict[Pair, Comparison]:
        """Compare entries, paired over the episodes of their suite; what is not known yet is worked out.

        Raises:
            StoreError: A stored comparison or outcome is not what it should be.
        """
        wanted = list(dict.fromkeys(pairs))
        known = self._stored(wanted)
        missing = [pair for pair in wanted if pair not in known]
        if not missing:
            return known
        outcomes = self._outcomes({id for pair in missing for id in pair})
        made = {
            (one, two): compare(outcomes[one], outcomes[two], np.random.default_rng(0))
            for one, two in missing
        }
        self._keep(made)
        return known | made

    def _stored(self, pairs: list[Pair]) -> dict[Pair, Comparison]:
        query = select(GapRow).where(tuple_(GapRow.above_id, GapRow.below_id).in_(pairs))
        with self._database.reading() as session:
            rows = list(session.scalars(query))
        try:
            return {(r.above_id, r.below_id): _COMPARISON.validate_json(r.record_json) for r in rows}
        except ValidationError as error:
            raise StoreError(f"A stored comparison was altered or damaged: {error}.") from error

    def _keep(self, made: Mapping[Pair, Comparison]) -> None:
        try:
            with self._database.writing() as session:
                for (above, below), gap in made.items():
                    session.add(
                        GapRow(above_id=above, below_id=below, record_json=json.dumps(gap.to_record()))
                    )
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise  # else another reader was faster, with the same answers
