"""Whether what is written down about a deal can still be true."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Exposure, Fact, Inputs, Param, Rules, at_most, check, facts


@facts(
    "deal",
    Fact(
        "days_to_close",
        "int",
        "Days to the expected close, negative once it has passed; unknown without an expected "
        "close.",
        "days",
        requires=("deals.expected_close_on",),
        origin="deals.expected_close_on",
    ),
    Fact(
        "days_past_close",
        "int",
        "Days since the expected close, negative while it is ahead; unknown without an expected "
        "close.",
        "days",
        requires=("deals.expected_close_on",),
        origin="deals.expected_close_on",
    ),
    uses=("expected_close_on",),
)
def closing(inputs: Inputs) -> pl.DataFrame:
    """Count the days to the expected close."""
    ahead = (pl.col("expected_close_on") - pl.col("day")).dt.total_days()
    frame = inputs.subjects().join(inputs.facts(), on="id", how="left")
    return frame.select("id", days_to_close=ahead, days_past_close=-ahead)


@check.columns(
    "hygiene/close-date-passed",
    severity="major",
    ask=["What has to happen on their side before a new date means something?"],
    family="date",
    sources=["watch and risk: our own judgement"],
)
def close_date_passed(
    d: Columns,
    *,
    watch: Annotated[
        int,
        Param(
            "Watch from this many days after the expected close",
            ge=1,
            le=365,
            unit="days",
            at_most="risk",
        ),
    ] = 1,
    risk: Annotated[
        int, Param("Risk from this many days after the expected close", ge=1, le=365, unit="days")
    ] = 7,
) -> Rules:
    """An open deal's expected close lies ahead.

    A date that has passed says that nobody has looked, or that the customer's date was ours. Days
    past = the review's day − expected close; a close expected today is fine. A date over three
    years ahead counts as none.

    Needs the expected close.
    """
    past = d.days_past_close
    return Rules(
        applies=d.is_open,
        risk=past >= risk,
        watch=past >= watch,
        message={
            "risk": "was due {expected_close_on:date}, {days_past_close:days} ago",
            "watch": "was due {expected_close_on:date}, {days_past_close:days} ago",
            "pass": "due {expected_close_on:date}",
        },
        actual=past,
        expected=at_most(watch - 1, source="our own judgement"),
        evidence=[Cite("deals", "expected_close_on", d.expected_close_on)],
        at_risk=Exposure("delay", d.amount),
    )
