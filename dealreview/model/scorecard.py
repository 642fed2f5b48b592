"""The scorecard: all verdicts of a subject, with score, bounds and band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.model.outcome import Severity

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
class Context:
    """A finding about something that a deal belongs to; it is not counted in the deal's score.

    Attributes:
        relation: What that is to the deal: ``account``, ``parent account``, ``owner``, ``team``, or
            ``pipeline`` for a finding about the pipeline that names the deal or its account.
        name: Its name; empty when unknown.
        verdict: The finding, with its kind and id.
    """

    relation: str
    name: str
    verdict: Verdict


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
        context: Of an open deal, what was found about its account, owner and team.
        owner_id: Of a deal, who of us owns it.
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
    context: tuple[Context, ...] = ()
    owner_id: str | None = None

    def with_outcome(self, *outcomes: Outcome) -> tuple[Verdict, ...]:
        """Return the verdicts with one of the outcomes, the heaviest first.

        Blockers come first, then what takes most of the score, then the most money at risk.
        """
        found = [verdict for verdict in self.verdicts if verdict.outcome in outcomes]
        return tuple(sorted(found, key=_heaviness))

    @property
    def money_at_risk(self) -> Mapping[str, MoneyAtRisk]:
        """The largest money at risk of each kind; kinds and findings are never added up."""
        largest: dict[str, MoneyAtRisk] = {}
        for verdict in self.verdicts:
            money = verdict.money_at_risk
            if money is not None and _size(money) > _size(largest.get(money.kind)):
                largest[money.kind] = money
        return largest


def _heaviness(verdict: Verdict) -> tuple[bool, int, tuple[int, int], str]:
    """Return what verdicts are ordered by; weight and value, since reps have no points."""
    taken = verdict.severity.weight * (2 - verdict.outcome.half_values)
    money = _size(verdict.money_at_risk)
    is_blocker = verdict.severity is Severity.BLOCKER
    size = taken or verdict.severity.weight
    return not is_blocker, -size, (-money[0], -money[1]), verdict.check


def _size(money: MoneyAtRisk | None) -> tuple[int, int]:
    """Return what money is compared by: in reporting currency where there is a rate, else as it stands."""
    if money is None:
        return (-1, -1)
    return (-1 if money.reporting_minor is None else money.reporting_minor, money.minor)
