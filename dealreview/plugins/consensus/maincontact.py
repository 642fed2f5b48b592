"""Who our main contact is, and whether they would recommend us."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Limit, Param, Rules, check, facts
from dealreview.plugins.buyers import listed
from dealreview.plugins.consensus.holders import READS
from dealreview.plugins.conversations import (
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import with_facts


@facts(
    "deal",
    Fact(
        "main_contact_id",
        "text",
        "The contact marked as main; where none is marked, the buyer person with most two-way "
        "events in `main_contact_days`, ties by id; unknown where somebody else may be that.",
        requires=(("stakeholders.is_main", "activity_attendees"),),
        origin="stakeholders.is_main",
    ),
    reads=reads(stakeholders=("is_main",)),
    uses=USES,
    params={
        "main_contact_days": (
            90,
            Param("Days in which the main contact is looked for", ge=7, le=365, unit="days"),
        )
    },
)
def main_contact(inputs: Inputs) -> pl.DataFrame:
    """Find our main contact."""
    deals = with_facts(inputs)
    theirs = listed(inputs).filter(pl.col("buyer").fill_null(value=True) & pl.col("here"))
    marked = theirs.filter("is_main").group_by("id").agg(marked=pl.col("contact_id").min())
    frame = deals.join(marked, on="id", how="left")
    frame = frame.join(_most_in_contact(inputs, deals), on="id", how="left")
    open_marks = theirs.filter(pl.col("is_main").is_null())["id"].implode()
    undecided = pl.lit(inputs.feeds.is_recorded("stakeholders.is_main")) & pl.col("id").is_in(
        open_marks
    )
    found = pl.when(pl.col("marked").is_not_null()).then("marked").when(~undecided).then("most")
    return frame.select("id", main_contact_id=found)


def _most_in_contact(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return who surely had most two-way events: ``id``, ``most``."""
    days = pl.duration(days=inputs.params["main_contact_days"])
    deals = deals.with_columns(since=pl.col("day") - days)
    found = events(inputs, deals, pl.col("on").is_between("since", "day"))
    people = with_people(inputs, found).filter("here").unique(["id", "contact_id", "activity_id"])
    possible = (pl.col("answered") | pl.col("inbound")).fill_null(value=True)
    unnamed = nobody_named(found).filter(possible).group_by("id").agg(unnamed=pl.len())
    counts = people.group_by("id", "contact_id").agg(
        least=pl.col("talked").fill_null(value=False).sum(),
        most=pl.col("talked").fill_null(value=True).sum(),
    )
    counts = counts.join(unnamed, on="id", how="left").sort(
        ["id", "least", "contact_id"], descending=[False, True, False]
    )
    # The first of each deal, as it is sorted.
    best, theirs = pl.col("least").first(), pl.col("contact_id").first()
    could = pl.col("most") + pl.col("unnamed").fill_null(0)
    tied = (could == best) & (pl.col("contact_id") < theirs)
    rival = (pl.col("contact_id") != theirs) & ((could > best) | tied)
    sure = counts.group_by("id", maintain_order=True).agg(
        most=pl.col("contact_id").first(),
        # Somebody who is on no event may have been at those that name nobody.
        sure=~rival.any() & (pl.col("least").first() > pl.col("unnamed").first().fill_null(0)),
    )
    whole = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    seen = deals.filter(whole).select("id")
    return sure.filter("sure").join(seen, on="id", how="semi").select("id", "most")


@facts(
    "deal",
    Fact(
        "main_contact_intent",
        "enum",
        "What the main contact answered to whether they recommend us: yes, no, unclear or "
        "not_asked; unknown when nothing is written down.",
        requires=("stakeholders.recommends",),
        origin="stakeholders.recommends",
    ),
    Fact(
        "main_contact_answer",
        "text",
        "That answer in words, with its age when it is older than `fresh_answer_days`.",
    ),
    Fact(
        "main_is_decision_maker",
        "bool",
        "The main contact has the role decision maker; unknown with the main contact.",
        requires=("stakeholder_roles",),
        origin="stakeholders.is_main",
    ),
    Fact(
        "recommend_yes",
        "int",
        "Buyer people who surely recommend us.",
        "people",
        requires=("stakeholders.recommends",),
        origin="stakeholders.recommends",
    ),
    Fact(
        "recommend_no_lo",
        "int",
        "Buyer people who surely do not recommend us.",
        "people",
        requires=("stakeholders.recommends",),
        origin="stakeholders.recommends",
    ),
    Fact(
        "recommend_no_hi",
        "int",
        "The same with those who may not: nothing is written down.",
        "people",
        requires=("stakeholders.recommends",),
        origin="stakeholders.recommends",
    ),
    reads={
        "accounts": ("account_id", "parent_account_id"),
        "contacts": ("contact_id", "account_id", "left_on"),
        "stakeholders": (
            "deal_id",
            "contact_id",
            "external_adviser",
            "recommends",
            "recommends_on",
        ),
        **READS,
    },
    uses=(*USES, "main_contact_id"),
    params={
        "fresh_answer_days": (
            60,
            Param("An older answer is printed with its age", ge=7, le=365, unit="days"),
        )
    },
)
def intent(inputs: Inputs) -> pl.DataFrame:
    """Read who would recommend us."""
    deals = with_facts(inputs)
    answers = pl.col("recommends")
    people = listed(inputs).filter(pl.col("here") & pl.col("buyer").fill_null(value=True))
    counted = people.group_by("id").agg(
        recommend_yes=((answers == "yes") & pl.col("buyer")).sum(),
        recommend_no_lo=((answers == "no") & pl.col("buyer")).sum(),
        recommend_no_hi=(answers == "no").fill_null(value=True).sum(),
    )
    main = pl.col("main_contact_id")
    roles = inputs.table("stakeholder_roles").filter(pl.col("role") == "decision_maker")
    decides = roles.select(pl.col("deal_id").alias("id"), main_contact_id="contact_id")
    decides = decides.unique().with_columns(decides=pl.lit(value=True))
    stated = inputs.table("stakeholders").drop("external_adviser")
    own = stated.rename({"deal_id": "id", "contact_id": "main_contact_id"})
    frame = (
        deals.join(own, on=["id", "main_contact_id"], how="left")
        .join(decides, on=["id", "main_contact_id"], how="left")
        .join(counted, on="id", how="left")
    )
    numbers = pl.col("recommend_yes", "recommend_no_lo", "recommend_no_hi")
    return frame.select(
        "id",
        numbers.fill_null(0).cast(pl.Int64),
        main_contact_intent=answers,
        main_contact_answer=_answer(inputs.params["fresh_answer_days"]),
        main_is_decision_maker=pl.when(main.is_not_null()).then(
            pl.col("decides").fill_null(value=False)
        ),
    )


def _answer(fresh_days: int) -> pl.Expr:
    """Return the answer in words, an old one with its age."""
    age = (pl.col("day") - pl.col("recommends_on")).dt.total_days()
    said = pl.col("recommends").str.replace_all("_", " ")
    old = pl.format("{}, {} d ago", said, age)
    return pl.when(age > fresh_days).then(old).otherwise(said).fill_null("no answer written down")


@check.columns(
    "consensus/recommendation-intent",
    severity="minor",
    ask=["If they had to decide today, what would your contact advise?"],
    family="stuck contact",
    sources=[f"two people for a strength, age of an answer: {JUDGEMENT}"],
)
def recommendation_intent(
    d: Columns,
    *,
    enough: Annotated[
        int, Param("People who say yes that a strength needs", ge=1, le=20, unit="people")
    ] = 2,
) -> Rules:
    """Our main contact would recommend us to whoever decides.

    Between us and the decision stands the advice of the person we talk with most. From the proposal
    on, unless that person decides: an answer of no, or an unclear one, is a risk; never having asked
    is a watch; yes from two people or more, and from nobody no, is a strength. An answer older than
    60 days is printed with its age.

    The main contact is the one marked so, else the person of the customer with most two-way events
    in 90 days. Needs their answer: an empty field is not the same as "not asked".
    """
    answer = d.main_contact_intent
    said = "whether {main_contact_id:person} would recommend us: {main_contact_answer}"
    return Rules(
        applies=d.proposal_reached & ~d.main_is_decision_maker,
        risk=answer.is_in(["no", "unclear"]),
        watch=answer == "not_asked",
        strength=(d.recommend_yes >= enough) & (d.interval("recommend_no") <= 0),
        message={
            **dict.fromkeys(("risk", "watch", "pass"), said),
            "insufficient_data": "main contact: {main_contact_id:person}; whether they would recommend us: "
            "{main_contact_answer}",
            "strength": said + "; yes from {recommend_yes:count} people, no from nobody",
        },
        actual=answer,
        expected={"risk": Limit("=", "yes"), "watch": Limit("=", "an answer")},
        evidence=cited(d, "main_contact_id", "main_contact_intent", "recommend_yes"),
    )
