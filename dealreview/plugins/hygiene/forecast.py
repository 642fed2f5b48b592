"""Whether what the customer has done supports what we forecast."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Fact,
    Inputs,
    Limit,
    Param,
    Rules,
    at_least,
    at_most,
    check,
    facts,
)
from dealreview.plugins.conversations import ARE_RECORDED
from dealreview.plugins.evidence import JUDGEMENT, beyond, cited, exposed
from dealreview.plugins.flags import names_where
from dealreview.plugins.subjects import with_deals, with_facts
from dealreview.plugins.words import counted

CATEGORIES = ("omitted", "pipeline", "best_case", "commit")
"""Forecast categories in order, the lowest first."""

_NAMES = ("no forecast", "pipeline", "best case", "commit")
SUPPORT = "what the customer did"
COMMIT_FACTS = 6
"""How many facts are behind a commit that holds."""

_PEOPLE: dict[str, tuple[Any, Param]] = {
    "forecast_people": (
        2,
        Param(
            "People who talk with us behind a best case and a commit",
            ge=1,
            le=20,
            unit="people",
            source=JUDGEMENT,
        ),
    )
}


@facts(
    "deal",
    Fact(
        "forecast_rank",
        "int",
        "Forecast category: 0 omitted, 1 pipeline, 2 best case, 3 commit.",
        requires=("deals.forecast_category",),
        origin="deals.forecast_category",
    ),
    Fact("forecast_told", "text", "Forecast category in words."),
    reads={"deals": ("deal_id", "forecast_category")},
)
def category(inputs: Inputs) -> pl.DataFrame:
    """Read the forecast category."""
    deals = with_deals(inputs)
    given = pl.col("forecast_category")
    ranks = {name: rank for rank, name in enumerate(CATEGORIES)}
    return deals.select(
        "id",
        forecast_rank=given.replace_strict(ranks, default=None, return_dtype=pl.Int64),
        forecast_told=given.str.replace("_", " ").fill_null("no forecast category"),
    )


@facts(
    "deal",
    Fact(
        "decider_named",
        "bool",
        "Whether a decision maker or approver of the buyer is named; unknown where that person's "
        "company is.",
        requires=("stakeholder_roles", "contacts.account_id"),
        origin="stakeholder_roles",
    ),
    Fact("commit_facts", "set", "Which of the six facts behind a commit surely hold."),
    Fact("commit_facts_n", "int", "How many of the six.", "facts", origin="activities"),
    Fact(
        "commit_lacks_lo",
        "int",
        "How many surely lack of two things: a named decision maker or approver, and "
        "`forecast_people` who talk with us.",
        "facts",
        origin="stakeholder_roles",
    ),
    Fact("commit_told", "text", "What is there and what is missing, in words."),
    Fact(
        "forecast_people_min",
        "int",
        "How many people are asked for: `forecast_people`.",
        "people",
        origin="activities",
    ),
    uses=(
        "named_roles",
        "maybe_named_roles",
        "engaged_roles",
        "engaged_contacts_lo",
        "engaged_contacts_hi",
        "days_since_two_way_hi",
        "has_buyer_meeting",
        "proposal_reached",
        "days_to_close",
        "close_date_pushes_hi",
        "silence_told",
        "silence_notes",
    ),
    params={
        **_PEOPLE,
        "commit_word_days": (
            14,
            Param(
                "A commit is a strength with a word from them in fewer days",
                ge=1,
                le=90,
                unit="days",
                source=JUDGEMENT,
            ),
        ),
        "commit_pushes": (
            3,
            Param(
                "A commit is a strength with fewer pushes of the expected close",
                ge=1,
                le=20,
                unit="pushes",
                source=JUDGEMENT,
            ),
        ),
    },
)
def commitment(inputs: Inputs) -> pl.DataFrame:
    """Look for what a customer does who is about to buy."""
    deals = with_facts(inputs)
    named, maybe = (_holds_decider(column) for column in ("named_roles", "maybe_named_roles"))
    decider = pl.when(named).then(statement=True).when(~maybe).then(statement=False)
    people = inputs.params["forecast_people"]
    signs = _signs(people, inputs.params["commit_word_days"], inputs.params["commit_pushes"])
    held = names_where(deals, signs)
    who = "decision maker or approver"
    known = pl.when(decider).then(pl.lit(f"{who} named"))
    told = known.when(~decider).then(pl.lit(f"no {who} named"))
    words = pl.concat_str(
        told.otherwise(pl.lit(f"unclear whether a {who} is named")),
        pl.format(", {} with us, {}{}", _people(), "silence_told", "silence_notes"),
    )
    lacks = (~decider, pl.col("engaged_contacts_hi") < people)
    return deals.select(
        "id",
        decider_named=decider,
        commit_facts=held,
        commit_facts_n=held.list.len().cast(pl.Int64),
        commit_lacks_lo=pl.sum_horizontal(
            lack.fill_null(value=False).cast(pl.Int64) for lack in lacks
        ),
        commit_told=words,
        forecast_people_min=pl.lit(people, dtype=pl.Int64),
    )


def _signs(people: int, word_days: int, pushes: int) -> dict[str, pl.Expr]:
    """Return the six facts behind a commit, by their names."""
    talking = "two people" if people == 2 else "a person" if people == 1 else f"{people} people"
    return {
        "decision maker named and talking": _has("engaged_roles", "decision_maker"),
        f"{talking} talking": pl.col("engaged_contacts_lo") >= people,
        f"word within {word_days} d": pl.col("days_since_two_way_hi") < word_days,
        "meeting planned": pl.col("has_buyer_meeting"),
        "proposal out": pl.col("proposal_reached"),
        f"close ahead, under {pushes} pushes": (pl.col("days_to_close") >= 0)
        & (pl.col("close_date_pushes_hi") < pushes),
    }


def _people() -> pl.Expr:
    low, high = pl.col("engaged_contacts_lo"), pl.col("engaged_contacts_hi")
    none = pl.when(high.is_null()).then(pl.lit("nobody is seen to talk"))
    some = counted(low, high, "person talks", "people talk")
    return (
        pl.when(pl.coalesce(high, low) == 0)
        .then(none.otherwise(pl.lit("nobody talks")))
        .otherwise(some)
    )


def _has(column: str, role: str) -> pl.Expr:
    return pl.col(column).list.contains(role).fill_null(value=False)


def _holds_decider(column: str) -> pl.Expr:
    return _has(column, "decision_maker") | _has(column, "approver")


@check.columns(
    "hygiene/commit-without-evidence",
    severity="minor",
    ask=["What have they done, not said, that makes this certain?"],
    family="who decides",
    sources=[f"two people, 14 days: {JUDGEMENT}"],
)
def commit_without_evidence(
    d: Columns,
    *,
    silent: Annotated[int, Param("Risk from this silence on", ge=1, le=90, unit="days")] = 14,
) -> Rules:
    """A deal in commit rests on what the customer did.

    Three things are asked for: a decision maker or approver has a name, at least two people on
    their side talk with us, and somebody did within `silent` days. Without the last, or without
    both others, the commitment is ours alone; without one of them it is worth a look. It is a
    strength where six facts hold: the decision maker talks with us, two people do, one did within
    14 days, a meeting is planned, the proposal is out, and the expected close is ahead and was
    pushed less than three times. At risk the deal's amount is exposed: the company reckons with it.

    Needs the forecast category, roles of contacts, and activities with the people who took part.
    """
    few = d.interval("engaged_contacts") < d.forecast_people_min
    quiet = d.interval("days_since_two_way") >= silent
    return Rules(
        applies=d.is_open & (d.forecast_rank == len(CATEGORIES) - 1),
        risk=quiet | (~d.decider_named & few),
        watch=~d.decider_named | few,
        strength=d.commit_facts_n == COMMIT_FACTS,
        message={
            **dict.fromkeys(
                ("risk", "watch"),
                "commit: {commit_told}; a name, {forecast_people_min:count} or more people and a "
                "word within {silent:days} are expected",
            ),
            "pass": "commit: {commit_told}",
            "strength": "commit, and all six facts behind it hold: {commit_told}",
            "insufficient_data": "{forecast_told}: {commit_told}",
        },
        actual=d.commit_facts_n,
        expected={"strength": at_least(COMMIT_FACTS, source=JUDGEMENT)},
        evidence=[
            Cite("deals", "forecast_category", d.forecast_told),
            *cited(d, "commit_facts"),
        ],
        at_risk=exposed(
            "value",
            d.amount,
            beyond(d.days_since_two_way_lo, silent - 1),
            beyond(d.commit_lacks_lo, 1),
        ),
    )


@facts(
    "deal",
    Fact(
        "supported_rank_lo",
        "int",
        "Lowest category that what the customer did supports: 2 best case, 1 pipeline, 0 nothing.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "supported_rank_hi",
        "int",
        "Highest category that it may support.",
        requires=ARE_RECORDED,
        origin="activities",
    ),
    Fact(
        "forecast_gap_lo",
        "int",
        "Fewest categories by which the forecast lies above what is supported; negative below it.",
        "steps",
        requires=("deals.forecast_category", *ARE_RECORDED),
        origin="activities",
    ),
    Fact(
        "forecast_gap_hi",
        "int",
        "Most categories by which it lies above.",
        "steps",
        requires=("deals.forecast_category", *ARE_RECORDED),
        origin="activities",
    ),
    Fact("supported_category", "text", "The category that is supported, by name."),
    Fact("supported_told", "text", "What supports it, in words."),
    uses=(
        "engaged_contacts_lo",
        "engaged_contacts_hi",
        "days_since_two_way_lo",
        "days_since_two_way_hi",
        "ever_two_way",
        "milestone",
        "forecast_rank",
        "silence_told",
        "silence_notes",
    ),
    params={
        **_PEOPLE,
        "forecast_word_days": (
            21,
            Param(
                "Best case takes a word from them within these days",
                ge=1,
                le=365,
                unit="days",
                source=JUDGEMENT,
            ),
        ),
    },
)
def support(inputs: Inputs) -> pl.DataFrame:
    """Find the forecast category that the conversations support."""
    deals = with_facts(inputs)
    far = pl.col("milestone") >= 3
    people, days = inputs.params["forecast_people"], inputs.params["forecast_word_days"]
    sure = (
        (pl.col("engaged_contacts_lo") >= people) & (pl.col("days_since_two_way_hi") <= days) & far
    )
    maybe = (
        (pl.col("engaged_contacts_hi") >= people).fill_null(value=True)
        & (pl.col("days_since_two_way_lo") <= days).fill_null(value=True)
        & far.fill_null(value=True)
    )
    ever = pl.col("ever_two_way")
    low = _rank(sure.fill_null(value=False), ever.fill_null(value=False))
    high = _rank(maybe & ever.fill_null(value=True), ever.fill_null(value=True))
    names = dict(enumerate(_NAMES))
    spoken = [end.replace_strict(names, return_dtype=pl.String) for end in (low, high)]
    words = pl.when(low == high).then(spoken[0]).otherwise(pl.format("{} or {}", *spoken))
    return deals.select(
        "id",
        supported_rank_lo=low,
        supported_rank_hi=high,
        forecast_gap_lo=pl.col("forecast_rank") - high,
        forecast_gap_hi=pl.col("forecast_rank") - low,
        supported_category=words,
        supported_told=pl.format("{}, {} with us{}", "silence_told", _people(), "silence_notes"),
    )


def _rank(best_case: pl.Expr, pipeline: pl.Expr) -> pl.Expr:
    lower = pl.when(pipeline).then(1).otherwise(0)
    return pl.when(best_case).then(2).otherwise(lower).cast(pl.Int64)


@check.columns(
    "hygiene/forecast-vs-evidence",
    severity="minor",
    ask=["How would the customer describe where they are?"],
    sources=[f"two people, 21 days, evaluation: {JUDGEMENT}"],
)
def forecast_vs_evidence(d: Columns) -> Rules:
    """The forecast category is not above what the customer's behaviour supports.

    Best case takes at least two people on their side who talk with us, a word from them within 21
    days, and a deal that has reached evaluation. Pipeline takes a conversation at all. One category
    above what is supported is worth a look, two are a risk. No money is exposed: nobody reckons with
    all of it. `hygiene/commit-without-evidence` looks at commit.

    Needs the forecast category, and activities with the people who took part.
    """
    claimed, gap = d.forecast_rank, d.interval("forecast_gap")
    supported = Limit("=", d.supported_category, source=SUPPORT)
    return Rules(
        applies=d.is_open & claimed.between(1, 2),
        risk=gap >= 2,
        watch=gap >= 1,
        message={
            **dict.fromkeys(
                ("risk", "watch"),
                "{forecast_told}, but the facts support {supported_category}: {supported_told}",
            ),
            "pass": "{forecast_told}, and the facts support {supported_category}: {supported_told}",
            "insufficient_data": "{forecast_told}; the facts support {supported_category}: "
            "{supported_told}",
        },
        actual=d.forecast_told,
        expected={
            "risk": supported,
            "watch": supported,
            "pass": at_most(d.supported_category, source=SUPPORT),
        },
        evidence=[
            Cite("deals", "forecast_category", d.forecast_told),
            *cited(d, "supported_category", "engaged_contacts_lo", "milestone"),
        ],
    )
