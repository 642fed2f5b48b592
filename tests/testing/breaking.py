"""Checks that break the contract, each in one way."""

from typing import Annotated

from dealreview import Deal, Param, Verdict, check

SEEN: list[int] = []


@check("breaking/gap", severity="minor", ask=["What now?"], reads=["days_past_close"])
def gap(deal: Deal) -> Verdict:
    """An unknown day counts as fine."""
    late = (deal.days_past_close or 0) > 5
    return Verdict.risk("late") if late else Verdict.passed("fine")


@check("breaking/memory", severity="minor", ask=["What now?"], reads=["days_past_close"])
def memory(deal: Deal) -> Verdict:
    """Every third deal is bad."""
    SEEN.append(1)
    return Verdict.passed(f"{len(SEEN)} for {deal.name}")


@check("breaking/raises", severity="minor", ask=["What now?"], reads=["days_past_close"])
def raises(
    deal: Deal,
    *,
    most: Annotated[int, Param("Watch above", ge=0, le=90, unit="days")] = 5,
) -> Verdict:
    """It adds where there is nothing."""
    return Verdict.watch("late") if deal.days_past_close > most else Verdict.passed("fine")
