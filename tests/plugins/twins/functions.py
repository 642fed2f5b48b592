"""Two built-in checks once more, as plain functions over one deal."""

from __future__ import annotations

from typing import Annotated

from dealreview import Deal, Param, Verdict, check


def _at_most(low: int | None, high: int | None, limit: int) -> bool | None:
    """Return whether a number that lies between two others is at most a limit."""
    if high is not None and high <= limit:
        return True
    return False if low is not None and low > limit else None


@check(
    "twins/single-champion-function",
    severity="major",
    ask=["Who else will live with this decision, and what have they said?"],
    reads=[
        "evaluation_or_later",
        "proposal_reached",
        "employees_recorded",
        "account_employees",
        "engaged_contacts_lo",
        "engaged_contacts_hi",
        "is_large_deal",
        "engaged_large_min",
    ],
)
def single_champion(
    deal: Deal,
    *,
    many: Annotated[int, Param("Strength from this many", ge=2, le=20)] = 5,
    tiny: Annotated[int, Param("Employees of a tiny customer", ge=0, le=50)] = 3,
) -> Verdict:
    """More than one person on the customer's side carries the deal."""
    low, high, proposed = deal.engaged_contacts_lo, deal.engaged_contacts_hi, deal.proposal_reached
    applies = _and(deal.evaluation_or_later, _not_tiny(deal, tiny))
    single, pair = _at_most(low, high, 1), _at_most(low, high, 2)
    thin = _and(deal.is_large_deal, _at_most(low, high, deal.engaged_large_min - 1))
    late = _and(proposed, _or(pair, thin))
    early = _and(_not(proposed), single)
    if applies is not True:
        return Verdict.not_applicable() if applies is False else Verdict.insufficient("stage")
    for finding, holds in (
        (Verdict.risk, _and(proposed, single)),
        (Verdict.watch, _or(late, early)),
    ):
        if holds is not False:
            return finding("one person") if holds else Verdict.insufficient("engaged_contacts")
    if _and(proposed, _not(_at_most(low, high, many - 1))):
        return Verdict.strength("many")
    return Verdict.passed()


def _not_tiny(deal: Deal, tiny: int) -> bool | None:
    employees = deal.account_employees
    small = None if employees is None else employees <= tiny
    return _not(_and(deal.employees_recorded, small))


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    return _not(_and(_not(left), _not(right)))


@check(
    "twins/close-date-passed-function",
    severity="major",
    ask=["What has to happen on their side before a new date means something?"],
    needs=["is_open"],
    reads=["days_past_close"],
)
def close_date_passed(
    deal: Deal,
    *,
    watch: Annotated[int, Param("Watch from", ge=1, le=365, unit="days", at_most="risk")] = 1,
    risk: Annotated[int, Param("Risk from", ge=1, le=365, unit="days")] = 7,
) -> Verdict:
    """An open deal's expected close lies ahead."""
    if not deal.is_open:
        return Verdict.not_applicable()
    past = deal.days_past_close
    if past is None:
        return Verdict.insufficient("days_past_close")
    if past >= risk:
        return Verdict.risk(f"was due {past} d ago")
    return Verdict.watch(f"was due {past} d ago") if past >= watch else Verdict.passed()
