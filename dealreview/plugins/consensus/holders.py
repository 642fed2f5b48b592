"""Who holds which role in a deal, and who of them is the customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview.plugins.buyers import READS as BUYERS
from dealreview.plugins.buyers import with_buyers
from dealreview.plugins.subjects import with_facts

if TYPE_CHECKING:
    from dealreview import Inputs

ROLES = (
    "decision_maker",
    "approver",
    "evaluator",
    "user",
    "finance",
    "technical",
    "legal",
    "champion",
    "gatekeeper",
)
READS = {"stakeholder_roles": ("deal_id", "contact_id", "role")}
"""What :func:`holders` reads beside conversations."""


def holders(inputs: Inputs) -> pl.DataFrame:
    """Return who holds a role and has not left: ``id``, ``day``, ``contact_id``, ``role``, ``buyer``."""
    return inputs.shared(_holders, reads={**BUYERS, **READS}, uses=("account_id",))


def _holders(inputs: Inputs) -> pl.DataFrame:
    deals = with_facts(inputs)
    held = inputs.table("stakeholder_roles").rename({"deal_id": "id"})
    return with_buyers(inputs, deals, held).filter("here").drop("here")


def without_role(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``id`` and ``contact_id`` whose role in the deal nobody wrote down."""
    roles = inputs.table("stakeholder_roles").select(pl.col("deal_id").alias("id"), "contact_id")
    return people.join(roles, on=["id", "contact_id"], how="anti")


def in_words(role: pl.Expr) -> pl.Expr:
    """Return a role as people say it: ``decision maker``."""
    return role.str.replace_all("_", " ")
