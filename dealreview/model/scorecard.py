"""The scorecard: all verdicts of a subject, with score, bounds and band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dealreview.model.outcome import Band, Kind, Outcome
    from dealreview.model.verdict import MoneyAtRisk, Verdict


@frozen
class Dimension:
    """The score of one pack's checks on a subject, by the formulas of the whole."""

    name: str
    score: float | None
    lower: float | None
    upper: float | None
    coverage: float | None


@frozen
class NotReviewed:
    """A check that had nothing to look at: what would have to be recorded.

    Attributes:
        check: Its id.
        needs: ``table`` or ``table.column`` names; of alternatives joined with ``or`` one is enough.
        title: What the check looks at.
    """

    check: str
    needs: tuple[str, ...]
    title: str = ""


@frozen
class Scorecard:
    """All verdicts of a subject.

    Attributes:
        kind: Kind of the subject.
        id: Its id.
        name: Its name; empty when unknown.
        score: 0 to 100 in tenths; None for reps and where nothing is decided.
        lower: The score if everything open turned out badly.
        upper: The score if everything open turned out well.
        band: What it comes to; None for reps and where nothing applies.
        coverage: Share of the weight that could be decided, 0 to 1.
        dimensions: The same by pack.
        not_reviewed: Checks without anything to look at.
        verdicts: Every verdict, in order of check id.
        facts: Facts of the subject by name.
        closed: Whether it is a closed deal, judged as of its closing day.
    """

    kind: Kind
    id: str
    name: str
    score: float | None
    lower: float | None
    upper: float | None
    band: Band | None
    coverage: float | None
    dimensions: tuple[Dimension, ...]
    not_reviewed: tuple[NotReviewed, ...]
    verdicts: tuple[Verdict, ...]
    facts: Mapping[str, Any] = field(factory=dict, eq=False)
    closed: bool = False

    def with_outcome(self, *outcomes: Outcome) -> tuple[Verdict, ...]:
        """Return the verdicts with one of the outcomes, the weightiest first."""
        found = [verdict for verdict in self.verdicts if verdict.outcome in outcomes]
        return tuple(
            sorted(found, key=lambda v: (-(v.points_lost or 0), -(v.points_open or 0), v.check))
        )

    @property
    def money_at_risk(self) -> Mapping[str, MoneyAtRisk]:
        """The largest money at risk of each kind; kinds and findings are never added up."""
        largest: dict[str, MoneyAtRisk] = {}
        for verdict in self.verdicts:
            money = verdict.money_at_risk
            if money is not None and _size(money) > _size(largest.get(money.kind)):
                largest[money.kind] = money
        return largest


def _size(money: MoneyAtRisk | None) -> tuple[int, int]:
    """Return what money is compared by: in reporting currency where there is a rate, else as it stands."""
    if money is None:
        return (-1, -1)
    return (-1 if money.reporting_minor is None else money.reporting_minor, money.minor)
