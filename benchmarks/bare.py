"""One check that is a function, for what the engine adds to calling it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview import Deal, Fact, Inputs, Quantity, Verdict, check, facts

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from benchmarks.child import Laps


@facts(
    "deal",
    Fact("bare_worth", "money", "The amount.", "deal currency"),
    Fact("bare_other", "money", "Price of the alternative.", "deal currency"),
    reads={"deals": ("deal_id", "amount_minor", "reference_minor")},
)
def amounts(inputs: Inputs) -> pl.DataFrame:
    """Read two amounts of a deal."""
    return inputs.table("deals").select(
        id="deal_id", bare_worth="amount_minor", bare_other="reference_minor"
    )


def judge(worth: int, other: int) -> Verdict:
    """Judge an amount against another."""
    share = worth / other
    if share > 1.2:
        return Verdict.risk(f"{share:.0%} of the alternative", actual=Quantity(share, "share"))
    if share > 1.1:
        return Verdict.watch(f"{share:.0%} of the alternative", actual=Quantity(share, "share"))
    return Verdict.passed()


@check(
    "bare/amount",
    severity="minor",
    needs=["bare_worth", "bare_other"],
    ask=["What else is it worth to them?"],
)
def amount(deal: Deal) -> Verdict:
    """A deal costs little more than what the customer could have instead."""
    return judge(deal.bare_worth, deal.bare_other)


@frozen
class Row:
    """A deal as the loop sees it."""

    id: str
    worth: int | None
    other: int | None


def loop(database: Path, laps: Laps) -> None:
    """Call the function in a loop over the rows of a query."""
    query = "SELECT deal_id, amount_minor, reference_minor FROM deals ORDER BY deal_id"
    with closing(sqlite3.connect(database)) as connection:
        deals = [Row(*cells) for cells in connection.execute(query)]
    laps("load")
    found = {}
    for deal in deals:
        if deal.worth is None or deal.other is None:
            found[deal.id] = Verdict.insufficient("deals.reference_minor")
        else:
            found[deal.id] = judge(deal.worth, deal.other)
    laps("compute")
