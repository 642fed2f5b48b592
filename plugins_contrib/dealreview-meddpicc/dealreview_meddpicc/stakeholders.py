"""Economic buyer, decision criteria and champion: who is there, who talks with us, who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview import Inputs, Param, facts
from dealreview_meddpicc.evidence import (
    BUYERS,
    EVERYTHING,
    blank_is_no,
    deals_of,
    seen,
    tally,
    whole,
    with_buyers,
)
from dealreview_meddpicc.letters import CHAMPION, CRITERIA, ECONOMIC_BUYER, standing

if TYPE_CHECKING:
    from collections.abc import Collection

EVALUATES = ("evaluator", "technical")
STANCE, INFLUENCE = "meddpicc_champion_stance", "meddpicc_champion_influence"
ACTS = ("commitments", "value_items")
READS = {
    **BUYERS,
    "contacts": ("contact_id", "account_id", "left_on"),
    "commitments": ("deal_id", "side", "contact_id", "done_on", "status"),
    "value_items": ("deal_id", "confirmed_by_contact_id", "rejected_on"),
}
"""What :func:`with_acts` and :func:`with_buyers` read."""


@facts(
    "deal",
    *ECONOMIC_BUYER.facts(),
    *CRITERIA.facts(),
    *CHAMPION.facts(),
    reads={
        **READS,
        "stakeholders": (*BUYERS["stakeholders"], "stance", "influence", "recommends"),
        "stakeholder_roles": ("deal_id", "contact_id", "role"),
    },
    uses=(
        "account_id",
        "created_on",
        "decision_maker_named",
        "decision_maker_met",
        "engaged_contact_ids",
        "maybe_engaged_contact_ids",
        "engaged_all_seen",
    ),
    params={
        STANCE: (
            1,
            Param(
                "Stance from which somebody can be a champion",
                ge=1,
                le=2,
                source="our own judgement",
            ),
        ),
        INFLUENCE: (
            2,
            Param(
                "Influence from which somebody can be a champion",
                ge=1,
                le=3,
                source="our own judgement",
            ),
        ),
    },
)
def people(inputs: Inputs) -> pl.DataFrame:
    """Weigh what is known of who decides, who evaluates and who stands up for us."""
    deals = deals_of(inputs)
    listed = with_acts(inputs, with_contact(deals, _listed(inputs, deals)))
    champion = pl.col("buyer") & _stands_up(inputs)
    recommends = blank_is_no(inputs, "stakeholders.recommends", pl.col("recommends") == "yes")
    decides = pl.col("buyer") & _has_role(["decision_maker"])
    evaluates = pl.col("buyer") & _has_role(EVALUATES)
    found = tally(
        listed,
        decider_acts=decides & pl.col("acts"),
        evaluates=evaluates,
        evaluator_talks=evaluates & pl.col("talks"),
        evaluator_acts=evaluates & pl.col("acts"),
        champion=champion,
        champion_recommends=champion & recommends,
        champion_acts=champion & pl.col("acts"),
    )
    frame = deals.join(found, on="id", how="left")
    acts = whole(inputs, "commitments")
    is_named = pl.col("decision_maker_named")
    # Somebody of unknown role may have been met; while nobody is named that is no evidence.
    met = is_named & blank_is_no(inputs, "activities", pl.col("decision_maker_met"))
    return frame.select(
        "id",
        **standing(inputs, ECONOMIC_BUYER, is_named, met, seen("decider_acts", acts)),
        **standing(
            inputs,
            CRITERIA,
            seen("evaluates", EVERYTHING),
            seen("evaluator_talks", EVERYTHING),
            seen("evaluator_acts", acts),
        ),
        **standing(
            inputs,
            CHAMPION,
            seen("champion", EVERYTHING),
            seen("champion_recommends", EVERYTHING),
            seen("champion_acts", acts),
        ),
    )


def _listed(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return everybody listed on a deal who has not left: ``roles``, ``stance``, ``buyer`` and so on."""
    key = ["deal_id", "contact_id"]
    roles = inputs.table("stakeholder_roles").group_by(key).agg(roles="role")
    known = inputs.table("stakeholders").drop("external_adviser")
    both = known.join(roles, on=key, how="full", coalesce=True).rename({"deal_id": "id"})
    left = inputs.table("contacts").select("contact_id", "left_on")
    both = both.join(deals.select("id", "day"), on="id").join(left, on="contact_id", how="left")
    gone = (pl.col("left_on") <= pl.col("day")).fill_null(value=False)
    return with_buyers(inputs, deals, both.filter(~gone))


def with_contact(deals: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``talks``: whether a contact of a deal was lately in two-way contact with us."""
    known = ("engaged_contact_ids", "maybe_engaged_contact_ids", "engaged_all_seen")
    found = rows.join(deals.select("id", *known), on="id", how="left")
    contact = pl.col("contact_id")
    surely = contact.is_in(pl.col(known[0])).fill_null(value=False)
    perhaps = contact.is_in(pl.col(known[1])).fill_null(value=True)
    never = ~perhaps & pl.col(known[2]).fill_null(value=False)
    talks = pl.when(surely).then(statement=True).when(never).then(statement=False)
    return found.with_columns(talks=talks).drop(known)


def with_acts(inputs: Inputs, rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``acts``: whether a contact did what was asked, or confirmed what we are worth to them."""
    asked = inputs.table("commitments").filter(_done())
    worth = inputs.table("value_items").filter(pl.col("rejected_on").is_null())
    key = ["id", "contact_id"]
    acts = pl.concat(
        [
            asked.select(id="deal_id", contact_id="contact_id"),
            worth.select(id="deal_id", contact_id="confirmed_by_contact_id"),
        ]
    )
    acted = acts.drop_nulls().unique().with_columns(acted=True)
    # A step that was done by nobody named may be anybody's.
    nameless = asked.filter(pl.col("contact_id").is_null()).select(id="deal_id", somebody=True)
    found = rows.join(acted, on=key, how="left").join(nameless.unique(), on="id", how="left")
    acts_known = pl.col("acted").is_not_null() | pl.col("somebody").is_null()
    return found.with_columns(acts=pl.when(acts_known).then(pl.col("acted").is_not_null())).drop(
        "acted", "somebody"
    )


def _done() -> pl.Expr:
    theirs = pl.col("side") == "buyer"
    return theirs & (pl.col("done_on").is_not_null() | pl.col("status").eq_missing("done"))


def _has_role(wanted: Collection[str]) -> pl.Expr:
    """Return whether a contact has a role; no, where roles are written down for others only."""
    held = pl.col("roles").list.eval(pl.element().is_in(list(wanted))).list.any()
    return held.fill_null(value=False)


def _stands_up(inputs: Inputs) -> pl.Expr:
    """Return whether a contact has the role champion, or is for us and has influence."""
    stance = blank_is_no(inputs, "stakeholders.stance", pl.col("stance") >= inputs.params[STANCE])
    weight = pl.col("influence") >= inputs.params[INFLUENCE]
    weight = blank_is_no(inputs, "stakeholders.influence", weight)
    return _has_role(["champion"]) | (stance & weight)
