"""What the customer gets for the price: the alternative, what we add to it, and who says so."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Columns,
    Exposure,
    Fact,
    Inputs,
    Limit,
    Param,
    Rules,
    above,
    at_least,
    check,
    facts,
)
from dealreview.plugins.buyers import with_buyers
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.prices import over_horizon, whole
from dealreview.plugins.pricing.prices import COST
from dealreview.plugins.sides import larger, smaller
from dealreview.plugins.subjects import with_facts, with_own_row
from dealreview.plugins.words import percent

VALUE = "value_items.amount_minor"
CONFIRMED = "value_items.confirmed_by_contact_id"
PRACTITIONERS = "practitioners"
SHARES = (
    "captured: 10–15 % of the value for a new offer, 15–25 % for a standard one, 25–40 % for a "
    "critical one (practitioners)"
)
NO_PREMIUM = ", no premium where we add nothing,"
RETURNS = "a buyer's return of 3 to 5 times the price or more (practitioners)"


@facts(
    "deal",
    Fact(
        "reference_price",
        "money",
        "Price of the customer's next best alternative over the horizon; zero counts only where that "
        "is to do nothing.",
        "deal currency",
        requires=("deals.reference_minor",),
        origin="deals.reference_minor",
    ),
    Fact(
        "differentiation_value",
        "money",
        "What we are worth more than the alternative over the horizon, disadvantages taken off; "
        "unknown without an item against the alternative, or with one of unknown amount or side.",
        "deal currency",
        requires=(VALUE,),
        origin=VALUE,
    ),
    Fact(
        "customer_value",
        "money",
        "What the customer gains over the horizon against what they have today; without such items "
        "at least the alternative's price and what we add to it; unknown with an item of unknown "
        "amount or side.",
        "deal currency",
        requires=(VALUE,),
        origin=VALUE,
    ),
    Fact("customer_value_label", "text", "Whether it is only the least, in words."),
    Fact(
        "capture_ratio",
        "real",
        "(Customer price − reference price) ÷ what we add; unknown where that is zero or less.",
        "share",
        origin=VALUE,
    ),
    Fact("capture_words", "text", "How much of what we add the price takes, in words."),
    Fact(
        "value_items_in_force",
        "int",
        "Value items that the customer has not rejected.",
        "items",
        origin="value_items",
    ),
    Fact(
        "has_value_items",
        "bool",
        "There are value items in force; unknown without one: that nobody wrote any down says nothing "
        "of what the deal is worth.",
        requires=(VALUE,),
        origin="value_items",
    ),
    Fact(
        "has_items_against_alternative",
        "bool",
        "One of them compares with the alternative; unknown without such an item.",
        requires=(VALUE,),
        origin="value_items",
    ),
    Fact("items_against_alternative", "int", "How many surely do.", "items"),
    Fact(
        "has_comparison",
        "bool",
        "The items compare with today, or the price of the alternative is known; unknown with neither.",
        origin="deals.reference_minor",
    ),
    Fact("value_items_by_customer", "int", "Those that a contact wrote.", origin="value_items"),
    Fact("value_authors", "text", "Who wrote the items, in words."),
    Fact("value_items_confirmed", "int", "Those that a buyer person confirmed.", "items"),
    Fact("value_stated", "money", "Known amounts of the items, without sign.", "deal currency"),
    Fact(
        "value_sum_words", "text", "How drawbacks count in these two, if there are any, in words."
    ),
    Fact("value_confirmed", "money", "Those confirmed by a buyer person.", "deal currency"),
    Fact(
        "value_confirmed_ratio_lo",
        "real",
        "Value that a buyer person surely confirmed ÷ all value, amounts without sign; unknown "
        "without items.",
        "share",
        requires=(VALUE, CONFIRMED),
        origin=CONFIRMED,
    ),
    Fact(
        "value_confirmed_ratio_hi",
        "real",
        "The same with what may be confirmed: by somebody whose company is unknown.",
        "share",
        requires=(VALUE, CONFIRMED),
        origin=VALUE,
    ),
    Fact(
        "value_confirmers", "set", "Buyer people who confirmed value.", "people", origin=CONFIRMED
    ),
    Fact("value_confirmed_words", "text", "How much of the value is confirmed, in words."),
    reads={
        "deals": ("deal_id", "reference_minor", "reference_kind"),
        "accounts": ("account_id", "parent_account_id"),
        "contacts": ("contact_id", "account_id", "left_on"),
        "stakeholders": ("deal_id", "contact_id", "external_adviser"),
        "value_items": (
            "value_item_id",
            "deal_id",
            "compared_with",
            "amount_minor",
            "period",
            "author_contact_id",
            "confirmed_by_contact_id",
            "confirmed_on",
            "rejected_on",
        ),
    },
    uses=("account_id", "horizon_months", "customer_price"),
)
def value(inputs: Inputs) -> pl.DataFrame:
    """Add up what the customer gains, by what it is compared with and by who confirmed it."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    stated = pl.col("reference_minor")
    sensible = (stated > 0) | ((stated == 0) & (pl.col("reference_kind") == "do_nothing"))
    deals = deals.with_columns(reference_price=pl.when(sensible).then(stated))
    items = _items(inputs, deals)
    frame = deals.join(_sums(items), on="id", how="left")
    frame = frame.join(_confirmed(items), on="id", how="left")
    return _captured(_gained(frame)).select(
        "id",
        "reference_price",
        "differentiation_value",
        "customer_value",
        "customer_value_label",
        "capture_ratio",
        "capture_words",
        "value_items_in_force",
        "has_value_items",
        "has_items_against_alternative",
        "items_against_alternative",
        "has_comparison",
        pl.col(
            "value_items_by_customer", "value_items_confirmed", "value_stated", "value_confirmed"
        ).fill_null(0),
        "value_confirmed_ratio_lo",
        "value_confirmed_ratio_hi",
        "value_confirmers",
        value_authors=_authors(),
        value_sum_words=_sum_words(),
        value_confirmed_words=_confirmed_words(),
    )


def _items(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the items in force with their side and whether a buyer person confirmed them."""
    table = inputs.table("value_items").filter(pl.col("rejected_on").is_null())
    rows = over_horizon(table, deals, ["amount_minor"])
    rows = rows.join(deals.select("id", "day", "reference_kind"), on="id")
    nothing = pl.when(pl.col("reference_kind") == "do_nothing").then(pl.lit("status_quo"))
    rows = rows.with_columns(
        side=pl.coalesce("compared_with", nothing), contact_id="confirmed_by_contact_id"
    )
    named = pl.col("contact_id").is_not_null()
    unnamed = pl.col("confirmed_on").is_not_null()
    # Confirmed on a day by nobody named: perhaps by one of theirs.
    confirmed = pl.when(named).then(pl.col("buyer")).when(~unnamed).then(statement=False)
    return with_buyers(inputs, deals, rows).with_columns(confirmed=confirmed)


def _sums(items: pl.DataFrame) -> pl.DataFrame:
    """Sum the items by side, each sum unknown if one of its amounts or any side is."""
    amount, side = pl.col("amount_minor"), pl.col("side")
    known = side.is_not_null().all()

    def of(name: str) -> pl.Expr:
        own = amount.filter(side == name)
        whole_sum = known & (own.len() > 0) & own.is_not_null().all()
        return pl.when(whole_sum).then(own.sum()).alias(name)

    sums = items.group_by("id").agg(
        of("alternative"),
        of("status_quo"),
        known.alias("sided"),
        (side == "status_quo").any().alias("has_status_quo"),
        (side == "alternative").sum().cast(pl.Int64).alias("items_against_alternative"),
    )
    return sums.with_columns(whole("alternative"), whole("status_quo"))


def _confirmed(items: pl.DataFrame) -> pl.DataFrame:
    """Weigh the confirmed share of value at its worst and at its best."""
    size = pl.col("amount_minor").abs()
    sure = pl.col("confirmed").fill_null(value=False)
    maybe = pl.col("confirmed").fill_null(value=True)
    hole = size.is_null()
    total = size.sum()
    share = [pl.when(total > 0).then(size.filter(of).sum() / total) for of in (sure, maybe)]
    found = items.group_by("id").agg(
        pl.len().cast(pl.Int64).alias("value_items_in_force"),
        pl.col("author_contact_id").is_not_null().sum().cast(pl.Int64).alias("by_customer"),
        sure.sum().cast(pl.Int64).alias("value_items_confirmed"),
        total.alias("value_stated"),
        (pl.col("amount_minor") < 0).any().alias("has_drawbacks"),
        size.filter(sure).sum().alias("value_confirmed"),
        pl.when((hole & ~sure).any())
        .then(0.0)
        .otherwise(share[0])
        .alias("value_confirmed_ratio_lo"),
        pl.when((hole & maybe).any())
        .then(1.0)
        .otherwise(share[1])
        .alias("value_confirmed_ratio_hi"),
        pl.col("contact_id").filter(sure).unique().alias("value_confirmers"),
    )
    found = found.rename({"by_customer": "value_items_by_customer"})
    return found.with_columns(whole("value_stated"), whole("value_confirmed"))


def _gained(frame: pl.DataFrame) -> pl.DataFrame:
    at_least = pl.col("reference_price") + pl.col("alternative")
    against_today = pl.col("has_status_quo") & pl.col("sided")
    gained = pl.when(against_today).then("status_quo").otherwise(at_least)
    least = ~against_today.fill_null(value=False) & gained.is_not_null()
    written = pl.col("value_items_in_force").is_not_null()
    compared = pl.col("has_status_quo") | pl.col("reference_price").is_not_null() | ~written
    return frame.with_columns(
        differentiation_value="alternative",
        customer_value=gained,
        customer_value_label=pl.when(least).then(pl.lit(" at least")).otherwise(pl.lit("")),
        value_items_in_force=pl.col("value_items_in_force").fill_null(0),
        has_value_items=pl.when(written).then(statement=True),
        has_items_against_alternative=pl.when(pl.col("items_against_alternative") > 0).then(
            statement=True
        ),
        items_against_alternative=pl.col("items_against_alternative").fill_null(0),
        has_comparison=pl.when(compared).then(statement=True),
    )


def _captured(frame: pl.DataFrame) -> pl.DataFrame:
    extra = pl.col("differentiation_value")
    over = pl.col("customer_price") - pl.col("reference_price")
    ratio = pl.when(extra > 0).then(over / extra)
    words = (
        pl.when(extra <= 0).then(pl.lit("no premium to capture"))
        .when(ratio.is_null()).then(pl.lit("captured share unknown"))
        .otherwise(pl.format("{} captured", percent(ratio)))
    )  # fmt: skip
    return frame.with_columns(capture_ratio=ratio, capture_words=words)


def _authors() -> pl.Expr:
    written = pl.col("value_items_by_customer")
    some = pl.format("; {} written by the customer", written)
    return pl.when(written > 0).then(some).when(written == 0).then(
        pl.lit("; all entered by us")
    ).otherwise(pl.lit(""))  # fmt: skip


def _sum_words() -> pl.Expr:
    """Return what makes the sums larger than what the customer gains: drawbacks are added too."""
    added = pl.lit(", drawbacks added to the benefits and not taken off")
    return pl.when("has_drawbacks").then(added).otherwise(pl.lit(""))


def _confirmed_words() -> pl.Expr:
    ratio = pl.col("value_confirmed_ratio_lo")
    some = pl.format("; {} of the value confirmed by the customer", percent(ratio))
    none = pl.lit("; none of the value confirmed by the customer")
    return pl.when(ratio > 0).then(some).when(ratio <= 0).then(none).otherwise(pl.lit(""))


@facts(
    "deal",
    Fact(
        "total_cost",
        "money",
        "Cost of goods and cost to serve over the horizon; unknown with either. Where cost to serve "
        "is recorded nowhere, before it.",
        "deal currency",
        requires=(COST,),
        origin=COST,
    ),
    Fact("total_cost_label", "text", "What the cost leaves out, in words."),
    step="organisation",
    uses=("cost_of_goods", "cost_to_serve", "cost_to_serve_recorded"),
)
def total_cost(inputs: Inputs) -> pl.DataFrame:
    """Add what a deal costs us."""
    served = pl.col("cost_to_serve_recorded")
    serving = pl.when(served).then(pl.col("cost_to_serve")).otherwise(0)
    label = pl.when(served).then(pl.lit("")).otherwise(pl.lit(" before cost to serve"))
    return inputs.facts().select(
        "id", total_cost=pl.col("cost_of_goods") + serving, total_cost_label=label
    )


@check.columns(
    "pricing/value-share",
    severity="major",
    ask=["What would the customer say this is worth to them, and how did they get to that number?"],
    family="price-to-value",
    sources=[SHARES, f"20 to 50 % as good, 70 % as too much: {JUDGEMENT}"],
)
def value_share(
    d: Columns,
    *,
    low: Annotated[
        float,
        Param("Watch under this share", ge=-1, le=2, unit="share", at_most="good_from"),
    ] = 0.10,
    good_from: Annotated[
        float,
        Param("Strength from this share", ge=-1, le=2, unit="share", at_most="good_to"),
    ] = 0.20,
    good_to: Annotated[
        float,
        Param("Strength up to this share", ge=-1, le=2, unit="share", at_most="high"),
    ] = 0.50,
    high: Annotated[float, Param("Risk above this share", ge=-1, le=2, unit="share")] = 0.70,
) -> Rules:
    """The price takes a fair part of what we are worth more than the alternative.

    A customer compares with the next best alternative. What we are worth more than it, in money, is
    shared between them and us by the price: (customer price − price of the alternative) ÷ what we
    add. Under zero we sell something better for less, a risk; over 70 % hardly anything is left for
    the customer, a risk too. Under 10 % and over 50 % is a watch; from 20 to 50 % a strength. Where
    we add nothing, or less than nothing, the price may not lie above the alternative's less the
    disadvantage.

    Judged from the proposal on, for a price above zero. What we add is the sum of the value items in
    force against the alternative, over the deal's horizon. An alternative of zero counts only where
    the customer would do nothing. Money at risk is what the price lies under the alternative's, or
    over the highest share.

    Needs the price of the alternative, value items compared with it, and a price.
    """
    extra, over = d.differentiation_value, d.customer_price - d.reference_price
    ratio = over / extra
    # The fact is unknown where nothing is added; nothing is then exposed.
    given_away, beyond = d.capture_ratio * 0 - over, over - extra * high
    added = larger(extra, 0)
    said = (
        "price {customer_price:money}, alternative {reference_price:money}, extra value "
        "{differentiation_value:money}: {capture_words}"
    )
    good = _span(good_from, good_to)
    return Rules(
        applies=d.proposal_reached & d.has_items_against_alternative & (d.customer_price > 0),
        risk=((extra > 0) & ((ratio < 0) | (ratio > high)))
        | ((extra <= 0) & (d.customer_price > d.reference_price + extra)),
        watch=(extra > 0)
        & (((ratio >= 0) & (ratio < low)) | ((ratio > good_to) & (ratio <= high))),
        strength=(extra > 0) & ratio.between(good_from, good_to),
        message={
            "risk": said + "; a price of {price_least:money} to {price_most:money} expected"
            "{value_confirmed_words}",
            **dict.fromkeys(("pass", "strength"), said + "{value_confirmed_words}"),
            "watch": said + " ({low:share} to {good_to:share} expected){value_confirmed_words}",
            "insufficient_data": said + "; value items: {value_items_in_force:count}, against the "
            "alternative: {items_against_alternative:count}",
        },
        actual=d.capture_ratio,
        expected={
            "risk": Limit("=", f"{_span(0, high)} of what we add{NO_PREMIUM}", source=JUDGEMENT),
            "watch": Limit("=", _span(low, good_to), source=JUDGEMENT),
            "pass": Limit("=", f"{_span(low, good_to)}{NO_PREMIUM}", source=JUDGEMENT),
            "strength": Limit("=", good, source=JUDGEMENT),
        },
        evidence=cited(d, "customer_price", "reference_price", "differentiation_value"),
        at_risk=Exposure("value", larger(given_away, beyond)),
        values={
            # Where nothing is added, any price below is fair: the least is then nothing.
            "price_least": d.reference_price * smaller(added, 1),
            "price_most": d.reference_price + added * high + smaller(extra, 0),
        },
    )


def _span(low: float, high: float) -> str:
    """Return a range of shares: ``20–50%``, ``−10% to 50%``."""
    least, most = (f"{end:.0%}".replace("-", "−") for end in (low, high))
    return f"{least} to {most}" if low < 0 else f"{least.removesuffix('%')}–{most}"


@check.columns(
    "pricing/buyer-return",
    severity="minor",
    ask=["Which part of the return would still stand if their finance team halved our numbers?"],
    family="price-to-value",
    sources=[RETURNS, f"twice as the least: {JUDGEMENT}"],
)
def buyer_return(
    d: Columns,
    *,
    least: Annotated[
        float,
        Param(
            "Risk under this many times the price",
            ge=0,
            le=50,
            unit="times the price",
            at_most="good",
        ),
    ] = 2.0,
    good: Annotated[
        float,
        Param(
            "Watch under this many times the price",
            ge=0,
            le=50,
            unit="times the price",
            at_most="strong",
        ),
    ] = 3.0,
    strong: Annotated[
        float, Param("Strength from this many times the price", ge=0, le=50, unit="times the price")
    ] = 5.0,
    confirmed: Annotated[
        float,
        Param(
            "A strength only if this share of the value is confirmed by the customer",
            ge=0,
            le=1,
            unit="share",
        ),
    ] = 0.5,
) -> Rules:
    """The customer gets several times the price back.

    What the customer gains ÷ what they pay, both over the deal's horizon. Under twice is a risk:
    estimates are halved by whoever signs. Under three times is a watch. Five times, with at least
    half of the value confirmed by their own people, is a strength.

    What they gain is the sum of the value items in force against what they have today. Without any
    such item it is at least the price of the alternative and what we add to it, and the message says
    "at least"; the return can then only be higher. Judged from the proposal on, for a price above
    zero.

    Needs value items (and the price of the alternative, where none compares with today) and a price.
    """
    times = d.customer_value / d.customer_price
    said = (
        "value{customer_value_label} {customer_value:money} ÷ price {customer_price:money} = "
        "{times:number}× in {horizon_months:count} months"
    )
    return Rules(
        applies=d.proposal_reached & d.has_value_items & d.has_comparison & (d.customer_price > 0),
        risk=times < least,
        watch=times < good,
        strength=(times >= strong) & (d.interval("value_confirmed_ratio") >= confirmed),
        message={
            "risk": said + " (under {least:number}× is a risk){value_confirmed_words}",
            "watch": said + " (want {good:number}×){value_confirmed_words}",
            "pass": said + " (want {good:number}×){value_confirmed_words}",
            "strength": said + "{value_confirmed_words}",
            "insufficient_data": "value{customer_value_label} {customer_value:money}, price "
            "{customer_price:money}; value items: {value_items_in_force:count}",
        },
        actual=times,
        expected={
            "risk": Limit(">=", least, "times the price", source=JUDGEMENT),
            "watch": Limit(">=", good, "times the price", source=PRACTITIONERS),
            "pass": Limit(">=", good, "times the price", source=PRACTITIONERS),
            "strength": Limit(">=", strong, "times the price", source=PRACTITIONERS),
        },
        evidence=cited(d, "customer_value", "customer_price", "horizon_months"),
        values={"times": times},
    )


@check.columns(
    "pricing/customer-confirmed-value",
    severity="major",
    ask=["Whose words are these numbers in, and who on their side would repeat them?"],
    sources=[f"half and four fifths: {JUDGEMENT}"],
)
def customer_confirmed_value(
    d: Columns,
    *,
    half: Annotated[
        float, Param("Watch under this share", ge=0, le=1, unit="share", at_most="strong")
    ] = 0.5,
    strong: Annotated[float, Param("Strength from this share", ge=0, le=1, unit="share")] = 0.8,
) -> Rules:
    """People of the customer stand behind the value that we claim.

    A number that only we believe does not survive the meeting that we are not in. Value confirmed by
    a named person of the customer ÷ all value of the items in force. Amounts are taken without their
    sign, so that a disadvantage does not cancel a benefit. Under half is a watch; nothing confirmed
    from the proposal on is a risk; four fifths, by two people or more, is a strength.

    People of the customer, its parent and its subsidiaries count, and advisers marked as such;
    contacts of other companies do not. An item of unknown amount, or confirmed by somebody whose
    company is unknown, is weighed at its worst and at its best. Judged from evaluation on.

    Needs value items, and who confirmed them.
    """
    ratio = d.interval("value_confirmed_ratio")
    said = (
        "value items confirmed: {value_items_confirmed:count} of {value_items_in_force:count} "
        "({value_confirmed:money} of {value_stated:money}{value_sum_words})"
    )
    return Rules(
        applies=d.evaluation_or_later & d.has_value_items,
        risk=d.proposal_reached & (ratio <= 0),
        watch=ratio < half,
        strength=(ratio >= strong) & (d.value_confirmers.count() >= 2),
        message={
            "risk": said + "{value_authors}",
            "watch": said + ", by {value_confirmers:people}{value_authors}",
            "pass": said + ", by {value_confirmers:people}{value_authors}",
            "strength": said + ", by {value_confirmers:people}{value_authors}",
            "insufficient_data": "value items: {value_items_in_force:count}, surely confirmed: "
            "{value_items_confirmed:count}{value_authors}",
        },
        actual=d.value_confirmed_ratio_lo,
        expected={
            "risk": above(0, source=JUDGEMENT),
            "watch": at_least(half, source=JUDGEMENT),
            "pass": at_least(half, source=JUDGEMENT),
            "strength": at_least(strong, source=JUDGEMENT),
        },
        evidence=cited(d, "value_confirmed", "value_stated", "value_confirmers"),
    )


@check.columns(
    "pricing/value-exceeds-cost",
    severity="info",
    ask=[
        "If it costs us more than it is worth to them, what would have to change for both to gain?"
    ],
    family="price-to-value",
    sources=[f"one and a half times: {JUDGEMENT}"],
)
def value_exceeds_cost(
    d: Columns,
    *,
    least: Annotated[
        float, Param("Watch under this many times our cost", ge=1, le=10, unit="times the cost")
    ] = 1.5,
) -> Rules:
    """What the customer gains is more than what it costs us.

    Where it is worth less to the customer than it costs us, no price lets both gain. What the
    customer gains over the deal's horizon is held against cost of goods and cost to serve: less is a
    risk, less than one and a half times a watch. It explains the verdicts on price and margin and
    has no weight of its own. Where cost to serve is recorded nowhere the message says so.

    Judged from the proposal on, where there is a cost. Needs value items and the cost of the lines.
    """
    gained, cost = d.customer_value, d.total_cost
    said = (
        "customer gains{customer_value_label} {customer_value:money}, costs us "
        "{total_cost:money}{total_cost_label}"
    )
    return Rules(
        applies=d.proposal_reached & d.has_value_items & d.has_comparison & (cost > 0),
        risk=gained < cost,
        watch=gained < cost * least,
        message={
            "risk": said + ": no price lets both gain",
            "watch": said + ": {times:number}× (want {least:number}×)",
            "pass": said + ": {times:number}×",
            "insufficient_data": said + "; value items: {value_items_in_force:count}",
        },
        actual=gained / cost,
        expected={
            "risk": Limit(">=", 1, "times the cost", source=JUDGEMENT),
            "watch": Limit(">=", least, "times the cost", source=JUDGEMENT),
            "pass": Limit(">=", least, "times the cost", source=JUDGEMENT),
        },
        evidence=cited(d, "customer_value", "cost_of_goods", "cost_to_serve"),
        values={"times": gained / cost},
    )
