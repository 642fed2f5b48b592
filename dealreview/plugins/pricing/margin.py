"""What a deal leaves: cost to serve, contribution, and the floor under it."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Exposure, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.evidence import JUDGEMENT, OWN_HISTORY, cited
from dealreview.plugins.history import COMPARABLE, fewest, own_quantile
from dealreview.plugins.ledger import (
    MONTHS,
    READS,
    calendar,
    served_months,
    this_month,
)
from dealreview.plugins.pricing.prices import COST, PRICE
from dealreview.plugins.subjects import with_facts, with_own_row
from dealreview.plugins.words import percent

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
        "estimated_cost_to_serve",
        "money",
        "The deal's own estimate over the horizon.",
        "deal currency",
        origin="deals.cost_to_serve_minor",
    ),
    Fact(
        "account_cost_to_serve",
        "money",
        "Pocket price × service cost ÷ revenue of the account's last 12 complete months.",
        "deal currency",
        origin="service_costs.cost_minor",
    ),
    Fact(
        "service_ratio",
        "real",
        "Service cost ÷ revenue of the account's last 12 complete months; unknown with fewer than "
        "`min_known_months` known months and with an empty cell in a recorded one.",
        "share",
    ),
    Fact("service_has_gaps", "bool", "A recorded month of the account has an empty cell."),
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
    """Find the cost to serve of a deal in what is recorded of it and of its account."""
    frame = with_own_row(with_facts(inputs), inputs.table("deals")).with_columns(
        until=this_month(pl.col("day"))
    )
    keys = frame.select("account_id", "until").drop_nulls().unique()
    frame = frame.join(_service_ratios(inputs, keys), on=["account_id", "until"], how="left")
    return frame.select(
        "id",
        "service_ratio",
        cost_to_serve_recorded=pl.lit(_serving_is_recorded(inputs)),
        estimated_cost_to_serve="cost_to_serve_minor",
        account_cost_to_serve=_minor(pl.col("pocket_price") * pl.col("service_ratio")),
        service_has_gaps=pl.col("service_has_gaps").fill_null(value=False),
    )


def _minor(amount: pl.Expr) -> pl.Expr:
    return amount.round(0).cast(pl.Int64, strict=False)


@facts(
    "deal",
    Fact(
        "cost_to_serve",
        "money",
        "The deal's own estimate; where no deal of its kind (open or closed) has one, the "
        "account's usual, else pocket price × the median of service cost ÷ revenue of the "
        "segment's accounts with deals in 12 months, from `min_segment_accounts` such accounts "
        "on. Unknown where other deals have an estimate and where a recorded month of the account "
        "has a gap: what was left empty is not guessed.",
        "deal currency",
        origin="deals.cost_to_serve_minor",
    ),
    Fact(
        "cost_to_serve_basis",
        "enum",
        "estimate, account or segment: where the cost to serve comes from.",
    ),
    Fact("cost_to_serve_n", "int", "Accounts behind the median of the segment.", "accounts"),
    step="organisation",
    uses=(
        "account_id",
        "segment",
        "is_open",
        "pocket_price",
        "service_ratio",
        "service_has_gaps",
        "estimated_cost_to_serve",
        "account_cost_to_serve",
    ),
    params={
        "min_segment_accounts": (
            10,
            Param(
                "Accounts that a segment's usual cost to serve needs", ge=5, le=500, unit="accounts"
            ),
        )
    },
)
def usual_serving(inputs: Inputs) -> pl.DataFrame:
    """Choose the cost to serve of a deal: its own, its account's, or what its segment shows."""
    deals = with_facts(inputs)
    deals = _with_estimating(deals).with_columns(
        until=this_month(pl.col("day")), still=pl.col("is_open").fill_null(value=True)
    )
    lacks = (
        ~pl.col("estimating")
        & ~pl.col("service_has_gaps")
        & pl.col("account_cost_to_serve").is_null()
    )
    found = _segment_medians(deals, deals.filter(lacks), inputs.params["min_segment_accounts"])
    deals = deals.join(found, on=["until", "still", "segment"], how="left", maintain_order="left")
    deals = deals.with_columns(pl.when(lacks).then(pl.col("median", "n")))
    bases = {
        "estimate": pl.col("estimated_cost_to_serve"),
        "account": pl.when(~pl.col("estimating")).then("account_cost_to_serve"),
        "segment": _minor(pl.col("pocket_price") * pl.col("median")),
    }
    named = [pl.when(cost.is_not_null()).then(pl.lit(basis)) for basis, cost in bases.items()]
    return deals.select(
        "id",
        cost_to_serve=pl.coalesce(*bases.values()),
        cost_to_serve_basis=pl.coalesce(*named),
        cost_to_serve_n="n",
    )


def _with_estimating(deals: pl.DataFrame) -> pl.DataFrame:
    """Add whether deals of the same kind have estimates: many estimate only what is still open.

    Where they have, an empty estimate is a gap, and an account's average in its place could make
    a deal look better than the number that was left out.
    """
    still_open = pl.col("is_open").fill_null(value=True)
    estimated = pl.col("estimated_cost_to_serve").is_not_null()
    return deals.with_columns(estimating=estimated.any().over(still_open))


def _segment_medians(deals: pl.DataFrame, lacking: pl.DataFrame, least: int) -> pl.DataFrame:
    """Return ``median`` and ``n`` by month, whether deals are ``still`` open then, and segment.

    A closed deal is measured against deals closed in months before its own: what is known later
    never changes its verdict.

    Args:
        deals: All deals.
        lacking: Deals of which nothing else is known: their months are looked at.
        least: Fewest accounts that make a median.
    """
    known = deals.filter(pl.col("service_ratio").is_not_null() & pl.col("account_id").is_not_null())
    # In a month the deals of an account say the same.
    known = known.unique(["account_id", "until"]).sort("until")
    groups = ["until", "still", "segment"]
    empty = known.select(*groups, median="service_ratio", n=pl.lit(0, dtype=pl.Int64)).clear()
    parts = [empty]
    for until, still in lacking.select("until", "still").unique().iter_rows():
        last = pl.col("until") <= until if still else pl.col("until") < until
        newest = known.filter(last & (pl.col("until") > until - MONTHS)).unique(
            "account_id", keep="last", maintain_order=True
        )
        usual = newest.group_by("segment").agg(
            median=pl.col("service_ratio").median(), n=pl.len().cast(pl.Int64)
        )
        given = {"until": pl.lit(until, dtype=pl.Int64), "still": pl.lit(still)}
        parts.append(usual.with_columns(**given).select(empty.columns))
    enough = pl.when(pl.col("n") >= least).then("median")
    return pl.concat(parts).with_columns(median=enough)


def _service_ratios(inputs: Inputs, keys: pl.DataFrame) -> pl.DataFrame:
    """Return ``service_ratio`` and ``service_has_gaps`` of an account's 12 months."""
    if not inputs.feeds.is_recorded("service_costs.cost_minor"):
        return keys.clear().with_columns(
            service_ratio=pl.lit(0.0), service_has_gaps=pl.lit(value=False)
        )
    # What a month without any row is, is the same for all accounts: only those with rows are added.
    nobody = keys.select(pl.lit(None, dtype=pl.String).alias("account_id"), "until").unique()
    known = pl.col("revenue").is_not_null() & pl.col("service").is_not_null()
    months = served_months(inputs, calendar(nobody)).with_columns(known=known)
    blank = months.filter(pl.col("account_id").is_null())
    months = months.drop("until").join(blank.select("number", blank="known").unique(), on="number")
    inside = pl.col("number").is_between(pl.col("until") - MONTHS, pl.col("until") - 1)
    # Numbers are grouped and joined in a fraction of the time of texts.
    keys = keys.with_row_index("key")
    found = keys.join(months, on="account_id").filter(inside).group_by("key")
    sums = found.agg(
        *(pl.when("known").then(name).sum().alias(name) for name in ("revenue", "service")),
        more=pl.col("known").sum().cast(pl.Int64) - pl.col("blank").sum(),
        service_has_gaps=(pl.col("recorded") & ~pl.col("known")).any(),
    )
    sums = keys.join(sums, on="key", how="left").join(
        blank.group_by("until").agg(months=pl.col("known").sum()), on="until"
    )
    enough = pl.col("months") + pl.col("more").fill_null(0) >= inputs.params["min_known_months"]
    sound = enough & ~pl.col("service_has_gaps") & (pl.col("revenue") > 0)
    return sums.select(
        "account_id",
        "until",
        "service_has_gaps",
        service_ratio=pl.when(sound).then(pl.col("service") / pl.col("revenue")),
    )


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
    Fact(
        "contribution_basis",
        "text",
        "Where a cost to serve that nobody estimated comes from, in words; else empty.",
    ),
    Fact("contribution_unknown", "text", "Which parts of the contribution are unknown, in words."),
    step="organisation",
    uses=(
        "invoice_price",
        "pocket_price",
        "pocket_price_hi",
        "cost_of_goods",
        "cost_to_serve",
        "cost_to_serve_basis",
        "cost_to_serve_n",
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
        contribution_basis=_basis_words(),
        contribution_unknown=_unknown_parts(),
    )


def _basis_words() -> pl.Expr:
    basis = pl.col("cost_to_serve_basis")
    segment = pl.format("; cost to serve as usual in {} accounts of the segment", "cost_to_serve_n")
    return (
        pl.when(basis == "account")
        .then(pl.lit("; cost to serve from the account's last 12 months"))
        .when(basis == "segment")
        .then(segment)
        .otherwise(pl.lit(""))
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
        origin="deals",
    ),
    Fact("own_contribution_ratio_n", "int", "Number of won deals behind the percentile.", "deals"),
    step="organisation",
    uses=(*COMPARABLE, "contribution_ratio_lo"),
    params={"strength_min_n": fewest("Won deals that an own percentile needs")},
)
def own_contribution(inputs: Inputs) -> pl.DataFrame:
    """Measure what good won deals leave."""
    deals = with_facts(inputs)
    least = inputs.params["strength_min_n"]
    found = own_quantile(deals, "contribution_ratio_lo", 0.75, min_n=least)
    return found.select("id", own_contribution_ratio_p75="quantile", own_contribution_ratio_n="n")


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
    basis = "{contribution_basis}{prices_as_of}"
    return Rules(
        applies=d.proposal_reached | (d.is_open & d.has_lines) | d.is_won,
        risk=(d.interval("contribution") < 0) | (ratio < floor),
        watch=ratio < target,
        strength=d.cost_to_serve_recorded
        & (ratio >= target)
        & (ratio >= d.own_contribution_ratio_p75),
        message={
            "risk": said + " (floor {floor:share}): short {short_money:money}" + basis,
            "watch": said + " (target {target:share}): {under:points} under" + basis,
            "pass": said + " (target {target:share})" + basis,
            "strength": said + "; your best quarter starts at {own_contribution_ratio_p75:margin} "
            "(n={own_contribution_ratio_n:count})" + basis,
            "insufficient_data": said + "; unknown: {contribution_unknown}" + basis,
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
