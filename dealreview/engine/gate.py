"""The gate and the exit codes of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.model.outcome import Band, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from dealreview.engine.evaluation import CheckResult
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


@frozen
class Excused:
    """What a gate leaves alone, because people have accepted it or it is not new.

    Attributes:
        verdicts: The worst outcome that is left alone, by subject, by kind and check.
        low: Subjects whose low score is left alone, by kind.
        unrated: Subjects that may be unrated, by kind.
    """

    verdicts: Mapping[tuple[str, str], Mapping[str, Outcome]] = field(factory=dict)
    low: Mapping[str, frozenset[str]] = field(factory=dict)
    unrated: Mapping[str, frozenset[str]] = field(factory=dict)

    def leaves_alone(self, kind: str, check: str, subject: str, outcome: str) -> bool:
        """Whether a verdict is left alone: it is no finding worse than the one that is excused."""
        worst = self.verdicts.get((kind, check), {}).get(subject)
        return worst is not None and outcome in _BAD and _rank(worst) >= _rank(outcome)

    def __or__(self, other: Excused) -> Excused:
        """Return what one or the other leaves alone."""
        keys = self.verdicts.keys() | other.verdicts.keys()
        parts = {k: (self.verdicts.get(k, {}), other.verdicts.get(k, {})) for k in keys}
        return Excused(
            {key: _worse_of(*both) for key, both in parts.items()},
            _either(self.low, other.low),
            _either(self.unrated, other.unrated),
        )


NOTHING_EXCUSED = Excused()
_BAD = (Outcome.WATCH, Outcome.RISK)


def _rank(outcome: str) -> int:
    return _BAD.index(Outcome(outcome))


def _worse_of(one: Mapping[str, Outcome], other: Mapping[str, Outcome]) -> Mapping[str, Outcome]:
    return {
        subject: max((o[subject] for o in (one, other) if subject in o), key=_rank)
        for subject in one.keys() | other.keys()
    }


def _either(
    one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]
) -> Mapping[str, frozenset[str]]:
    nobody: frozenset[str] = frozenset()
    return {k: one.get(k, nobody) | other.get(k, nobody) for k in one.keys() | other.keys()}


def exit_code(review: Review, gate: Gate, excused: Excused = NOTHING_EXCUSED) -> int:
    """Return the exit code of a review: incomplete wins over a failed gate.

    Closed deals are history and not judged by the gate. With a gate an unrated subject is incomplete.

    Args:
        review: The review.
        gate: What it must hold to.
        excused: What the gate leaves alone.
    """
    if review.errors or (gate.is_set and _has_unrated(review, excused)):
        return INCOMPLETE
    failed = gate.is_set and any(
        _fails(k, gate, _judged(review, k), excused) for k in review.kinds.values()
    )
    return FAILED if failed else FINE


def _judged(review: Review, kind: KindReview) -> pl.Series:
    return review.open_deals if kind.kind is Kind.DEAL else ~kind.base["closed"]


def _has_unrated(review: Review, excused: Excused) -> bool:
    return any(
        (unrated(kind) & _judged(review, kind) & ~_among(kind, excused.unrated)).any()
        for kind in review.kinds.values()
    )


def unrated(kind: KindReview) -> pl.Series:
    """Say of each subject whether too little was decided to rate it."""
    return (kind.bands == Band.UNRATED.value).fill_null(value=False)


def _among(kind: KindReview, subjects: Mapping[str, frozenset[str]]) -> pl.Series:
    return kind.base["id"].is_in(sorted(subjects.get(kind.kind, ())))


def _fails(kind: KindReview, gate: Gate, judged: pl.Series, excused: Excused) -> bool:
    if gate.fail_on is not None:
        bad = _BAD[_rank(gate.fail_on) :]
        if any(_has_bad(kind, result, bad, judged, excused) for result in kind.results):
            return True
    if gate.min_score is None or not kind.kind.has_score:
        return False
    return bool((is_low(kind, gate.min_score) & judged & ~_among(kind, excused.low)).any())


def _has_bad(
    kind: KindReview,
    result: CheckResult,
    bad: Sequence[Outcome],
    judged: pl.Series,
    excused: Excused,
) -> bool:
    left_alone = excused.verdicts.get((kind.kind, result.check.id), {})
    for outcome in bad:
        found = (result.codes == outcome.code) & judged
        if left_alone and found.any():
            alone = [s for s, worst in left_alone.items() if _rank(worst) >= _rank(outcome)]
            found &= ~kind.base["id"].is_in(sorted(alone))
        if found.any():
            return True
    return False


def is_low(kind: KindReview, least: float) -> pl.Series:
    """Say of each rated subject whether its lower bound is under a number."""
    import polars as pl

    rated = (kind.bands != Band.UNRATED.value).fill_null(value=False)
    low = kind.sums.select(50.0 * pl.col("earned") < least * pl.col("asked")).to_series()
    return low & rated
