"""Decision process and paper process: the way to a decision, and from there to a signature."""

from __future__ import annotations

import polars as pl

from dealreview import Inputs, Param, facts
from dealreview_meddpicc.evidence import EVERYTHING, deals_of, seen, tally, whole, with_buyers
from dealreview_meddpicc.letters import PAPER, PROCESS, standing
from dealreview_meddpicc.stakeholders import READS, with_acts, with_contact

PAPERS = ("legal", "purchasing")
CONTRACT_TERMS = (
    "payment_terms",
    "prepayment",
    "term_length",
    "service_level",
    "warranty",
    "liability",
)
"""What a customer gives only by talking about the contract."""

STALE = "meddpicc_decision_day_stale"


@facts(
    "deal",
    *PROCESS.facts(),
    reads={
        "commitments": ("deal_id", "side", "due_on", "done_on", "status"),
        "concessions": ("deal_id", "given_by", "kind"),
    },
    uses=("created_on", "decision_meeting_on"),
    params={
        STALE: (
            30,
            Param(
                "Days after which a day of decision that has passed no longer counts",
                ge=0,
                le=180,
                unit="days",
                source="our own judgement",
            ),
        )
    },
)
def decision(inputs: Inputs) -> pl.DataFrame:
    """Weigh what is known of the way to their decision."""
    asked = inputs.table("commitments").rename({"deal_id": "id"})
    theirs, dated = pl.col("side") == "buyer", pl.col("due_on").is_not_null()
    done = pl.col("done_on").is_not_null() | (pl.col("status") == "done")
    agreed = done | (pl.col("status") == "agreed")
    steps = tally(
        asked,
        step=theirs & (dated | done),
        agreed=theirs & (dated | done) & agreed,
        done=theirs & done,
    )
    given = inputs.table("concessions").rename({"deal_id": "id"})
    by_them = pl.col("given_by") == "buyer"
    dates = tally(given, date_given=by_them & (pl.col("kind") == "decision_date"))
    frame = deals_of(inputs).join(steps, on="id", how="left").join(dates, on="id", how="left")
    asks, gives = whole(inputs, "commitments"), whole(inputs, "concessions")
    return frame.select(
        "id",
        **standing(
            inputs,
            PROCESS,
            _has_day(inputs) | seen("step", asks),
            seen("agreed", asks) | seen("date_given", gives),
            seen("done", asks),
        ),
    )


def _has_day(inputs: Inputs) -> pl.Expr:
    """Return whether a day of decision is set that is not long past; an empty cell is unknown."""
    if not inputs.feeds.is_recorded("deals.decision_meeting_on"):
        return pl.lit(value=False)
    past: pl.Expr = (pl.col("day") - pl.col("decision_meeting_on")).dt.total_days()
    stale: int = inputs.params[STALE]
    return past <= stale


@facts(
    "deal",
    *PAPER.facts(),
    reads={
        **READS,
        "contacts": (*READS["contacts"], "function"),
        "stakeholder_roles": ("deal_id", "contact_id", "role"),
        "concessions": ("deal_id", "given_by", "kind"),
        "activities": ("deal_id", "kind", "direction"),
    },
    uses=(
        "account_id",
        "created_on",
        "engaged_contact_ids",
        "maybe_engaged_contact_ids",
        "engaged_all_seen",
    ),
)
def papers(inputs: Inputs) -> pl.DataFrame:
    """Weigh what is known of the way from their yes to a signature."""
    deals = deals_of(inputs)
    staff = with_acts(inputs, with_contact(deals, _paper_people(inputs, deals)))
    buyer = pl.col("buyer")
    found = tally(staff, named=buyer, talks=buyer & pl.col("talks"), acts=buyer & pl.col("acts"))
    given = inputs.table("concessions").rename({"deal_id": "id"})
    terms = (pl.col("given_by") == "buyer") & pl.col("kind").is_in(CONTRACT_TERMS)
    sent = inputs.table("activities").rename({"deal_id": "id"}).drop_nulls("id")
    document = (pl.col("kind") == "document") & (pl.col("direction") == "inbound")
    frame = deals
    for part in (found, tally(given, terms=terms), tally(sent, document=document)):
        frame = frame.join(part, on="id", how="left")
    shown = (
        seen("acts", whole(inputs, "commitments"))
        | seen("terms", whole(inputs, "concessions"))
        | seen("document", whole(inputs, "activities"))
    )
    talk = seen("talks", EVERYTHING)
    return frame.select("id", **standing(inputs, PAPER, seen("named", EVERYTHING), talk, shown))


def _paper_people(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return who on a deal is from legal or purchasing, by role or by what they do there."""
    key = ["deal_id", "contact_id"]
    roles = inputs.table("stakeholder_roles")
    legal = roles.filter(pl.col("role") == "legal").select(key)
    contacts = inputs.table("contacts")
    staff = contacts.filter(pl.col("function").is_in(PAPERS)).select("contact_id")
    listed = pl.concat([inputs.table("stakeholders").select(key), roles.select(key)])
    rows = pl.concat([legal, listed.join(staff, on="contact_id")]).unique()
    rows = rows.rename({"deal_id": "id"}).join(deals.select("id", "day"), on="id")
    rows = rows.join(contacts.select("contact_id", "left_on"), on="contact_id", how="left")
    gone = (pl.col("left_on") <= pl.col("day")).fill_null(value=False)
    return with_buyers(inputs, deals, rows.filter(~gone))
