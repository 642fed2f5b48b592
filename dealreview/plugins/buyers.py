"""Who is on the buyer's side of a deal: by their company, or as an adviser from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview.plugins.subjects import with_facts

if TYPE_CHECKING:
    from dealreview import Inputs

READS = {
    "accounts": ("account_id", "parent_account_id"),
    "contacts": ("contact_id", "account_id", "left_on"),
    "stakeholders": ("deal_id", "contact_id", "external_adviser"),
}
"""What the functions here read."""


def with_buyers(inputs: Inputs, deals: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Add whether the contacts of deals are on the buyer's side, and still there on the day.

    A ``buyer`` belongs to the account of the deal, its parent or a child of it, or advises it from
    outside; of whom the company is unknown that is unknown too. Who has left is not ``here``.

    Args:
        inputs: What the provider got.
        deals: ``id``, ``day``, ``account_id``.
        people: ``id``, ``contact_id`` and whatever else; those of other deals are left out.
    """
    sides = companies_of(inputs, deals).with_columns(deals["day"])
    people = people.select(pl.exclude("day")).join(sides, on="id", maintain_order="left")
    return are_buyers(inputs, with_companies(inputs, people))


def listed(inputs: Inputs) -> pl.DataFrame:
    """Return the people listed on deals: ``id``, ``day``, ``contact_id``, ``buyer``, ``here``.

    With them come the other columns of stakeholders that the provider reads.
    """
    found = inputs.shared(_listed, reads=READS, uses=("account_id",))
    more = inputs.table("stakeholders").select(pl.exclude(READS["stakeholders"]))
    # A table's rows stand in the same order each time it is asked for.
    return found.drop("row").hstack(more[found["row"]]) if more.width else found.drop("row")


def _listed(inputs: Inputs) -> pl.DataFrame:
    deals = with_facts(inputs)
    people = inputs.table("stakeholders").with_row_index("row").drop("external_adviser")
    return with_buyers(inputs, deals, people.rename({"deal_id": "id"}))


def companies_of(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the customer of each deal, ``customer``, and its parent company, by ``id``."""
    parents = _parents(inputs).rename({"account_id": "customer", "parent": "customer_parent"})
    own = deals.select("id", customer="account_id")
    return own.join(parents, on="customer", how="left", maintain_order="left")


def with_companies(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Add the company of contacts, its parent, and when they left it."""
    reads = {table: READS[table] for table in ("accounts", "contacts")}
    contacts = inputs.shared(_contacts, reads=reads)
    return people.join(contacts, on="contact_id", how="left", maintain_order="left")


def are_buyers(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Put ``buyer`` and ``here`` in the place of the companies of contacts and deals."""
    company, customer, adviser = pl.col("company"), pl.col("customer"), pl.col("adviser")
    # Comparing four columns takes a fraction of joining the companies of all deals.
    theirs = (
        (company == customer)
        | (company == pl.col("customer_parent"))
        | (pl.col("company_parent") == customer)
    )
    employed = pl.when(company.is_not_null()).then(theirs.fill_null(value=False))
    found = _with_advice(inputs, people).with_columns(
        buyer=pl.when(adviser).then(statement=True).otherwise(employed),
        here=pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("day")),
    )
    return found.drop(
        "left_on", "company", "company_parent", "customer", "customer_parent", "adviser"
    )


def _with_advice(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Add who advises a deal from outside, as ``adviser``."""
    advisers = inputs.table("stakeholders").filter("external_adviser")
    if advisers.is_empty():
        return people.with_columns(adviser=pl.lit(value=False))
    ids = advisers.select(pl.col("deal_id").alias("id"), "contact_id", adviser="external_adviser")
    return people.join(ids, on=["id", "contact_id"], how="left", maintain_order="left")


def _contacts(inputs: Inputs) -> pl.DataFrame:
    contacts = inputs.table("contacts").select("contact_id", "left_on", company="account_id")
    parents = _parents(inputs).rename({"account_id": "company", "parent": "company_parent"})
    return contacts.join(parents, on="company", how="left")


def _parents(inputs: Inputs) -> pl.DataFrame:
    """Return the parent company of the accounts that have one, which are few."""
    return inputs.table("accounts").select("account_id", parent="parent_account_id").drop_nulls()
