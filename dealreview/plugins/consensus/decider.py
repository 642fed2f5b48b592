"""Whether the person who decides is known, and was heard before somebody else said no."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.consensus.holders import READS, holders, in_words
from dealreview.plugins.consensus.outsiders import OUTSIDERS, cite_outsiders
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    conversations_of,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import with_facts, with_own_row

DECIDES = ("decision_maker", "approver")


@facts(
    "deal",
    Fact(
        "decision_maker_named",
        "bool",
        "A buyer person with a name has the role decision maker; unknown where nobody knows the "
        "company of who has it.",
        requires=("stakeholder_roles", "contacts.account_id"),
        origin="contacts.account_id",
    ),
    Fact(
        "decision_maker_engaged",
        "bool",
        "An engaged buyer person has it; unknown where one may be.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact("decision_maker_ids", "set", "The buyer people who have it.", "people"),
    Fact("decision_maker_contact", "text", "Whether one of them is in contact, in words."),
    Fact(
        "days_since_proposal",
        "int",
        "Days since the proposal; unknown with its day.",
        "days",
        origin="deals.first_quote_on",
    ),
    reads=reads(**READS),
    uses=(
        *USES,
        "proposal_on",
        "named_roles",
        "maybe_named_roles",
        "engaged_roles",
        "maybe_engaged_roles",
    ),
)
def decision_maker(inputs: Inputs) -> pl.DataFrame:
    """Look for the person who decides."""
    deals = with_facts(inputs)
    held = holders(inputs).filter((pl.col("role") == DECIDES[0]) & pl.col("buyer"))
    ids = held.group_by("id").agg(decision_maker_ids="contact_id")
    frame = deals.join(ids, on="id", how="left").with_columns(
        decision_maker_named=_contains("named_roles", "maybe_named_roles"),
        decision_maker_engaged=_contains("engaged_roles", "maybe_engaged_roles"),
    )
    engaged = pl.col("decision_maker_engaged")
    said = pl.when(engaged).then(pl.lit("in contact")).when(~engaged).then(pl.lit("not in contact"))
    return frame.select(
        "id",
        "decision_maker_named",
        "decision_maker_engaged",
        decision_maker_ids=pl.col("decision_maker_ids").fill_null(
            pl.lit([], dtype=pl.List(pl.String))
        ),
        decision_maker_contact=said.otherwise(pl.lit("perhaps not in contact")),
        days_since_proposal=(pl.col("day") - pl.col("proposal_on")).dt.total_days(),
    )


def _contains(surely: str, maybe: str) -> pl.Expr:
    """Return whether the decision maker is among roles of which some are only possible."""
    return (
        pl.when(pl.col(surely).list.contains(DECIDES[0])).then(statement=True)
        .when(~pl.col(maybe).list.contains(DECIDES[0])).then(statement=False)
    )  # fmt: skip


@check.columns(
    "consensus/decision-maker-unnamed",
    severity="major",
    ask=["Who will actually sign, and how do you know?"],
    family="who decides",
    sources=[f"days of grace: {JUDGEMENT}"],
)
def decision_maker_unnamed(
    d: Columns,
    *,
    grace_days: Annotated[
        int,
        Param("Risk when nobody is named this long after the proposal", ge=0, le=120, unit="days"),
    ] = 14,
) -> Rules:
    """Whoever decides on the customer's side is known by name when the proposal is out.

    From the proposal on, a deal without a named decision maker is a watch, and a risk once the
    proposal is out for more than 14 days. Named means: somebody of the customer who has that role
    and whose name is not blank. Named and in two-way contact within 45 days is a strength.

    The proposal's day is that of the first quote, or of the first entry into a stage of proposal or
    later, whichever comes first. Needs the roles of contacts, their companies, and that day. A role
    held by somebody of another company is not counted, and the message names them.
    """
    named, days = d.decision_maker_named, d.days_since_proposal
    out = "no decision maker named; the proposal has been out for {days_since_proposal:days}"
    known = "decision maker: {decision_maker_ids:people}, {decision_maker_contact}{engaged_as_of}"
    return Rules(
        applies=d.proposal_reached,
        risk=~named & (days > grace_days),
        watch=~named,
        strength=named & d.decision_maker_engaged,
        message={
            "risk": out + " ({grace_days:days} allowed){foreign_role_words}" + OUTSIDERS,
            "watch": out + " (over {grace_days:days} is a risk){foreign_role_words}" + OUTSIDERS,
            "pass": known,
            "strength": known,
            "insufficient_data": "decision maker named: {decision_maker_named}; days since the "
            "proposal: {days_since_proposal:count}{foreign_role_words}" + OUTSIDERS,
        },
        actual=days,
        expected={"risk": at_most(grace_days, source=JUDGEMENT)},
        evidence=[
            Cite("contacts", "name", ids=d.decision_maker_ids),
            cite_outsiders(d),
            *cited(d, "decision_maker_named", "days_since_proposal"),
        ],
    )


@facts(
    "deal",
    Fact(
        "no_by_decider",
        "bool",
        "Who said no is a decision maker or an approver; unknown where nobody knows who it was or "
        "wrote down the role.",
        requires=("stakeholder_roles", ("deals.loss_contact_id", "activities.direction")),
        origin="deals.loss_contact_id",
    ),
    Fact("no_said_by_ids", "set", "Who said no.", "people"),
    Fact("no_said_by_words", "text", "Their roles, and how it is known who it was."),
    Fact("no_stands_words", "text", "Why such a no can stand, in words."),
    Fact(
        "decision_maker_met",
        "bool",
        "A decision maker ever had a two-way event with us; unknown where activities are not "
        "recorded since the deal was created, or somebody of unknown role was met.",
        requires=(*ARE_RECORDED, "stakeholder_roles"),
        origin="activities",
    ),
    reads=reads(**READS, deals=("deal_id", "closed_on", "created_on", "loss_contact_id")),
    uses=USES,
    params={
        "last_word_days": (
            14,
            Param(
                "Days before the closing in which the sender of the last message counts as who said "
                "no, where nobody is written down",
                ge=1,
                le=90,
                unit="days",
                source=JUDGEMENT,
            ),
        )
    },
)
def refusal(inputs: Inputs) -> pl.DataFrame:
    """Find out whose no it was, and whether the decision maker was ever met."""
    closed = pl.min_horizontal("day", "closed_on")
    # Which of an account's deals an event without deal belonged to, nobody knows once they are closed.
    deals = with_facts(inputs).with_columns(is_open=pl.lit(None, dtype=pl.Boolean))
    deals = with_own_row(deals, inputs.table("deals")).with_columns(until=closed)
    talk = pl.col("answered") | pl.col("inbound")
    unclear = pl.col("status").is_null() & (pl.col("kind") == "meeting")
    # What only we said shows nobody's no, and nobody who was met.
    heard = (talk | unclear).fill_null(value=True) & (pl.col("on") <= pl.col("until"))
    talks = conversations_of(inputs, deals, heard)
    found = events(inputs, deals, heard, talks)
    people = with_people(inputs, found, talks)
    unnamed = nobody_named(found).filter(talk.fill_null(value=True))["id"].implode()
    whole = inputs.feeds.covers("activities", pl.col("created_on"), pl.col("until"))
    seen_all = whole.fill_null(value=False) & ~pl.col("id").is_in(unnamed)
    frame = deals.join(_voices(inputs, deals, people), on="id", how="left")
    frame = frame.join(_met(inputs, people), on="id", how="left")
    never = seen_all & ~pl.col("maybe_met").fill_null(value=False)
    frame = frame.with_columns(
        decision_maker_met=pl.when("met").then(statement=True).when(never).then(statement=False)
    )
    return frame.select(
        "id",
        "no_by_decider",
        "decision_maker_met",
        no_stands_words=_no_stands(),
        no_said_by_ids=pl.col("no_said_by_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        no_said_by_words=pl.col("no_said_by_words").fill_null("role unknown"),
    )


def _no_stands() -> pl.Expr:
    """Return why a no can stand: whoever decides said it, or had their say."""
    theirs = pl.when("no_by_decider").then(pl.lit("one of those who decide or approve"))
    met = pl.when("decision_maker_met").then(pl.lit("the decision maker was met"))
    return pl.concat_str([theirs, met], separator="; ", ignore_nulls=True)


def _voices(inputs: Inputs, deals: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return who said no in each deal, whether they decide, and their roles in words."""
    if inputs.feeds.is_recorded("deals.loss_contact_id"):
        voice = deals.select("id", contact_id="loss_contact_id").drop_nulls()
        known = ""
    else:
        voice, known = (
            _last_word(people, inputs.params["last_word_days"]),
            ", by the last message before the closing",
        )
    roles = inputs.table("stakeholder_roles").rename({"deal_id": "id"})
    role = pl.col("role").drop_nulls()
    return (
        voice.join(roles, on=["id", "contact_id"], how="left")
        .group_by("id")
        .agg(
            no_said_by_ids=pl.col("contact_id").unique(),
            no_by_decider=pl.when(role.len() > 0).then(role.is_in(DECIDES).any()),
            no_said_by_words=pl.when(role.len() > 0)
            .then(in_words(role.sort().str.join(", ")))
            .otherwise(pl.lit("role unknown"))
            + pl.lit(known),
        )
    )


def _last_word(people: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return the only person of theirs on the last message of theirs before the closing."""
    near = (pl.col("until") - pl.col("on")).dt.total_days() <= days
    wrote = people.filter(near & pl.col("spoke") & pl.col("inbound"))
    last = wrote.filter(pl.col("at") == pl.col("at").max().over("id"))
    alone = pl.col("contact_id").n_unique() == 1
    senders = last.group_by("id").agg(pl.col("contact_id").first(), alone=alone)
    return senders.filter("alone").select("id", "contact_id")


def _met(inputs: Inputs, people: pl.DataFrame) -> pl.DataFrame:
    """Return whether a decision maker was met, surely and perhaps: ``id``, ``met``, ``maybe_met``."""
    roles = inputs.table("stakeholder_roles").rename({"deal_id": "id"})
    decides = roles.group_by("id", "contact_id").agg(decides=(pl.col("role") == DECIDES[0]).any())
    talked = people.filter(pl.col("talked").fill_null(value=True))
    found = talked.join(decides, on=["id", "contact_id"], how="left")
    return found.group_by("id").agg(
        met=(pl.col("talked") & pl.col("decides")).fill_null(value=False).any(),
        maybe_met=pl.col("decides").fill_null(value=True).any(),
    )


@check.columns(
    "consensus/gatekeeper-no",
    severity="minor",
    ask=['Whose "no" was this?'],
    after_close=True,
    sources=[f"days in which a lost deal is looked at: {JUDGEMENT}"],
)
def gatekeeper_no(
    d: Columns,
    *,
    window_days: Annotated[
        int, Param("Days after the closing in which it is asked", ge=7, le=365, unit="days")
    ] = 90,
) -> Rules:
    """A deal is lost on the word of somebody who decides.

    A no from somebody who neither decides nor approves, while the decision maker never spoke with
    us, may be nobody's decision. Looked at are deals lost in the last 90 days; such a no is a watch.

    Who said no is read from the deal; where no deal says it, from the last message of theirs in the
    14 days before the closing, and the message says so. Needs the roles of contacts, and activities
    since the deal was created: whether the decision maker was ever met is not known otherwise, nor
    where somebody was met whose role nobody wrote down.
    """
    said = "lost on the word of {no_said_by_ids:people} ({no_said_by_words})"
    return Rules(
        applies=d.is_lost & (d.days_since_closing <= window_days),
        watch=~d.no_by_decider & ~d.decision_maker_met,
        message={
            "watch": said + "; decision maker never met",
            "pass": said + "; {no_stands_words}",
            "insufficient_data": said + "; decision maker met: {decision_maker_met}",
        },
        evidence=[
            Cite("contacts", "name", ids=d.no_said_by_ids),
            *cited(d, "no_by_decider", "decision_maker_met"),
        ],
    )
