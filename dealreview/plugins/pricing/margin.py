"""Does a deal earn its keep: prices from list to pocket, costs, contribution."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Exposure, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, OWN_HISTORY, cited
from dealreview.plugins.history import COMPARABLE, fewest, own_quantile
from dealreview.plugins.ledger import (
    READS,
    calendar,
    complete_sum,
    this_month,
    with_invoiced,
    with_service,
)
from dealreview.plugins.words import late_clock, percent

INVOICE = "deal_lines.invoice_minor"
PRICE = ("deals.amount_minor", "deal_lines.invoice_minor", "deal_lines.list_minor")
COST = "deal_lines.cost_minor"
OFF_INVOICE_KINDS = ("rebate", "freight", "payment_terms", "free_service")
ON_INVOICE_KINDS = ("volume", "contract", "promotion", "negotiated", "surcharge")


# --- prices --------------------------------------------------------------------------------------


@facts(
    "deal",
    Fact("has_lines", "bool", "The deal has lines.", origin="deal_lines"),
    Fact("lines_without_cost", "set", "Lines of the deal whose cost is unknown."),
    Fact("prices_as_of", "text", "The last day recorded, in words, where price steps are late."),
    Fact(
        "horizon_months",
        "int",
        "Months over which price and cost are compared: own horizon, term, else 12.",
        "months",
    ),
    Fact(
        "list_price",
        "money",
        "List price of the lines over the horizon; unknown without lines or if one line's is.",
        "deal currency",
        requires=("deal_lines.list_minor",),
        origin="deal_lines.list_minor",
    ),
    Fact(
        "invoice_price",
        "money",
        "Invoice price over the horizon: the lines', else list less steps on the invoice, else "
        "(without lines) the amount; unknown if one line's is.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "customer_price",
        "money",
        "What the customer pays: invoice price less rebates; unknown with either.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_price",
        "money",
        "What we keep: invoice price less steps off the invoice; unknown with either.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_price_hi",
        "money",
        "The most that the pocket price can be: only the steps that are known are taken off.",
        "deal currency",
        requires=(PRICE,),
        origin=INVOICE,
    ),
    Fact(
        "pocket_basis",
        "enum",
        "lines; amount_no_lines: the amount stands for all prices; invoice_no_steps: no steps are "
        "recorded.",
    ),
    Fact(
        "discount_ratio",
        "real",
        "1 − invoice ÷ list price; unknown for a list price of zero or less and outside −0.5 to 1.",
        "share",
        requires=("deal_lines.list_minor",),
    ),
    Fact(
        "cost_of_goods",
        "money",
        "Cost of goods of the lines over the horizon; unknown without lines or if one line's is.",
        "deal currency",
        requires=(COST,),
        origin=COST,
    ),
    Fact(
        "pocket_margin",
        "money",
        "Pocket price less cost of goods; unknown with either.",
        "deal currency",
        requires=(PRICE, COST),
    ),
    reads={
        "deals": ("deal_id", "amount_minor", "created_on", "term_months", "value_horizon_months"),
        "deal_lines": ("line_id", "deal_id", "list_minor", "invoice_minor", "cost_minor", "period"),
        "price_steps": ("deal_id", "place", "kind", "amount_minor", "period"),
    },
)
def prices(inputs: Inputs) -> pl.DataFrame:
    """Compute the prices of a deal from list to pocket, and its cost of goods."""
    deals = inputs.subjects().join(
        inputs.table("deals"), left_on="id", right_on="deal_id", how="left"
    )
    deals = deals.with_columns(horizon_months=_horizon())
    frame = deals.join(_lines(inputs, deals), on="id", how="left").join(
        _steps(inputs, deals), on="id", how="left"
    )
    frame = frame.with_columns(
        has_lines=pl.col("lines").is_not_null(), covered=_steps_known(inputs)
    )
    frame = _pocket(inputs, _invoice(inputs, frame))
    discount = pl.when(pl.col("list_price") > 0).then(
        1 - pl.col("invoice_price") / pl.col("list_price")
    )
    return frame.select(
        "id",
        "has_lines",
        "horizon_months",
        "list_price",
        "invoice_price",
        "customer_price",
        "pocket_price",
        "pocket_price_hi",
        "pocket_basis",
        "cost_of_goods",
        prices_as_of=late_clock(inputs, "price_steps")
        if inputs.feeds.is_recorded("price_steps.given_on")
        else pl.lit(""),
        lines_without_cost=pl.col("lines_without_cost").fill_null(pl.lit([], dtype=_IDS)),
        pocket_margin=pl.col("pocket_price") - pl.col("cost_of_goods"),
        discount_ratio=pl.when(discount.is_between(-0.5, 1)).then(discount),
    )


_IDS = pl.List(pl.String)


def _steps_known(inputs: Inputs) -> pl.Expr:
    """Say whether all steps of a deal are recorded; steps without any date come whole or not at all."""
    recorded = inputs.feeds.is_recorded
    if recorded("price_steps") and not recorded("price_steps.given_on"):
        return pl.lit(value=True)
    start = pl.col("created_on") if recorded("deals.created_on") else pl.col("day")
    return inputs.feeds.reaches("price_steps", start, pl.col("day")).fill_null(value=False)


def _horizon() -> pl.Expr:
    stated = [
        pl.when(pl.col(n).is_between(1, 120)).then(pl.col(n))
        for n in ("value_horizon_months", "term_months")
    ]
    return pl.coalesce(*stated, 12).cast(pl.Int64)


def _over_horizon(rows: pl.DataFrame, deals: pl.DataFrame, amounts: list[str]) -> pl.DataFrame:
    """Give rows of deals ``id``, and their amounts in twelfths of the total over the horizon."""
    rows = rows.join(deals.select("id", "horizon_months"), left_on="deal_id", right_on="id").rename(
        {"deal_id": "id"}
    )
    # In twelfths, a quarter or year over any horizon stays a whole number until the sum is rounded once.
    months = pl.col("horizon_months")
    period = pl.col("period")
    twelfths = (
        pl.when(period == "month").then(12 * months).when(period == "quarter").then(4 * months)
        .when(period == "year").then(months).otherwise(12)
    )  # fmt: skip
    return rows.with_columns(pl.col(amount) * twelfths for amount in amounts)


def _whole(name: str) -> pl.Expr:
    return ((pl.col(name) + 6) // 12).alias(name)


def _lines(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    names = {
        "list_minor": "list_price",
        "invoice_minor": "line_invoice",
        "cost_minor": "cost_of_goods",
    }
    rows = _over_horizon(inputs.table("deal_lines"), deals, list(names)).rename(names)
    sums = rows.group_by("id").agg(
        *(complete_sum(name) for name in names.values()),
        pl.len().alias("lines"),
        lines_without_cost=pl.col("line_id").filter(pl.col("cost_of_goods").is_null()),
    )
    return sums.with_columns(_whole(name) for name in names.values())


def _steps(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Sum the steps by deal: ``on`` and ``off`` the invoice (unknown if one is), ``off_seen``, ``rebate``."""
    rows = _over_horizon(inputs.table("price_steps"), deals, ["amount_minor"])
    kind, amount = pl.col("kind"), pl.col("amount_minor")
    by_kind = (
        pl.when(kind.is_in(OFF_INVOICE_KINDS)).then(pl.lit("off_invoice"))
        .when(kind.is_in(ON_INVOICE_KINDS)).then(pl.lit("on_invoice"))
    )  # fmt: skip
    rows = rows.with_columns(place=pl.coalesce("place", by_kind))
    off = pl.col("place") == "off_invoice"
    rebate = pl.when(kind == "rebate").then(amount).when(kind.is_not_null()).then(0)
    rows = rows.with_columns(
        on=pl.when(~off).then(amount).when(off).then(0),
        off=pl.when(off).then(amount).when(~off).then(0),
        rebate=pl.when(off).then(rebate).when(~off).then(0),
    )
    sums = rows.group_by("id").agg(
        complete_sum("on"),
        complete_sum("off"),
        complete_sum("rebate"),
        pl.col("off").sum().alias("off_seen"),
        pl.len().alias("steps"),
    )
    return sums.with_columns(_whole(name) for name in ("on", "off", "rebate", "off_seen"))


def _invoice(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``invoice_price`` and the steps that are known to be zero."""
    recorded = inputs.feeds.is_recorded
    none_given = pl.col("steps").is_null() & pl.col("covered")
    frame = frame.with_columns(
        [pl.when(none_given).then(0).otherwise(pl.col(n)).alias(n) for n in ("on", "off", "rebate")]
        + [pl.col("off_seen").fill_null(0)]
    )
    listed = pl.col("list_price") - pl.when(pl.col("covered")).then(pl.col("on"))
    priced = recorded("deal_lines.invoice_minor") or recorded("deal_lines.list_minor")
    amount = pl.col("amount_minor")
    by_lines = pl.coalesce("line_invoice", listed) if priced else amount
    return frame.with_columns(
        invoice_price=pl.when("has_lines").then(by_lines).otherwise(amount),
        by_amount=pl.lit(not priced) | ~pl.col("has_lines"),
    )


def _pocket(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    """Add customer and pocket price; steps that are recorded nowhere take nothing off, labelled."""
    steps = inputs.feeds.is_recorded("price_steps")
    whole = pl.col("by_amount") | pl.lit(not steps)
    invoice = pl.col("invoice_price")

    def less(name: str) -> pl.Expr:
        return pl.when(whole).then(invoice).when("covered").then(invoice - pl.col(name))

    return frame.with_columns(
        customer_price=less("rebate"),
        pocket_price=less("off"),
        pocket_price_hi=pl.when(whole).then(invoice).otherwise(invoice - pl.col("off_seen")),
        pocket_basis=pl.when("by_amount")
        .then(pl.lit("amount_no_lines"))
        .otherwise(pl.lit("lines" if steps else "invoice_no_steps")),
    )


# --- cost to serve and contribution --------------------------------------------------------------


def _serving_is_recorded(inputs: Inputs) -> bool:
    recorded = inputs.feeds.is_recorded
    by_account = recorded("service_costs.cost_minor") and recorded("account_months.revenue_minor")
    return recorded("deals.cost_to_serve_minor") or by_account


@facts(
    "deal",
    Fact(
        "cost_to_serve_recorded",
        "bool",
        "Cost to serve is recorded for deals or accounts at all.",
        origin="deals.cost_to_serve_minor",
    ),
    Fact(
        "cost_to_serve",
        "money",
        "The deal's own estimate over the horizon, else pocket price × service cost ÷ revenue of "
        "the "
        "account's last 12 complete months; unknown with fewer than `min_known_months` known "
        "months.",
        "deal currency",
        origin="deals.cost_to_serve_minor",
    ),
    Fact("cost_to_serve_basis", "enum", "estimate or account: where the cost to serve comes from."),
    reads={"deals": ("deal_id", "account_id", "cost_to_serve_minor"), **READS},
    uses=("pocket_price",),
    params={
        "min_known_months": (
            10,
            Param("Known months of 12 that a yearly figure needs", ge=1, le=12, unit="months"),
        )
    },
)
def serving(inputs: Inputs) -> pl.DataFrame:
    """Estimate the cost to serve of a deal."""
    frame = (
        inputs.subjects()
        .join(inputs.table("deals"), left_on="id", right_on="deal_id", how="left")
        .join(inputs.facts(), on="id", how="left")
        .with_columns(until=this_month(pl.col("day")))
    )
    keys = frame.select("account_id", "until").drop_nulls().unique()
    frame = frame.join(_service_ratios(inputs, keys), on=["account_id", "until"], how="left")
    usual = (
        (pl.col("pocket_price") * pl.col("service") / pl.col("revenue"))
        .round(0)
        .cast(pl.Int64, strict=False)
    )
    own = pl.col("cost_to_serve_minor")
    return frame.select(
        "id",
        cost_to_serve_recorded=pl.lit(_serving_is_recorded(inputs)),
        cost_to_serve=pl.coalesce(own, usual),
        cost_to_serve_basis=pl.when(own.is_not_null())
        .then(pl.lit("estimate"))
        .when(usual.is_not_null())
        .then(pl.lit("account")),
    )


def _service_ratios(inputs: Inputs, keys: pl.DataFrame) -> pl.DataFrame:
    """Return ``service`` and ``revenue`` of 12 months where enough of them are known."""
    if not inputs.feeds.is_recorded("service_costs.cost_minor"):
        return keys.clear().with_columns(service=pl.lit(0), revenue=pl.lit(0))
    grid = with_service(inputs, with_invoiced(inputs, calendar(keys)))
    known = grid.filter(pl.col("revenue").is_not_null() & pl.col("service").is_not_null())
    sums = known.group_by("account_id", "until").agg(
        pl.sum("service", "revenue"), pl.len().alias("months")
    )
    enough = (pl.col("months") >= inputs.params["min_known_months"]) & (pl.col("revenue") > 0)
    return sums.filter(enough).drop("months")


@facts(
    "deal",
    Fact(
        "contribution_lo",
        "money",
        "The least that the deal can contribute: pocket price less cost of goods and cost to "
        "serve; unknown "
        "with any of them. Where cost to serve is recorded nowhere, before it.",
        "deal currency",
        requires=(PRICE, COST),
        origin="deals.cost_to_serve_minor",
    ),
    Fact(
        "contribution_hi",
        "money",
        "The most that the deal can contribute: an unknown cost to serve counts as none; unknown "
        "with the "
        "invoice price or cost of goods.",
        "deal currency",
        requires=(PRICE, COST),
        origin=COST,
    ),
    Fact(
        "contribution_ratio_lo",
        "real",
        "Least contribution ÷ pocket price; unknown with either and for a price of zero or less.",
        "share",
        requires=(PRICE, COST),
        origin="deals.cost_to_serve_minor",
    ),
    Fact(
        "contribution_ratio_hi",
        "real",
        "Most contribution ÷ pocket price; unknown with either and for a price of zero or less.",
        "share",
        requires=(PRICE, COST),
        origin=COST,
    ),
    Fact(
        "contribution_label",
        "text",
        "What to call the contribution: at most, before cost to serve, a loss.",
    ),
    Fact(
        "contribution_ratio_words",
        "text",
        "Most contribution ÷ pocket price, in words; a dash where it is unknown.",
    ),
    Fact("contribution_unknown", "text", "Which parts of the contribution are unknown, in words."),
    uses=(
        "invoice_price",
        "pocket_price",
        "pocket_price_hi",
        "cost_of_goods",
        "cost_to_serve",
        "cost_to_serve_recorded",
    ),
)
def contribution(inputs: Inputs) -> pl.DataFrame:
    """Weigh what a deal leaves at its worst and at its best."""
    served = pl.col("cost_to_serve_recorded")
    cost = pl.when(served).then(pl.col("cost_to_serve")).otherwise(0)
    frame = inputs.facts().with_columns(
        contribution_lo=pl.col("pocket_price") - pl.col("cost_of_goods") - cost,
        contribution_hi=pl.col("pocket_price_hi") - pl.col("cost_of_goods") - cost.fill_null(0),
    )
    low, high = pl.col("contribution_lo"), pl.col("contribution_hi")
    label = pl.concat_str(
        pl.when(high < 0).then(pl.lit("loses money: ")).otherwise(pl.lit("")),
        pl.lit("contribution"),
        pl.when(~served).then(pl.lit(" before cost to serve")).otherwise(pl.lit("")),
        pl.when(low.is_null() & high.is_not_null()).then(pl.lit(" at most")).otherwise(pl.lit("")),
    )
    price, best_price = pl.col("pocket_price"), pl.col("pocket_price_hi")
    best = pl.when(best_price > 0).then(high / best_price)
    return frame.select(
        "id",
        "contribution_lo",
        "contribution_hi",
        contribution_ratio_lo=pl.when(price > 0).then(low / price),
        contribution_ratio_hi=best,
        contribution_label=label,
        contribution_ratio_words=percent(best).fill_null("–"),
        contribution_unknown=_unknown_parts(),
    )


def _unknown_parts() -> pl.Expr:
    priced = pl.col("invoice_price").is_not_null()
    lacking = {
        "price": ~priced,
        "steps off the invoice": priced & pl.col("pocket_price").is_null(),
        "cost of goods": pl.col("cost_of_goods").is_null(),
        "cost to serve": pl.col("cost_to_serve_recorded") & pl.col("cost_to_serve").is_null(),
    }
    words = [pl.when(lacks).then(pl.lit(part)) for part, lacks in lacking.items()]
    listed = pl.concat_str(words, separator=", ", ignore_nulls=True)
    return pl.when(listed == "").then(pl.lit("nothing")).otherwise(listed)


@facts(
    "deal",
    Fact(
        "own_contribution_ratio_p75",
        "real",
        "75th percentile of the contribution ratio of won deals of 24 months, same pipeline and "
        "segment, else same pipeline; unknown under `strength_min_n` deals.",
        "share",
        origin=COST,
    ),
    Fact("own_contribution_ratio_n", "int", "Number of won deals behind the percentile.", "deals"),
    step="organisation",
    uses=(*COMPARABLE, "contribution_ratio_lo"),
    params={"strength_min_n": fewest("Won deals that an own percentile needs")},
)
def own_contribution(inputs: Inputs) -> pl.DataFrame:
    """Measure what good won deals leave."""
    deals = inputs.subjects().join(inputs.facts(), on="id")
    least = inputs.params["strength_min_n"]
    found = own_quantile(deals, "contribution_ratio_lo", 0.75, min_n=least)
    return found.rename({"quantile": "own_contribution_ratio_p75", "n": "own_contribution_ratio_n"})


# --- checks --------------------------------------------------------------------------------------


@check.columns(
    "pricing/margin-floor",
    severity="major",
    ask=["What makes this deal worth doing at this level, and by when would it pay back?"],
    family="loss",
    sources=[
        f"floor and target: {JUDGEMENT}",
        "strength: 75th percentile of the organisation's own won deals",
        "one percent of price is worth 8.7 % of operating profit (McKinsey, 1,200 companies)",
    ],
)
def margin_floor(
    d: Columns,
    *,
    target: Annotated[
        float, Param("Watch under this share of the pocket price", ge=-1, le=1, unit="share")
    ] = 0.40,
    floor: Annotated[
        float,
        Param(
            "Risk under this share of the pocket price", ge=-1, le=1, unit="share", at_most="target"
        ),
    ] = 0.25,
) -> Rules:
    """The deal earns its keep.

    Contribution is what is left of the pocket price after cost of goods and cost to serve, over
    the deal's horizon: (pocket price − cost of goods − cost to serve) ÷ pocket price. Under the
    floor, or under zero, it is a risk; under the target a watch. A strength reaches the target and
    the 75th percentile of the organisation's own won deals.

    Judged from the proposal on, earlier once there are lines, and at closing for won deals. An
    unknown cost to serve is weighed at its worst and at its best: pocket margin is then the most
    that can be left. Where cost to serve is recorded nowhere, contribution is pocket margin, every
    message says "before cost to serve", and no strength is given. A price of zero with costs is a
    loss.

    Needs a price (lines or an amount) and the cost of the lines; price steps, cost to serve or
    service costs with revenue by month make it sharper.
    """
    ratio = d.interval("contribution_ratio")
    short = floor * d.pocket_price_hi - d.contribution_hi
    said = "{contribution_label} {contribution_ratio_words}"
    return Rules(
        applies=d.proposal_reached | (d.is_open & d.has_lines) | d.is_won,
        risk=(d.interval("contribution") < 0) | (ratio < floor),
        watch=ratio < target,
        strength=d.cost_to_serve_recorded
        & (ratio >= target)
        & (ratio >= d.own_contribution_ratio_p75),
        message={
            "risk": said + " (floor {floor:share}): short {short_money:money}{prices_as_of}",
            "watch": said + " (target {target:share}): {under:points} under{prices_as_of}",
            "pass": said + " (target {target:share}){prices_as_of}",
            "strength": said + "; your best quarter starts at {own_contribution_ratio_p75:margin} "
            "(n={own_contribution_ratio_n:count}){prices_as_of}",
            "insufficient_data": said + "; unknown: {contribution_unknown}{prices_as_of}",
        },
        actual=d.contribution_ratio_hi,
        expected={
            "risk": at_least(floor, source=JUDGEMENT),
            "watch": at_least(target, source=JUDGEMENT),
            "pass": at_least(target, source=JUDGEMENT),
            "strength": at_least(
                d.own_contribution_ratio_p75, source=OWN_HISTORY, n=d.own_contribution_ratio_n
            ),
        },
        evidence=[
            Cite("deal_lines", "cost_minor", ids=d.lines_without_cost),
            *cited(d, "pocket_price", "pocket_basis", "cost_of_goods"),
            *cited(d, "cost_to_serve", "cost_to_serve_basis"),
        ],
        at_risk=Exposure("margin", short),
        values={
            "short_money": short,
            "under": target - d.contribution_ratio_hi,
        },
    )
