"""Contacts on a deal who belong to other companies: they are not counted, and messages say so."""

from __future__ import annotations

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, facts
from dealreview.plugins.buyers import listed
from dealreview.plugins.consensus.holders import READS, holders
from dealreview.plugins.conversations import USES, reads
from dealreview.plugins.subjects import with_facts

SHOWN = 3
"""How many are told with their company; the others are counted, and cited with the finding."""

# A template has no conditions: what is not there is an empty text, and an id gets its name when shown.
OUTSIDERS = (
    "".join(
        f"{{outsider_{n}_lead}}{{outsider_{n}:person}}{{outsider_{n}_verb}}{{outsider_{n}_of:person}}"
        for n in range(1, SHOWN + 1)
    )
    + "{outsiders_more}"
)
"""What a message adds about them: ``; not counted: Ann Lee belongs to Beta AG``, else nothing."""


def cite_outsiders(d: Columns) -> Cite:
    """Cite the companies of those who are not counted."""
    return Cite("contacts", "account_id", ids=d.outsider_contact_ids)


@facts(
    "deal",
    Fact(
        "outsider_contact_ids",
        "set",
        "Contacts on the deal who belong to other companies: with a role or a stance, or in two-way "
        "events. They are not counted.",
        "people",
    ),
    *(
        fact
        for n in range(1, SHOWN + 1)
        for fact in (
            Fact(f"outsider_{n}_lead", "text", f"What leads to number {n} of them, else nothing."),
            Fact(f"outsider_{n}", "text", f"The contact that is number {n}, else nothing."),
            Fact(f"outsider_{n}_verb", "text", f"What leads to the company of number {n}."),
            Fact(f"outsider_{n}_of", "text", f"The company of number {n}, else nothing."),
        )
    ),
    Fact("outsiders_more", "text", "How many more there are, in words, else nothing."),
    reads=reads(**READS),
    uses=(*USES, "uncounted_contact_ids"),
)
def outsiders(inputs: Inputs) -> pl.DataFrame:
    """List the contacts on a deal who belong to other companies."""
    deals = with_facts(inputs)
    found = _outside(inputs, deals)
    companies = inputs.table("contacts").select("contact_id", company="account_id")
    found = found.join(companies, on="contact_id", how="left").sort("id", "contact_id")
    listed = found.group_by("id", maintain_order=True).agg("contact_id", "company")
    frame = deals.select("id").join(listed, on="id", how="left")
    frame = frame.with_columns(
        pl.col("contact_id", "company").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    )
    more = pl.col("contact_id").list.len().cast(pl.Int64) - SHOWN
    return frame.select(
        "id",
        *(part for n in range(SHOWN) for part in _told(n)),
        outsider_contact_ids="contact_id",
        outsiders_more=pl.when(more > 0)
        .then(pl.format(" and {} more", more))
        .otherwise(pl.lit("")),
    )


def _outside(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return each of them once: ``id``, ``contact_id``."""
    people = listed(inputs)
    held = holders(inputs)
    spoke = deals.select("id", contact_id="uncounted_contact_ids").explode("contact_id")
    parts = [
        people.filter(pl.col("here") & ~pl.col("buyer")).select("id", "contact_id"),
        held.filter(~pl.col("buyer")).select("id", "contact_id"),
        spoke.drop_nulls(),
    ]
    return pl.concat(parts).unique()


def _told(place: int) -> tuple[pl.Expr, ...]:
    """Return the four parts of what is said about the one at a place."""
    n, nothing = place + 1, pl.lit("")
    contact = pl.col("contact_id").list.get(place, null_on_oob=True)
    company = pl.col("company").list.get(place, null_on_oob=True)
    there = pl.when(contact.is_not_null())
    lead = "; not counted: " if place == 0 else ", "
    return (
        there.then(pl.lit(lead)).otherwise(nothing).alias(f"outsider_{n}_lead"),
        contact.fill_null("").alias(f"outsider_{n}"),
        there.then(pl.lit(" belongs to ")).otherwise(nothing).alias(f"outsider_{n}_verb"),
        company.fill_null("").alias(f"outsider_{n}_of"),
    )
