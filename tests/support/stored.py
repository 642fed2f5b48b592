"""What a review would store if every finding were written out, and what its run tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.engine.findings import Findings
from dealreview.engine.records import save_review, stored_verdict
from dealreview.model.outcome import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.engine.review import Review
    from dealreview.store.database import Database
    from dealreview.store.runs import StoredVerdict


def written_out(review: Review) -> Iterator[StoredVerdict]:
    """Yield every finding as the review itself tells it, by kind, subject and check."""
    for kind in sorted(review.kinds):
        found = review.kinds[kind]
        results = {result.check.id: result for result in found.results}
        rows = range(found.base.height)
        for row, verdicts in zip(rows, found.verdicts(rows, only=FINDINGS), strict=True):
            for verdict in verdicts:
                result = results[verdict.check]
                digest = result.groups[result.group[row]].effective.digest
                yield stored_verdict(kind, verdict, digest)


def told_again(database: Database, number: int) -> list[StoredVerdict]:
    """Return every finding of a stored run."""
    with database.read() as connection:
        return list(Findings(connection, number).all())


def stored_and_told(database: Database, review: Review) -> list[StoredVerdict]:
    """Store a review and return the findings of its run."""
    return told_again(database, save_review(database, review))
