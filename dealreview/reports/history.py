"""How scores stood in earlier reviews of the same database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.engine.scoring import Sums, figures
from dealreview.store.runs import comparable_runs
from dealreview.store.scorecards import load_scorecards_of

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Mapping

    from dealreview.engine.review import Review
    from dealreview.model.outcome import Kind
    from dealreview.model.scorecard import Scorecard

REVIEWS_SHOWN = 12


@frozen
class PastScore:
    """A score on the day of a review."""

    day: dt.date
    score: float


@frozen(slots=False)
class History:
    """Earlier reviews with the same checks.

    Attributes:
        connection: A read transaction.
        review: The review that they come before.
    """

    connection: sqlite3.Connection
    review: Review

    @cached_property
    def runs(self) -> Mapping[int, dt.date]:
        """Number and day of the last earlier runs, the oldest first."""
        header = self.review.header
        return comparable_runs(self.connection, header.as_of, sorted(header.checks), REVIEWS_SHOWN)

    def of(self, card: Scorecard) -> tuple[PastScore, ...]:
        """Return the scores of a subject, the present one last.

        There are none for a closed deal, whose score stands still, for reps, who have none, and
        where no earlier review decided anything.
        """
        if not self.runs or card.closed or card.score is None:
            return ()
        earlier = self._scores(card.kind, card.id)
        past = [PastScore(self.runs[n], earlier[n]) for n in self.runs if n in earlier]
        return (*past, PastScore(self.review.header.as_of, card.score)) if past else ()

    def _scores(self, kind: Kind, subject_id: str) -> Mapping[int, float]:
        """Return the scores that are known, by number of the run; stored sums are doubled."""
        found = {}
        stored = load_scorecards_of(self.connection, list(self.runs), str(kind), subject_id)
        for number, card in stored.items():
            sums = Sums(card.e2 or 0, (card.wd2 or 0) // 2, (card.wa2 or 0) // 2)
            score = figures(sums).score
            if score is not None:
                found[number] = score
        return found
