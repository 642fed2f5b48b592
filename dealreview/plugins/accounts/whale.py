"""Where the organisation's profit comes from, and where it goes."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Fact,
    Inputs,
    Interval,
    Param,
    Rules,
    Term,
    at_most,
    check,
    facts,
)
from dealreview.plugins.accounts.months import COST, COSTS, INVOICED, REVENUE, count_of
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import but_for_rates
from dealreview.plugins.ledger import RATES, complete_sum, rated
from dealreview.plugins.words import counted

_ENDS = {
    "whale_lost_lo": "What accounts at a loss take, unknown costs at their best.",
    "whale_lost_hi": "What accounts at a loss take, unknown costs at their worst.",
    "whale_total_lo": "Contribution of all accounts, unknown costs at their worst.",
    "whale_total_hi": "Contribution of all accounts, unknown costs at their best.",
}


@facts(
    "pipeline",
    Fact(
        "whale_peak",
        "money",
        "Highest cumulated contribution of the recorded months of 12, best account first, at least "
        "0; of accounts with a known contribution.",
        "reporting currency",
        requires=(REVENUE, COST),
        origin=COSTS,
    ),
    Fact(
        "whale_total",
        "money",
        "Contribution of the same accounts over those months.",
        "reporting currency",
        origin=COSTS,
    ),
    *(
        Fact(
            name,
            "money",
            f"{text} Unknown under `min_complete_share`, and as for the accounts.",
            "reporting currency",
            requires=(REVENUE, COST),
            origin=COSTS,
        )
        for name, text in _ENDS.items()
    ),
    Fact(
        "whale_peak_ratio",
        "real",
        "Peak ÷ total; unknown with them and for a total of zero or less.",
        "share",
    ),
    Fact(
        "whale_peak_share",
        "real",
        "Accounts that earn money ÷ all with a known contribution.",
        "share",
    ),
    Fact("whale_losing_accounts", "set", "Accounts with a contribution under zero."),
    Fact("whale_worst_accounts", "set", "The three of them that lose most."),
    Fact("whale_losers", "text", "How many they are, in words."),
    Fact(
        "whale_accounts_lo",
        "int",
        "Accounts with some revenue or cost in 12 months.",
        "accounts",
        origin=INVOICED,
    ),
    Fact(
        "whale_accounts_hi",
        "int",
        "The same with accounts whose months are not all known.",
        "accounts",
        origin=INVOICED,
    ),
    Fact("whale_unknown_accounts", "set", "Accounts with business of an unknown contribution."),
    Fact("whale_left_out", "text", "How many accounts the curve leaves out, in words."),
    Fact(
        "whale_complete_revenue_share",
        "real",
        "Revenue of accounts with a known contribution ÷ revenue seen.",
        "share",
    ),
    Fact(
        "whale_rated",
        "bool",
        "Never false: unknown where each account of unknown contribution lacks nothing but exchange "
        "rates.",
        origin=RATES,
    ),
    Fact(
        "whale_curve_rated",
        "bool",
        "Never false: unknown where those rates keep what is lost and left without any bound.",
        origin=RATES,
    ),
    Fact("whale_needed", "text", "How large it must be where it is too small, in words."),
    Fact(
        "whale_label",
        "text",
        "What to call the contribution: before cost to serve, from won deals.",
    ),
    step="organisation",
    uses=(
        "account.contribution_seen_12m_lo",
        "account.contribution_seen_12m_hi",
        "account.recorded_months_12m",
        "account.unknown_months_12m",
        "account.unrated_months_12m",
        "account.revenue_seen_12m",
        "account.active_12m",
        "account.months_basis",
        "account.service_cost_recorded",
    ),
    params={
        "min_complete_share": (
            0.8,
            Param(
                "Share of revenue that must lie with accounts of known contribution",
                ge=0,
                le=1,
                unit="share",
            ),
        )
    },
)
def whale(inputs: Inputs) -> pl.DataFrame:
    """Cumulate the accounts' contribution from the best to the worst."""
    accounts = inputs.facts("account")
    whole = (pl.col("unknown_months_12m") == 0) & (pl.col("recorded_months_12m") > 0)
    # Nothing seen in the recorded months: no member of a curve over those months.
    active = accounts.with_columns(known=whole).filter(pl.col("active_12m").fill_null(~whole))
    known, unknown = active.filter("known"), active.filter(~pl.col("known"))
    share = _complete_share(known, active)
    least = inputs.params["min_complete_share"]
    decided = known.height > 0 and share >= least
    counted = accounts.select(
        whale_accounts_lo=count_of(pl.col("active_12m")),
        whale_accounts_hi=pl.lit(active.height, dtype=pl.Int64),
        whale_label=_label(),
        whale_complete_revenue_share=pl.lit(share),
        whale_needed=pl.lit(f", {least:.0%} needed" if share < least else ""),
    )
    ends = _ends(active).select(pl.when(pl.lit(decided)).then(pl.all()).name.keep())
    lacks = pl.lit(_lack_only_rates(unknown))
    without_bound = pl.any_horizontal(pl.all().is_null())
    rates = ends.select(whale_rated=rated(lacks), whale_curve_rated=rated(lacks & without_bound))
    parts = [counted, _left_out(unknown), _curve(known), ends, rates]
    return inputs.subjects().select("id").join(pl.concat(parts, how="horizontal"), how="cross")


def _complete_share(known: pl.DataFrame, active: pl.DataFrame) -> float:
    """Return the share of revenue whose accounts are known; without revenue all must be."""
    part, seen = (int(frame["revenue_seen_12m"].sum()) for frame in (known, active))
    return part / seen if seen > 0 else float(known.height == active.height)


def _lack_only_rates(unknown: pl.DataFrame) -> bool:
    """Say whether each of the accounts would be known with the rates of its months."""
    unrated, open_months = pl.col("unrated_months_12m"), pl.col("unknown_months_12m")
    lacks = unknown.select(((unrated > 0) & (unrated == open_months)).all()).item()
    return unknown.height > 0 and bool(lacks)


def _left_out(unknown: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts of unknown contribution, and how many they are in words."""
    n = unknown.height
    words = f"; {n} account{'s' if n > 1 else ''} of unknown cost left out" if n else ""
    return unknown.select(
        whale_unknown_accounts=pl.col("id").implode(), whale_left_out=pl.lit(words)
    )


def _label() -> pl.Expr:
    """Return what the contribution is called; fewer than 12 recorded months are said."""
    months = pl.col("recorded_months_12m").max()
    served = pl.col("service_cost_recorded").first()
    won = pl.col("months_basis").first() == "won_deals"
    label = pl.concat_str(
        pl.lit("contribution"),
        pl.when(served).then(pl.lit("")).otherwise(pl.lit(" before cost to serve")),
        pl.when(won).then(pl.lit(" (from won deals)")).otherwise(pl.lit("")),
    )
    short = pl.format("{}, {} of 12 months recorded", label, months)
    return pl.when(months < 12).then(short).otherwise(label)


def _curve(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return the points of the curve over accounts with a known contribution, ties by id."""
    left = pl.col("contribution_seen_12m_hi")
    ordered = accounts.sort("contribution_seen_12m_hi", "id", descending=[True, False])
    losing = pl.col("id").filter(left < 0)
    points = ordered.select(
        whale_peak=pl.max_horizontal(left.cum_sum().max(), 0).cast(pl.Int64),
        whale_total=left.sum(),
        whale_peak_share=(left > 0).mean(),
        whale_losing_accounts=losing.implode(),
        whale_worst_accounts=losing.tail(3).implode(),
        whale_losers=counted(losing.len(), losing.len(), "account loses", "accounts lose"),
    )
    ratio = pl.when(pl.col("whale_total") > 0).then(pl.col("whale_peak") / pl.col("whale_total"))
    return points.with_columns(whale_peak_ratio=ratio)


def _ends(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return what is lost and what is left over all accounts, unknown costs at both ends."""
    least, most = pl.col("contribution_seen_12m_lo"), pl.col("contribution_seen_12m_hi")
    ends = accounts.select(
        whale_lost_lo=(-most).clip(lower_bound=0),
        whale_lost_hi=(-least).clip(lower_bound=0),
        whale_total_lo=least,
        whale_total_hi=most,
    )
    return ends.select(complete_sum(name) for name in ends.columns)


@check.columns(
    "accounts/whale-curve",
    on="pipeline",
    severity="major",
    ask=["Which three of these could become good accounts, and how?"],
    sources=[
        "the top 20 % of customers make 150 to 300 % of profit (Kaplan)",
        "watch, risk and the number of accounts: our own judgement",
    ],
)
def whale_curve(
    d: Columns,
    *,
    watch: Annotated[
        float,
        Param(
            "Watch if the peak is above the total by more than this share of it",
            ge=0,
            le=10,
            unit="share",
            at_most="risk",
        ),
    ] = 0.20,
    risk: Annotated[
        float,
        Param(
            "Risk if the peak is above the total by more than this share of it",
            ge=0,
            le=10,
            unit="share",
        ),
    ] = 0.50,
    min_accounts: Annotated[int, Param("Accounts that make a curve", ge=3, unit="accounts")] = 10,
) -> Rules:
    """No accounts eat up what the others earn.

    Accounts are put in order of their contribution of 12 months, the best first, and cumulated.
    The peak is what the accounts that earn money bring together; what is lost on the way from
    there to the total goes to accounts that lose money. Risk: peak > (1 + risk) × total, that is
    lost > risk × total; watch: lost > watch × total. Written without a division, so that it also
    holds for a total of zero or less.

    Needs revenue and cost of goods by account and month (else won deals with lines, labelled);
    accounts with a known contribution must make four fifths of the revenue. The others are named
    and left out of the curve that is printed; the outcome must be the same with their unknown
    months at no cost and at `unknown_cost_limit` times their revenue (or that of a usual month),
    else nothing is decided. Where service cost is recorded nowhere, the curve is before cost to serve
    and flatter than the truth.
    """

    def lost_more_than(share: float) -> Term:
        at_best = d.whale_lost_lo - share * d.whale_total_hi
        over = Interval(at_best, d.whale_lost_hi - share * d.whale_total_lo)
        return but_for_rates(over, lambda lost: lost > 0, d.whale_rated)

    accounts = d.interval("whale_accounts")
    curve = (
        "{whale_label}: the best {whale_peak_share:share} of accounts bring {whale_peak:money}; "
        "{whale_losers} {lost:money}"
    )
    rest = "; {whale_total:money} is left{whale_left_out}"
    worst = " (most: {whale_worst_accounts:people})"
    return Rules(
        applies=but_for_rates(accounts, lambda n: n >= min_accounts, d.whale_rated)
        & d.whale_curve_rated,
        risk=lost_more_than(risk),
        watch=lost_more_than(watch),
        message={
            "risk": curve + worst + rest,
            "watch": curve + worst + rest,
            "pass": curve + rest,
            "insufficient_data": "accounts of known cost make {whale_complete_revenue_share:share} "
            "of the revenue{whale_needed}; accounts of unknown cost: {unknown:count} "
            "({whale_unknown_accounts:people}); accounts with business: {whale_accounts_lo:count}, "
            "{min_accounts:count} needed",
        },
        actual=d.whale_peak_ratio,
        expected={
            "risk": at_most(1 + risk, source=JUDGEMENT),
            "watch": at_most(1 + watch, source=JUDGEMENT),
            "pass": at_most(1 + watch, source=JUDGEMENT),
        },
        evidence=[
            Cite("accounts", "name", ids=d.whale_losing_accounts),
            Cite("accounts", "name", ids=d.whale_unknown_accounts),
            *cited(d, "whale_peak", "whale_total", "whale_complete_revenue_share"),
        ],
        values={
            "lost": d.whale_peak - d.whale_total,
            "unknown": d.whale_unknown_accounts.count(),
        },
    )
