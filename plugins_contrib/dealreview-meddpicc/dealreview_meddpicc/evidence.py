"""Whether something was seen: yes, no, or unknown because it may be and is not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from dealreview import Inputs


def tally(rows: pl.DataFrame, **what: pl.Expr) -> pl.DataFrame:
    """Return for each deal of some rows whether each thing surely, and perhaps, holds for one of them.

    Returns:
        ``id``, and for each name ``NAME`` and ``NAME_maybe``; deals without a row are not there.
    """
    surely = {name: each.fill_null(value=False).any() for name, each in what.items()}
    perhaps = {f"{name}_maybe": each.fill_null(value=True).any() for name, each in what.items()}
    return rows.group_by("id").agg(**surely, **perhaps)


def seen(name: str, whole: pl.Expr) -> pl.Expr:
    """Return whether a thing of :func:`tally` was seen, after a left join to the deals.

    Args:
        name: The thing.
        whole: Whether everything of that sort is recorded: only then no row means no.
    """
    surely = pl.col(name).fill_null(value=False)
    perhaps = pl.col(f"{name}_maybe").fill_null(value=False)
    return pl.when(surely).then(statement=True).when(whole & ~perhaps).then(statement=False)


def whole(inputs: Inputs, *tables: str) -> pl.Expr:
    """Return whether dated tables are recorded since the deal began: ``created_on`` to ``day``.

    A table that is recorded nowhere says nothing and blocks nothing.
    """
    kept = [table for table in tables if inputs.feeds.is_recorded(table)]
    since, day = pl.col("created_on"), pl.col("day")
    covered = [inputs.feeds.reaches(table, since, day) for table in kept]
    return pl.all_horizontal(pl.lit(value=True), *covered).fill_null(value=False)


EVERYTHING = pl.lit(value=True)
"""Tables without a date come whole or not at all."""


def blank_is_no(inputs: Inputs, column: str, holds: pl.Expr) -> pl.Expr:
    """Return a condition over a column; where that column is recorded nowhere it does not hold."""
    return holds if inputs.feeds.is_recorded(column) else holds.fill_null(value=False)


def deals_of(inputs: Inputs) -> pl.DataFrame:
    """Return the deals with their day and the facts that the provider uses."""
    return inputs.subjects().join(inputs.facts(), on="id", how="left")


def with_buyers(inputs: Inputs, deals: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``buyer``: whether a contact is the customer's; unknown where nobody knows the company.

    The customer is the account of the deal, its parent or a child of it, and who advises it.

    Args:
        inputs: What the provider got; it reads :data:`BUYERS`.
        deals: ``id`` and ``account_id``.
        rows: ``id``, ``contact_id`` and whatever else.
    """
    contacts = inputs.table("contacts").select("contact_id", company="account_id")
    advisers = inputs.table("stakeholders").filter("external_adviser")
    advisers = advisers.select("contact_id", id="deal_id", adviser=True)
    theirs = _companies(inputs, deals).with_columns(theirs=True)
    found = (
        rows.join(contacts, on="contact_id", how="left")
        .join(theirs, on=["id", "company"], how="left")
        .join(advisers, on=["id", "contact_id"], how="left")
    )
    known, ours = pl.col("company").is_not_null(), pl.col("theirs").is_not_null()
    buyer = pl.when(pl.col("adviser").is_not_null()).then(statement=True).when(known).then(ours)
    return found.with_columns(buyer=buyer).drop("company", "theirs", "adviser")


BUYERS = {
    "accounts": ("account_id", "parent_account_id"),
    "contacts": ("contact_id", "account_id"),
    "stakeholders": ("deal_id", "contact_id", "external_adviser"),
}


def _companies(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    family = inputs.table("accounts").drop_nulls()
    up = family.rename({"parent_account_id": "company"})
    down = family.select(account_id="parent_account_id", company="account_id")
    own = deals.select("account_id", company="account_id")
    companies = pl.concat([each.select("account_id", "company") for each in (own, up, down)])
    found = deals.select("id", "account_id").join(companies, on="account_id")
    return found.select("id", "company").unique()
