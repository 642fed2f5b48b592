"""How well a deal fits what the company is good at."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.words import between

ANSWERS = "fit_answers"
ANSWER = "fit_answers.met"
RULES = ("fit_rules_met", "fit_rules_missed", "fit_rules_unknown")
"""What the criteria of the configuration say of a deal."""

ASKED = (ANSWERS, "the setting [[fit]]")
"""Either of them says what a good fit is."""


@facts(
    "deal",
    Fact(
        "fit_criteria",
        "int",
        "Criteria of a good fit: those that any open deal is asked; of a closed deal its own. Where "
        "no answers are recorded, those of the configuration.",
        "criteria",
        requires=(ASKED,),
        origin=ANSWERS,
    ),
    Fact("fit_met_lo", "int", "Criteria that the deal meets.", "criteria", requires=(ASKED,)),
    Fact(
        "fit_met_hi",
        "int",
        "Criteria that it meets or may meet: those without an answer count.",
        "criteria",
        requires=(ASKED,),
    ),
    Fact(
        "fit_ratio_lo",
        "real",
        "Criteria met ÷ all criteria, those without an answer as not met; unknown without criteria.",
        "share",
        requires=(ASKED,),
        origin=ANSWER,
    ),
    Fact(
        "fit_ratio_hi",
        "real",
        "Criteria met ÷ all criteria, those without an answer as met; unknown without criteria.",
        "share",
        requires=(ASKED,),
        origin=ANSWER,
    ),
    Fact("fit_missed", "set", "Criteria that the deal does not meet.", "criteria"),
    Fact("fit_unanswered", "set", "Criteria without an answer.", "criteria"),
    Fact("fit_basis", "enum", "answers or settings: where the answers come from."),
    Fact("fit_words", "text", "What is met, missed and unanswered, in words."),
    Fact(
        "poor_fit",
        "bool",
        "The fit is under `poor_fit_limit`; unknown where answers that are missing decide.",
        requires=(ASKED,),
        origin=ANSWER,
    ),
    step="organisation",
    reads={ANSWERS: ("deal_id", "criterion", "met")},
    uses=("is_open", "closed_on", *RULES),
    params={
        "poor_fit_limit": (
            0.50,
            Param("A fit under this share is poor", ge=0, le=1, unit="share", source=JUDGEMENT),
        )
    },
)
def fit(inputs: Inputs) -> pl.DataFrame:
    """Count the criteria of a good fit that a deal meets."""
    limit = inputs.params["poor_fit_limit"]
    label = by_settings(inputs)
    basis, answers = ("settings", _by_rules) if label else ("answers", _answered)
    return _weighed(answers(inputs), limit, basis, label)


def by_settings(inputs: Inputs) -> str:
    """Return what a message adds where the configuration says what fits, for want of answers."""
    return "" if inputs.feeds.is_recorded(ANSWERS) else "by the criteria of the settings"


def _by_rules(inputs: Inputs) -> pl.DataFrame:
    """Return the criteria of the configuration: ``_met``, ``fit_missed`` and all that are ``_asked``."""
    met, missed, unknown = (pl.col(name) for name in RULES)
    return inputs.facts().select(
        "id", _met=met, fit_missed=missed, _asked=pl.concat_list(met, missed, unknown)
    )


def _answered(inputs: Inputs) -> pl.DataFrame:
    """Return what is recorded of the criteria, as :func:`_by_rules` does."""
    # What is asked of others later changes nothing about a deal that is closed.
    closed = pl.col("closed_on").is_not_null()
    deals = inputs.facts().with_columns(closed=closed)
    answers = inputs.table(ANSWERS).rename({"deal_id": "id"}).join(deals, on="id")
    current = answers.filter(~pl.col("closed") & pl.col("is_open").fill_null(value=True))
    criteria = current["criterion"].unique().sort()
    answers = answers.filter(pl.col("closed") | pl.col("criterion").is_in(criteria.implode()))
    name, met = pl.col("criterion"), pl.col("met")
    given = answers.group_by("id").agg(
        _own=name.sort(), _met=name.filter(met).sort(), fit_missed=name.filter(~met).sort()
    )
    frame = deals.select("id", "closed").join(given, on="id", how="left")
    lists = pl.col("_own", "_met", "fit_missed").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    frame = frame.with_columns(lists)
    everything = pl.lit(criteria.to_list(), dtype=pl.List(pl.String))
    asked = pl.when("closed").then("_own").otherwise(everything)
    return frame.select("id", "_met", "fit_missed", _asked=asked)


def _weighed(frame: pl.DataFrame, limit: float, basis: str, said: str) -> pl.DataFrame:
    """Weigh criteria without an answer as not met and as met.

    Args:
        frame: ``id``, ``_met``, ``fit_missed`` and ``_asked``.
        limit: A fit under it is poor.
        basis: Where the answers come from.
        said: The same in words, where nobody gave them.
    """
    answered = pl.col("_met").list.concat(pl.col("fit_missed"))
    n = pl.col("_asked").list.len().cast(pl.Int64)
    frame = frame.with_columns(
        fit_criteria=n,
        fit_unanswered=pl.col("_asked").list.set_difference(answered).list.sort(),
        fit_met_lo=pl.col("_met").list.len().cast(pl.Int64),
    )
    most = pl.col("fit_met_lo") + pl.col("fit_unanswered").list.len().cast(pl.Int64)
    frame = frame.with_columns(fit_met_hi=most)
    asked = pl.when(n > 0)
    frame = frame.with_columns(
        fit_ratio_lo=asked.then(pl.col("fit_met_lo") / n),
        fit_ratio_hi=asked.then(pl.col("fit_met_hi") / n),
    )
    poor = (
        pl.when(pl.col("fit_ratio_hi") < limit)
        .then(statement=True)
        .when(pl.col("fit_ratio_lo") >= limit)
        .then(statement=False)
    )
    frame = frame.with_columns(poor_fit=poor, fit_words=_words(said), fit_basis=pl.lit(basis))
    return frame.drop("_met", "_asked")


def _words(basis: str) -> pl.Expr:
    """Return what is met: ``fit 50% to 75%: 2 of 4 criteria met; missed: size; no answer: need``."""
    ratio = pl.format("fit {}: ", between(pl.col("fit_ratio_lo"), pl.col("fit_ratio_hi")))
    parts = [
        pl.when(pl.col(column).list.len() > 0).then(
            pl.format("; {}: {}", pl.lit(words), pl.col(column).list.join(", "))
        )
        for column, words in (("fit_missed", "missed"), ("fit_unanswered", "no answer"))
    ]
    met = pl.format("{} of {} criteria met", "fit_met_lo", "fit_criteria")
    said = pl.lit(f" ({basis})" if basis else "")
    words = pl.concat_str([ratio, met, *parts, said], ignore_nulls=True)
    return pl.when(pl.col("fit_criteria") > 0).then(words).otherwise(pl.lit("no criteria"))


@check.columns(
    "accounts/deal-fit",
    severity="major",
    ask=["What would make you walk away from this one?"],
    sources=[f"poor, fair, strong and the fewest criteria: {JUDGEMENT}"],
)
def deal_fit(
    d: Columns,
    *,
    poor: Annotated[
        float,
        Param("Risk under this share of criteria", ge=0, le=1, unit="share", at_most="fair"),
    ] = 0.30,
    fair: Annotated[
        float,
        Param("Watch under this share of criteria", ge=0, le=1, unit="share", at_most="strong"),
    ] = 0.50,
    strong: Annotated[
        float, Param("Strength from this share of criteria", ge=0, le=1, unit="share")
    ] = 0.80,
    min_criteria: Annotated[
        int, Param("Criteria that make a fit", ge=1, le=20, unit="criteria")
    ] = 3,
) -> Rules:
    """The deal fits what the company is good at.

    Deals outside the company's field win less often, cost more to serve and take the hours of
    those that fit. What fits is for the company to say: a few criteria over what is known of the
    customer and the deal, answered with yes or no for each deal. Fit = criteria met ÷ all criteria
    that any open deal is asked. A criterion without an answer is weighed as not met and as met;
    where that decides, nothing is decided.

    Where no answers are recorded at all, the criteria can be written in the configuration as
    conditions on facts (`[[fit]]`); the message then says so, and where a fact is unknown the answer
    is.

    Asked of open deals from discovery on. Needs answers to the criteria, or criteria in the
    configuration; with fewer criteria than the fewest that make a fit, the check has nothing to say
    until more are written down.
    """
    ratio = d.interval("fit_ratio")
    said = "{fit_words}"
    return Rules(
        applies=d.is_open & (d.milestone >= 2) & (d.fit_criteria >= min_criteria),
        risk=ratio < poor,
        watch=ratio < fair,
        strength=ratio >= strong,
        message={
            "risk": said + "; under {poor:share} is a risk",
            "watch": said + "; at least {fair:share} expected",
            "pass": said,
            "strength": said,
            "insufficient_data": said,
        },
        actual=d.fit_ratio_hi,
        expected={
            "risk": at_least(poor, source=JUDGEMENT),
            "watch": at_least(fair, source=JUDGEMENT),
            "pass": at_least(fair, source=JUDGEMENT),
            "strength": at_least(strong, source=JUDGEMENT),
        },
        evidence=cited(d, "fit_met_lo", "fit_met_hi", "fit_criteria", "fit_missed", "fit_basis"),
    )
