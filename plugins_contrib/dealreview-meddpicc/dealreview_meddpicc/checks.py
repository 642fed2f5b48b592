"""The checks: one a letter, and the reading by the weakest."""

from __future__ import annotations

from typing import Annotated

from dealreview import Cite, Columns, Param, Rules, at_least, check
from dealreview_meddpicc import letters
from dealreview_meddpicc.letters import SAID_BY_CUSTOMER, SHOWN, STATES, Letter

FAMILY = "meddpicc"
SOURCES = ["MEDDPICC as it is taught; the states of evidence and the stages are our own judgement"]
RiskFrom = Annotated[
    int,
    Param("Milestone from which nothing at all is a risk: 3 evaluation to 6 closing", ge=3, le=6),
]


def judged(d: Columns, letter: Letter, risk_from: int) -> Rules:
    """Return the rules that all letters share: what nobody knows is worse the later it is."""
    name = letter.name
    state, known = d.interval(f"meddpicc_{name}"), getattr(d, f"meddpicc_{name}")
    said = f"{{meddpicc_{name}_words}}"
    outcomes = ("risk", "watch", "pass", "strength", "insufficient_data")
    return Rules(
        applies=d.evaluation_or_later,
        risk=(state < 1) & (d.milestone >= risk_from),
        watch=state < SAID_BY_CUSTOMER,
        strength=state >= SHOWN,
        message=dict.fromkeys(outcomes, said),
        actual=known,
        expected=at_least(STATES[SAID_BY_CUSTOMER]),
        evidence=[Cite("facts", f"meddpicc_{name}", known)],
    )


@check.columns(
    "meddpicc/metrics",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What would they say this is worth to them, in their own numbers?"],
)
def metrics(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """The customer stands behind a number for what this is worth.

    A value that only we believe does not survive the first talk about price. Said by us: a
    value item with an amount is written down. Said by the customer: one of their people wrote
    or confirmed one. Shown: they confirmed at least half of the stated value. Judged on open
    deals from evaluation on: nothing known is a watch, from the proposal on a risk; what only
    we say is a watch.

    Needs value items with amounts, who wrote and who confirmed them.
    """
    return judged(d, letters.METRICS, risk_from)


@check.columns(
    "meddpicc/economic-buyer",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["How will you get in front of whoever can say yes alone?"],
)
def economic_buyer(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """Whoever can say yes alone is known and has been met.

    Said by us: a person of theirs has the role of decision maker. Said by the customer: that
    person wrote to us or spoke with us. Shown: that person did what was asked of them, or
    confirmed what this is worth. Judged on open deals from evaluation on: nothing known is a
    watch, from the proposal on a risk; what only we say is a watch.

    Needs the roles of contacts, their companies, and activities since the deal was created;
    asks and confirmed value items where they are kept.
    """
    return judged(d, letters.ECONOMIC_BUYER, risk_from)


@check.columns(
    "meddpicc/decision-criteria",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What will they compare, and who of them wrote that list?"],
)
def decision_criteria(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """Who judges by which criteria is known from the people who judge.

    No table holds a list of criteria, so what is judged is whether those who hold the list talk
    with us. Said by us: a person of theirs has the role of evaluator or technical judge. Said
    by the customer: one of them was in two-way contact lately. Shown: one of them did what was
    asked of them, or confirmed what this is worth. Judged on open deals from evaluation on:
    nothing known is a watch, from the proposal on a risk; what only we say is a watch.

    Needs the roles of contacts, their companies, and activities.
    """
    return judged(d, letters.CRITERIA, risk_from)


@check.columns(
    "meddpicc/decision-process",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What happens on their side between today and their decision, and who does it when?"],
)
def decision_process(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """The customer's steps to a decision are agreed, and they take them.

    Said by us: a day of decision is set, or a step with a day was asked of them. Said by the
    customer: they agreed to such a step, or committed to a day in return for something. Shown:
    they have done a step. A day of decision that passed more than 30 days ago counts no longer.
    Judged on open deals from evaluation on: nothing known is a watch, from the proposal on a
    risk; what only we say is a watch.

    Needs the asks of the customer's side with days and how they stand, or days of decision; an
    empty day of decision is unknown, not none.
    """
    return judged(d, letters.PROCESS, risk_from)


@check.columns(
    "meddpicc/paper-process",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["Who on their side has to see the contract, and how long did that take them last time?"],
)
def paper_process(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """The way from their yes to a signature is known before it is needed.

    Said by us: somebody of theirs from legal or purchasing is on the deal. Said by the
    customer: one of them was in two-way contact lately. Shown: one of them did what was asked,
    they gave something on contract terms (payment, length, service level, warranty, liability),
    or they sent a document. Judged on open deals from evaluation on: nothing known is a watch,
    from the proposal on a risk; what only we say is a watch.

    Needs the roles or functions of contacts, and activities; asks and concessions where they
    are kept.
    """
    return judged(d, letters.PAPER, risk_from)


@check.columns(
    "meddpicc/identify-pain",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What does it cost them to leave things as they are, and who feels it?"],
)
def identify_pain(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """The customer says what their present way costs them.

    Said by us: a value item compares with the way they do it today. Said by the customer: one
    of their people wrote or confirmed one. Shown: a buyer person confirmed one by name. Judged
    on open deals from evaluation on: nothing known is a watch, from the proposal on a risk;
    what only we say is a watch.

    Needs value items with what they are compared with, who wrote and who confirmed them.
    """
    return judged(d, letters.PAIN, risk_from)


@check.columns(
    "meddpicc/champion",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What has your champion done for this deal that cost them something?"],
)
def champion(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """Somebody with influence acts for us when we are not in the room.

    Said by us: somebody of theirs has the role of champion, or a stance of at least +1 and an
    influence of at least 2. Said by the customer: that person told us that they recommend us.
    Shown: that person did what was asked of them, or confirmed what this is worth. Whoever only
    likes us is no champion. Judged on open deals from evaluation on: nothing known is a watch,
    from the proposal on a risk; what only we say is a watch.

    Needs stances and influence, or roles; recommendations, asks and confirmed value items where
    they are kept.
    """
    return judged(d, letters.CHAMPION, risk_from)


@check.columns(
    "meddpicc/competition",
    severity="minor",
    family=FAMILY,
    sources=SOURCES,
    ask=["What would they do if we did not exist, and what do they like about it?"],
)
def competition(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """The customer's alternative is known, and how they compare us with it.

    Doing nothing is an alternative too. Said by us: the deal says what the alternative is, or a
    value item compares with it. Said by the customer: one of their people wrote or confirmed
    such an item. Shown: a buyer person confirmed one by name. Judged on open deals from
    evaluation on: nothing known is a watch, from the proposal on a risk; what only we say is a
    watch.

    Needs the alternative on the deal, or value items with what they are compared with; an empty
    alternative is unknown, not none.
    """
    return judged(d, letters.COMPETITION, risk_from)


@check.columns(
    "meddpicc/weakest-letter",
    severity="major",
    family=FAMILY,
    sources=SOURCES,
    ask=["What would it take this week to hear that from the customer?"],
)
def weakest_letter(d: Columns, *, risk_from: RiskFrom = 4) -> Rules:
    """A deal is as well qualified as its weakest letter.

    Seven letters that shine do not make up for one that nobody knows anything of, so nothing is
    averaged: the letter with the least behind it decides. Nothing known of it is a watch, from the
    proposal on a risk; a letter that only we speak of is a watch; it passes when the customer stands
    behind every letter, and is a strength when they have shown every letter by what they did.

    Letters of which the company records nothing are left out and named; a letter that may be better
    than what is seen, because something is not recorded, is not certain, and decides only where its
    best and its worst come to the same. Judged on open deals from evaluation on.
    """
    state = d.interval("meddpicc_weakest")
    outcomes = ("risk", "watch", "pass", "strength", "insufficient_data")
    return Rules(
        applies=d.evaluation_or_later,
        risk=(state < 1) & (d.milestone >= risk_from),
        watch=state < SAID_BY_CUSTOMER,
        strength=state >= SHOWN,
        message=dict.fromkeys(outcomes, "{meddpicc_profile_words}"),
        actual=d.meddpicc_weakest,
        expected=at_least(STATES[SAID_BY_CUSTOMER]),
        evidence=[Cite("facts", "meddpicc_weakest", d.meddpicc_weakest)],
    )
