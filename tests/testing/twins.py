"""One check in two forms, and a third that differs where nothing is known."""

from dealreview import Columns, Deal, Rules, Verdict, check


@check("twins/function", severity="minor", ask=["What now?"], needs=["days_past_close"])
def function(deal: Deal) -> Verdict:
    """It closes in time."""
    return Verdict.watch("late") if deal.days_past_close > 5 else Verdict.passed("fine")


@check.columns("twins/columns", severity="minor", ask=["What now?"])
def columns(d: Columns) -> Rules:
    """It closes in time."""
    return Rules(watch=d.days_past_close > 5, message="late")


@check("twins/hasty", severity="minor", ask=["What now?"], reads=["days_past_close"])
def hasty(deal: Deal) -> Verdict:
    """It closes in time."""
    return Verdict.watch("late") if (deal.days_past_close or 0) > 5 else Verdict.passed("fine")
