"""Whether a loss is a decision: stated reason, owner and end; and what winning would bring."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Columns,
    Exposure,
    Fact,
    Inputs,
    Interval,
    Param,
    Rules,
    at_least,
    check,
    facts,
)
from dealreview.plugins.accounts.months import COST, COSTS, REVENUE
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.ledger import RATES, rated
from dealreview.plugins.newest import agreed, least, most, possibly_newest
from dealreview.plugins.pricing.prices import COST as LINE_COST
from dealreview.plugins.pricing.prices import PRICE
from dealreview.plugins.sides import larger, smaller
from dealreview.plugins.subjects import begun, with_facts, with_own_row
from dealreview.plugins.words import grouped, spoken

STATEMENTS = "loss_statements"
PARTS = ("loss_reason_stated", "loss_owner_stated", "loss_end_stated")
STATED = len(PARTS)
"""What a loss that is a decision has: a reason, an owner and an end."""


# --- losses and what is said about them ----------------------------------------------------------


def _loss_facts(loses: Fact, size: Fact) -> tuple[Fact, ...]:
    """Return the facts of a loss, which deals and accounts share."""
    said = {
        "loss_reason_stated": "The latest statement gives a reason",
        "loss_owner_stated": "The latest statement names an owner",
        "loss_end_stated": "The latest statement has an end date",
    }
    unknown = (
        "unknown where there is no statement and statements are not recorded throughout, or where it is "
        "not known which is the latest and they differ."
    )
    recorded = "unknown where there is no statement and statements are not recorded throughout."
    return (
        loses,
        size,
        *(
            Fact(n, "bool", f"{what}; {unknown}", requires=(STATEMENTS,), origin=STATEMENTS)
            for n, what in said.items()
        ),
        Fact(
            "loss_ends_in_days",
            "int",
            "Days until the stated end, negative once it has passed; unknown without one.",
            "days",
            origin="loss_statements.ends_on",
        ),
        Fact(
            "loss_end_passed",
            "bool",
            f"The end that it states has passed; {unknown}",
            requires=(STATEMENTS,),
            origin=STATEMENTS,
        ),
        *(
            Fact(
                f"loss_parts_stated_{end}",
                "int",
                "How many of reason, owner and end the latest statement gives; an end that has passed is "
                f"none; the {which} of those that may be the latest; {recorded}",
                f"of {STATED}",
                requires=(STATEMENTS,),
                origin=STATEMENTS,
            )
            for end, which in (("lo", "fewest"), ("hi", "most"))
        ),
        *(
            Fact(
                f"loss_term_days_{end}",
                "int",
                f"How far ahead the end lies that it states, 0 where none lies ahead; the {which} of "
                f"those that may be the latest; {recorded}",
                "days",
                requires=(STATEMENTS,),
                origin=STATEMENTS,
            )
            for end, which in (("lo", "nearest"), ("hi", "furthest"))
        ),
        Fact(
            "loss_lacks_only_rates",
            "bool",
            "Nothing but exchange rates keeps unknown whether money is lost.",
            origin=RATES,
        ),
        Fact(
            "loss_rated",
            "bool",
            "Never false: unknown where nothing but exchange rates keeps unknown whether money is lost.",
            origin=RATES,
        ),
        Fact("loss_words", "text", "What the latest statement says, in words."),
        Fact("loss_label", "text", "What to call the contribution, and whether it is a loss."),
    )


_READS = {
    STATEMENTS: (
        "statement_id",
        "subject",
        "subject_id",
        "reason",
        "owner_id",
        "ends_on",
        "stated_on",
    )
}


@facts(
    "deal",
    *_loss_facts(
        Fact(
            "loses_money",
            "bool",
            "The deal is won or has reached a proposal, and its contribution is under zero even at "
            "its most; unknown where the unknown parts decide.",
            requires=(PRICE, LINE_COST),
            origin=LINE_COST,
        ),
        Fact(
            "loss_most",
            "money",
            "The most that the deal can contribute, as for its contribution.",
            "deal currency",
            requires=(PRICE, LINE_COST),
            origin=LINE_COST,
        ),
    ),
    reads=_READS,
    # Cost to serve can come from what is usual in a segment.
    step="organisation",
    uses=(
        "proposal_reached",
        "is_won",
        "created_on",
        "contribution_lo",
        "contribution_hi",
        "contribution_label",
    ),
)
def deal_loss(inputs: Inputs) -> pl.DataFrame:
    """Read what is said about a deal that loses money."""
    frame = with_facts(inputs)
    loses = _under_zero("contribution_lo", "contribution_hi")
    frame = frame.with_columns(
        loses_money=(pl.col("proposal_reached") | pl.col("is_won")) & loses,
        loss_most="contribution_hi",
        loss_label="contribution_label",
        # A deal is reckoned in its own currency.
        lacks_only_rates_12m=pl.lit(value=False),
        since=begun(inputs),
    )
    return _with_statement(inputs, frame, "deal")


@facts(
    "account",
    *_loss_facts(
        Fact(
            "loses_money",
            "bool",
            "The contribution of 12 months is under zero even at its most; unknown where the "
            "unknown parts decide.",
            requires=(REVENUE, COST),
            origin=COSTS,
        ),
        Fact(
            "loss_most",
            "money",
            "The most that the account can have contributed in 12 months.",
            "reporting currency",
            requires=(REVENUE, COST),
            origin=COSTS,
        ),
    ),
    reads=_READS,
    uses=(
        "contribution_12m_lo",
        "contribution_12m_hi",
        "contribution_12m_label",
        "lacks_only_rates_12m",
    ),
)
def account_loss(inputs: Inputs) -> pl.DataFrame:
    """Read what is said about an account that loses money."""
    frame = with_facts(inputs)
    loses = pl.when(pl.col("contribution_12m_hi") < 0).then(pl.lit("loses money: "))
    frame = frame.with_columns(
        loses_money=_under_zero("contribution_12m_lo", "contribution_12m_hi"),
        loss_most="contribution_12m_hi",
        loss_label=pl.concat_str(loses.otherwise(pl.lit("")), "contribution_12m_label"),
        since=pl.col("day").dt.offset_by("-12mo"),
    )
    return _with_statement(inputs, frame, "account")


def _under_zero(least: str, most: str) -> pl.Expr:
    """Say whether a value between two ends is under zero; unknown where the ends disagree."""
    return (
        pl.when(pl.col(most) < 0)
        .then(statement=True)
        .when(pl.col(least) >= 0)
        .then(statement=False)
    )


def _with_statement(inputs: Inputs, frame: pl.DataFrame, subject: str) -> pl.DataFrame:
    """Add the facts of the latest statement about each subject, ties by id."""
    rows = inputs.table(STATEMENTS).filter(pl.col("subject") == subject)
    rows = rows.join(frame.select("id", "day"), left_on="subject_id", right_on="id")
    # A deal that is closed keeps to what had been stated by then.
    rows = rows.filter(pl.col("stated_on").is_null() | (pl.col("stated_on") <= pl.col("day")))
    rows = rows.rename({"subject_id": "id"})
    # Nothing is found missing where statements could have been made and not recorded.
    recorded = inputs.feeds.reaches(STATEMENTS, pl.col("since"), pl.col("day"))
    frame = frame.join(_latest(rows), on="id", how="left")
    unsaid = pl.col("statements").is_null() & recorded
    said = [
        *(pl.when(unsaid).then(statement=False).otherwise(name).alias(name) for name in _SAID),
        *(pl.when(unsaid).then(0).otherwise(name).alias(name) for name in _COUNTED),
    ]
    frame = frame.with_columns(*said, unsaid=unsaid)
    return frame.select(
        "id",
        "loses_money",
        "loss_most",
        "loss_label",
        *_SAID,
        *_COUNTED,
        "loss_ends_in_days",
        loss_lacks_only_rates="lacks_only_rates_12m",
        loss_rated=rated(pl.col("lacks_only_rates_12m")),
        loss_words=_words(),
    )


_SAID = (*PARTS, "loss_end_passed")
_COUNTED = (
    "loss_parts_stated_lo",
    "loss_parts_stated_hi",
    "loss_term_days_lo",
    "loss_term_days_hi",
)


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the latest statement about each subject says; null where it may be one of several."""
    left = (pl.col("ends_on") - pl.col("day")).dt.total_days()
    reason = (pl.col("reason").str.strip_chars() != "").fill_null(value=False)
    owner, ahead = pl.col("owner_id").is_not_null(), (left >= 0).fill_null(value=False)
    parts = pl.sum_horizontal(x.cast(pl.Int64) for x in (reason, owner, ahead))
    term = left.clip(lower_bound=0).fill_null(0)
    found = possibly_newest(rows, "id", "stated_on", "statement_id")
    return found.group_by("id").agg(
        statements=pl.len(),
        loss_reason_stated=agreed(reason),
        loss_owner_stated=agreed(owner),
        loss_end_stated=agreed(pl.col("ends_on").is_not_null()),
        loss_end_passed=agreed((left < 0).fill_null(value=False)),
        loss_ends_in_days=agreed(left),
        ends_on=agreed(pl.col("ends_on")),
        loss_parts_stated_lo=least(parts),
        loss_parts_stated_hi=most(parts),
        loss_term_days_lo=least(term),
        loss_term_days_hi=most(term),
    )


def _words() -> pl.Expr:
    """Return what is stated: ``reason given, no owner, ended on 3 May 2025``.

    Of several statements that may be the latest, what all of them say.
    """
    reason, owner, end = (pl.col(name) for name in PARTS)
    words = [
        pl.when(reason).then(pl.lit("reason given")).when(~reason).then(pl.lit("no reason")),
        pl.when(owner).then(pl.lit("owner named")).when(~owner).then(pl.lit("no owner")),
        pl.when(end).then(_end_words()).when(~end).then(pl.lit("no end date")),
    ]
    said = pl.concat_str(words, separator=", ", ignore_nulls=True)
    count = pl.col("statements")
    undated = pl.format("which of {} statements is the latest is not known", count)
    shared = pl.when(said != "").then(pl.format("; in each: {}", said)).otherwise(pl.lit(""))
    alike = pl.all_horizontal(pl.col(*PARTS, "loss_end_passed").is_not_null())
    alike = alike & (pl.col("ends_on").is_not_null() | ~end)
    said = pl.when((count > 1) & ~alike).then(pl.concat_str(undated, shared)).otherwise(said)
    unrated = pl.lit("whether money is lost is not known without exchange rates")
    plain = pl.lit("whether money is lost is not known")
    open_question = pl.when("lacks_only_rates_12m").then(unrated).otherwise(plain)
    unknown = pl.lit("statements of losses are not recorded throughout")
    return (
        pl.when(pl.col("loses_money").is_null()).then(open_question)
        .when(count.is_null() & ~pl.col("unsaid").fill_null(value=False)).then(unknown)
        .otherwise(said)
    )  # fmt: skip


def _end_words() -> pl.Expr:
    passed, day = pl.col("loss_end_passed"), spoken(pl.col("ends_on"))
    left = pl.col("loss_ends_in_days")
    ahead = pl.when(left > 0).then(pl.format(", in {} d", grouped(left))).otherwise(pl.lit(""))
    return (
        pl.when(passed).then(pl.format("ended on {}", day).fill_null("ended"))
        .when(~passed).then(pl.format("ends on {}{}", day, ahead).fill_null("ends later"))
        .otherwise(pl.lit("end date stated"))
    )  # fmt: skip


@check.columns(
    "accounts/stated-strategic-loss",
    on=("deal", "account"),
    severity="blocker",
    ask=["What are we buying with this loss, and when will we know?"],
    family="loss",
    sources=[f"longest term: {JUDGEMENT}"],
)
def stated_strategic_loss(
    d: Columns,
    *,
    max_term_days: Annotated[
        int,
        Param("An end date further ahead counts as none", ge=30, le=1825, unit="days"),
    ] = 365,
) -> Rules:
    """A loss is a decision: it has a reason, an owner and an end.

    A deal or account may lose money on purpose: to enter a market, to keep a plant busy, to win a
    reference. Then somebody can say what for, who answers for it, and when it stops. Asked of a
    deal from the proposal on and when it is won, and of an account over its last 12 complete
    months, if its contribution is under zero even with unknown costs at their best. None of the
    three, or an end date that has passed, is a risk; one or two a watch. With all three and the
    end ahead it passes until that day. An end date more than `max_term_days` ahead counts as
    none. The latest statement counts; one without its day may be the latest or not, and what it and
    the latest of the others don't agree on is unknown. How large the loss is, is not judged here.

    Needs the contribution (prices and costs of the deal, or the account's months) and statements
    of losses. Where a statement is missing, they must have been recorded since the deal was
    created, or for 12 months.
    """
    # An end that lies too far ahead takes away the part that it is.
    far_lo, far_hi = (
        smaller(larger(days - max_term_days, 0), 1)
        for days in (d.loss_term_days_lo, d.loss_term_days_hi)
    )
    least_stated = d.loss_parts_stated_lo - far_hi
    stated = Interval(least_stated, d.loss_parts_stated_hi - far_lo)
    said = "{loss_label} {loss_most:money}; {loss_words}"
    return Rules(
        applies=(d.loses_money | d.loss_lacks_only_rates) & d.loss_rated,
        risk=(stated <= 0) | d.loss_end_passed,
        watch=stated < STATED,
        message={
            **dict.fromkeys(("risk", "pass", "insufficient_data"), said),
            "watch": said + "; reason, owner and an end within {max_term_days:days} expected",
        },
        actual=least_stated,
        expected=at_least(STATED, source=JUDGEMENT),
        evidence=cited(d, "loss_most", *PARTS, "loss_ends_in_days"),
        at_risk=Exposure("margin", -d.loss_most),
    )


# --- what winning would bring --------------------------------------------------------------------


@facts(
    "deal",
    Fact(
        "worth_reasons",
        "int",
        "How many are given of: a known contribution, a value as reference, future business.",
        requires=((LINE_COST, "deals.reference_worth", "deals.future_value_minor"),),
        origin=LINE_COST,
    ),
    Fact(
        "has_other_worth",
        "bool",
        "A value as reference or future business is given.",
        origin="deals.reference_worth",
    ),
    Fact("worth_words", "text", "Which of the three are given, in words."),
    reads={"deals": ("deal_id", "reference_worth", "future_value_minor")},
    step="organisation",
    uses=("contribution_lo", "contribution_hi"),
)
def worth(inputs: Inputs) -> pl.DataFrame:
    """Count what speaks for winning a deal beside its revenue."""
    frame = with_own_row(inputs.facts(), inputs.table("deals"))
    known = pl.all_horizontal(pl.col("contribution_lo", "contribution_hi").is_not_null())
    reference = (pl.col("reference_worth").str.strip_chars() != "").fill_null(value=False)
    future = pl.col("future_value_minor").is_not_null()
    words = [
        pl.when(known).then(pl.lit("contribution known")).otherwise(pl.lit("contribution unknown")),
        pl.when(reference)
        .then(pl.lit("reference value given"))
        .otherwise(pl.lit("no reference value")),
        pl.when(pl.col("future_value_minor") == 0)
        .then(pl.lit("future value entered as zero"))
        .when(future)
        .then(pl.lit("future value given"))
        .otherwise(pl.lit("no future value")),
    ]
    return frame.select(
        "id",
        worth_reasons=pl.sum_horizontal(x.cast(pl.Int64) for x in (known, reference, future)),
        has_other_worth=reference | (pl.col("future_value_minor") > 0).fill_null(value=False),
        worth_words=pl.concat_str(words, separator=", "),
    )


@check.columns(
    "accounts/worth-winning",
    severity="minor",
    ask=["What would winning this one give us besides the revenue?"],
    sources=[f"target: {JUDGEMENT}"],
)
def worth_winning(
    d: Columns,
    *,
    target: Annotated[
        float,
        Param("Contribution that is worth winning for itself", ge=-1, le=1, unit="share"),
    ] = 0.40,
) -> Rules:
    """Somebody knows what winning this deal would bring.

    Revenue alone says nothing about whether a deal is worth the work. Three things can: a known
    contribution, what the customer is worth as a reference, and the business that it could lead
    to. All three empty is a watch from the evaluation on and a risk once a proposal is out. A
    contribution ratio at the target beside one of the other two is a strength.

    Needs nothing: that the fields are empty is the finding. A company that records none of the
    three anywhere is not asked.
    """
    nothing = d.worth_reasons == 0
    return Rules(
        applies=d.evaluation_or_later,
        risk=nothing & d.proposal_reached,
        watch=nothing,
        strength=(d.interval("contribution_ratio") >= target) & d.has_other_worth,
        message={
            "risk": "{worth_words}, and a proposal is out",
            "watch": "{worth_words}",
            "pass": "{worth_words}",
            "strength": "{worth_words}; contribution {contribution_ratio_lo:margin}",
            "insufficient_data": "{worth_words}",
        },
        actual=d.worth_reasons,
        expected=at_least(1, source=JUDGEMENT),
        evidence=cited(d, "worth_reasons", "contribution_lo", "contribution_hi"),
    )
