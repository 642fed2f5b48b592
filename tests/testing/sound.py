"""Checks that keep the contract."""

from typing import Annotated

from dealreview import Columns, Deal, Param, Rules, Verdict, check


@check("sound/late", severity="minor", ask=["What now?"], needs=["days_past_close"])
def late(
    deal: Deal, *, most: Annotated[int, Param("Watch above", ge=0, le=90, unit="days")] = 5
) -> Verdict:
    """It closes in time."""
    return Verdict.watch("late") if deal.days_past_close > most else Verdict.passed("fine")


@check.columns("sound/margin", on=("deal",), severity="major", ask=["What now?"])
def margin(d: Columns) -> Rules:
    """It earns something."""
    return Rules(risk=d.interval("contribution") < 0, message="{contribution_hi:money}")
