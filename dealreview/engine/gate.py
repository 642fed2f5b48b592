"""The gate and the exit codes of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.outcome import Band, Kind, Outcome

if TYPE_CHECKING:
    import polars as pl

    from dealreview.engine.review import KindReview, Review

FINE, FAILED, USAGE, INCOMPLETE, NOTHING = 0, 1, 2, 3, 5
"""Exit codes: fine, gate failed, usage or configuration, incomplete, nothing selected."""


@frozen
class Gate:
    """What a run must hold to.

    Attributes:
        fail_on: ``watch`` or ``risk``: the mildest outcome that fails; None leaves outcomes out.
        min_score: Smallest lower bound that a rated subject may have; None leaves scores out.
    """

    fail_on: Outcome | None = None
    min_score: float | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is a gate at all."""
        return self.fail_on is not None or self.min_score is not None


def exit_code(review: Review, gate: Gate) -> int:
    """Return the exit code of a review: incomplete wins over a failed gate.

    Closed deals are history and not judged by the gate. With a gate an unrated subject is incomplete.
    """
    if review.errors or (gate.is_set and _has_unrated(review)):
        return INCOMPLETE
    return (
        FAILED
        if gate.is_set and any(_fails(k, gate, _judged(review, k)) for k in review.kinds.values())
        else FINE
    )


def _judged(review: Review, kind: KindReview) -> pl.Series:
    return review.open_deals if kind.kind is Kind.DEAL else ~kind.base["closed"]


def _has_unrated(review: Review) -> bool:
    return any(
        (kind.bands == Band.UNRATED.value)
        .fill_null(value=False)
        .filter(_judged(review, kind))
        .any()
        for kind in review.kinds.values()
    )


def _fails(kind: KindReview, gate: Gate, judged: pl.Series) -> bool:
    import polars as pl

    if gate.fail_on is not None:
        bad = (
            [Outcome.RISK.code]
            if gate.fail_on is Outcome.RISK
            else [Outcome.WATCH.code, Outcome.RISK.code]
        )
        if any(result.codes.filter(judged).is_in(bad).any() for result in kind.results):
            return True
    if gate.min_score is None or not kind.kind.has_score:
        return False
    sums = kind.sums.filter(judged)
    rated = (kind.bands.filter(judged) != Band.UNRATED.value).fill_null(value=False)
    low = sums.select(50.0 * pl.col("earned") < gate.min_score * pl.col("asked")).to_series()
    return bool((low & rated).any())
