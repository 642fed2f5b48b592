"""Which accounts get both the low price and the much service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, Term, at_most, check, facts
from dealreview.plugins.accounts.months import INVOICED, MIN_KNOWN_MONTHS, REVENUE
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.exchange import but_for_rates
from dealreview.plugins.ledger import (
    RATES,
    calendar,
    complete_sum,
    in_reporting,
    lacks_only_rate,
    month_number,
    monthly,
    rated,
    settled,
    this_month,
    unrated,
    with_sums,
)
from dealreview.plugins.ranks import ranked
from dealreview.plugins.sides import smaller
from dealreview.plugins.words import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from dealreview import Interval

LISTED = "account_months.list_minor"
LIST = (LISTED, "deal_lines.list_minor")
PRICES = ("revenue", "list")
MINUTES = "service_costs.minutes"
SECONDS = 60
THOUSAND = 100_000
"""Minor units that service time is held against: a thousand of a currency with cents."""


@facts(
    "account",
    Fact(
        "has_revenue_12m",
        "bool",
        "Revenue over zero in 12 complete months; unknown with one of its recorded months or under "
        "`min_known_months` of them.",
        requires=(REVENUE,),
        origin=INVOICED,
    ),
    Fact(
        "realised_discount_12m",
        "real",
        "1 − revenue ÷ revenue at list price of 12 complete months; unknown with a part of them, for "
        "a list of zero or less and outside −0.5 to 1.",
        "share",
        requires=(REVENUE, LIST),
        origin=LISTED,
    ),
    Fact(
        "service_minutes_per_1000",
        "real",
        "Service minutes of 12 complete months per 1,000 of revenue (100,000 minor units); unknown "
        "with a part of them and without revenue.",
        "minutes",
        requires=(REVENUE, (MINUTES,)),
        origin=MINUTES,
    ),
    Fact(
        "revenue_lacks_only_rates",
        "bool",
        "Nothing but exchange rates keeps the revenue of the account unknown.",
        origin=RATES,
    ),
    Fact(
        "terms_lack_only_rates",
        "bool",
        "Nothing but exchange rates keeps its discount and its service for the revenue unknown.",
        origin=RATES,
    ),
    reads={
        "account_months": ("account_id", "month", "list_minor", "revenue_minor", "currency"),
        "service_costs": ("account_id", "month", "minutes"),
    },
    uses=(
        "deal.account_id",
        "deal.is_won",
        "deal.closed_on",
        "deal.deal_currency",
        "deal.list_price",
        "deal.invoice_price",
    ),
    params=MIN_KNOWN_MONTHS,
)
def price_and_service(inputs: Inputs) -> pl.DataFrame:
    """Hold what an account pays and what it is served against each other."""
    subjects = inputs.subjects()
    keys = subjects.select(pl.col("id").alias("account_id"), until=this_month(pl.col("day")))
    sums = _sums(_with_minutes(inputs, _with_list(inputs, calendar(keys))))
    frame = subjects.select("id").join(sums, left_on="id", right_on="account_id", how="left")
    enough = pl.col("months") >= inputs.params["min_known_months"]
    revenue, listed = pl.col("revenue"), pl.col("list")
    discount = pl.when(enough & (listed > 0)).then(1 - revenue / listed)
    minutes = pl.col("seconds") / SECONDS * THOUSAND
    lacks = (enough & pl.col("lacks_rates")).fill_null(value=False)
    return frame.select(
        "id",
        has_revenue_12m=pl.when(enough).then(revenue > 0),
        realised_discount_12m=pl.when(discount.is_between(-0.5, 1)).then(discount),
        service_minutes_per_1000=pl.when(enough & (revenue > 0)).then(minutes / revenue),
        revenue_lacks_only_rates=lacks,
        terms_lack_only_rates=lacks & pl.col("seconds").is_not_null(),
    )


def _with_list(inputs: Inputs, grid: pl.DataFrame) -> pl.DataFrame:
    """Add revenue of each month and the same at list price; of won deals where no list is invoiced."""
    if inputs.feeds.is_recorded(LISTED):
        names = {"revenue_minor": "revenue", "list_minor": "list"}
        rows, table = in_reporting(inputs, "account_months", names), "account_months"
    else:
        rows, table = _won(inputs), "deals"
    return settled(inputs, with_sums(grid, monthly(rows, *PRICES)), table, list(PRICES), "rows")


def _won(inputs: Inputs) -> pl.DataFrame:
    won = inputs.facts("deal").filter(pl.col("is_won") & pl.col("closed_on").is_not_null())
    prices = {"invoice_price": "revenue", "list_price": "list"}
    converted = [
        inputs.to_reporting(won, old, "deal_currency", "closed_on").alias(new)
        for old, new in prices.items()
    ]
    stated = won.select(currency="deal_currency", **{new: old for old, new in prices.items()})
    months = won.select("account_id", number=month_number(pl.col("closed_on")))
    return months.with_columns(converted).with_columns(unrated(stated, converted))


def _with_minutes(inputs: Inputs, grid: pl.DataFrame) -> pl.DataFrame:
    """Add the service time of each month, in whole seconds: sums do not depend on their order."""
    rows = inputs.table("service_costs").select(
        "account_id",
        number=month_number(pl.col("month")),
        seconds=(pl.col("minutes") * SECONDS).round(0).cast(pl.Int64),
    )
    sums = rows.group_by("account_id", "number").agg(complete_sum("seconds"), rows=pl.len())
    return settled(inputs, with_sums(grid, sums), "service_costs", ["seconds"], "rows")


def _sums(grid: pl.DataFrame) -> pl.DataFrame:
    """Add up the recorded months of each account; a sum with an unknown part is unknown."""
    recorded = grid.filter("recorded")
    unrated_months = lacks_only_rate(PRICES)
    priced = pl.all_horizontal(pl.col(name).is_not_null() for name in PRICES)
    return recorded.group_by("account_id").agg(
        *(complete_sum(name) for name in (*PRICES, "seconds")),
        lacks_rates=unrated_months.any() & (priced | unrated_months).all(),
        months=pl.len().cast(pl.Int64),
    )


# --- among the accounts of a segment -------------------------------------------------------------


def _rank_facts(name: str, what: str, origin: str) -> list[Fact]:
    requires = (REVENUE, LIST, (MINUTES,))
    ends = {"lo": "at least", "hi": "at most"}
    return [
        Fact(
            f"{name}_{end}",
            "real",
            f"Share of the other accounts of the segment with {what}, {word}: unknown ones count at "
            "their best and worst, and all of them where its own segment is unknown; unknown with "
            "the account's own.",
            "share",
            requires=requires,
            origin=origin,
        )
        for end, word in ends.items()
    ]


@facts(
    "account",
    *_rank_facts("discount_rank", "a smaller discount", LISTED),
    *_rank_facts("service_rank", "less service time for the revenue", MINUTES),
    Fact(
        "service_peers_lo",
        "int",
        "Accounts of the segment with revenue whose discount and service time are known; none where "
        "the segment is unknown.",
        "accounts",
        requires=(REVENUE, LIST, (MINUTES,)),
        origin=MINUTES,
    ),
    Fact(
        "service_peers_hi",
        "int",
        "The same with those of which they are unknown; where the segment is unknown, the accounts "
        "of the largest one and this.",
        "accounts",
        requires=(REVENUE, LIST, (MINUTES,)),
        origin=MINUTES,
    ),
    Fact(
        "special_terms_rated",
        "bool",
        "Never false: unknown where nothing but exchange rates keeps the account's own revenue "
        "unknown, or the numbers of those of the segment of which one is.",
        origin=RATES,
    ),
    Fact("service_peers_told", "text", "How many accounts it is measured against, in words."),
    Fact("special_terms", "text", "Discount and service time beside the usual ones, in words."),
    step="organisation",
    uses=(
        "segment",
        "has_revenue_12m",
        "realised_discount_12m",
        "service_minutes_per_1000",
        "revenue_lacks_only_rates",
        "terms_lack_only_rates",
    ),
)
def special(inputs: Inputs) -> pl.DataFrame:
    """Place an account's discount and service time among those of its segment."""
    accounts = inputs.facts()
    discount, service = pl.col("realised_discount_12m"), pl.col("service_minutes_per_1000")
    member = pl.col("has_revenue_12m")
    known = member & discount.is_not_null() & service.is_not_null()
    peers = accounts.filter(member.fill_null(value=True)).with_columns(
        known=known.fill_null(value=False)
    )
    values = {"discount": discount, "service": service}
    ends = [v.alias(f"{n}_{end}") for n, v in values.items() for end in ("lo", "hi")]
    peers = peers.with_columns(ends)
    peers = peers.with_columns(
        service_peers_lo=pl.col("known").sum().over("segment").cast(pl.Int64),
        service_peers_hi=pl.len().over("segment").cast(pl.Int64),
        usual_discount=discount.median().over("segment"),
        usual_service=service.median().over("segment"),
        peers_lack_rates=_lack_only_rates().over("segment"),
    )
    of_any = peers.filter(pl.col("segment").is_null())
    peers = peers.filter(pl.col("segment").is_not_null())
    most = peers.select(pl.max("service_peers_hi").fill_null(0)).item()
    unplaced = of_any.with_columns(
        service_peers_lo=pl.lit(0, dtype=pl.Int64),
        service_peers_hi=pl.lit(most + 1, dtype=pl.Int64),
        peers_lack_rates=pl.lit(value=False),
        **{usual: pl.lit(None, dtype=pl.Float64) for usual in ("usual_discount", "usual_service")},
    )
    frame = accounts.select("id", "revenue_lacks_only_rates").join(
        pl.concat([peers, unplaced]).drop("revenue_lacks_only_rates"), on="id", how="left"
    )
    for name, value in values.items():
        found = pl.concat([ranked(peers, "segment", name), _anywhere(of_any, value)])
        found = found.rename({"lo": f"{name}_rank_lo", "hi": f"{name}_rank_hi"})
        frame = frame.join(found, on="id", how="left")
    zero = pl.lit(0, dtype=pl.Int64)
    return frame.select(
        "id",
        *(f"{name}_rank_{end}" for name in values for end in ("lo", "hi")),
        pl.col("service_peers_lo", "service_peers_hi").fill_null(zero),
        special_terms_rated=rated(
            pl.col("revenue_lacks_only_rates") | pl.col("peers_lack_rates").fill_null(value=False)
        ),
        special_terms=_terms(),
        service_peers_told=_peers_told(),
    )


def _anywhere(unplaced: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """Return the ranks of accounts that may belong to any segment: below or above all of it."""
    ends = {"lo": 0.0, "hi": 1.0}
    return unplaced.select(
        "id", **{end: pl.when(value.is_not_null()).then(rank) for end, rank in ends.items()}
    )


def _lack_only_rates() -> pl.Expr:
    """Return whether there are accounts with an unknown number, and each of them lacks only rates."""
    lacks = pl.col("terms_lack_only_rates")
    return lacks.any() & (pl.col("known") | lacks).all()


def _terms() -> pl.Expr:
    """Return ``19.0% under list (usual 12.0%), 31 service minutes per 1,000 of revenue (usual 10)``."""
    own, usual = (_whole(n) for n in ("service_minutes_per_1000", "usual_service"))
    discount = pl.format("{} under list", percent(pl.col("realised_discount_12m")))
    service = pl.format("{} service minutes per 1,000 of revenue", own)
    return pl.concat_str(
        _beside(discount, percent(pl.col("usual_discount"))).fill_null("discount unknown"),
        _beside(service, usual).fill_null("service time unknown"),
        separator=", ",
    )


def _beside(own: pl.Expr, usual: pl.Expr) -> pl.Expr:
    """Return a number with the usual one of its segment; without that where no segment is known."""
    return own + pl.format(" (usual {})", usual).fill_null("")


def _peers_told() -> pl.Expr:
    """Return of how many accounts of the segment both numbers are known, in words."""
    least, most = pl.col("service_peers_lo").fill_null(0), pl.col("service_peers_hi").fill_null(0)
    unplaced = pl.col("segment").is_null() & (most > 0)
    return (
        pl.when(unplaced)
        .then(pl.format("its segment is unknown, and the largest has {} accounts with it", most))
        .otherwise(pl.format("both are known of {} of {} accounts of the segment", least, most))
    )


def _whole(name: str) -> pl.Expr:
    return pl.col(name).round(0).cast(pl.Int64, strict=False)


@check.columns(
    "accounts/special-price-and-service",
    on="account",
    severity="major",
    ask=["What would each of the two be worth to them on its own?"],
    sources=[
        "quarters, tenths and the fewest accounts: our own judgement",
        "peers: the organisation's own accounts",
    ],
)
def special_price_and_service(
    d: Columns,
    *,
    high: Annotated[
        float,
        Param(
            "Risk if both are above this share of the accounts",
            ge=0.5,
            le=0.99,
            unit="share",
            at_most="top",
        ),
    ] = 0.75,
    top: Annotated[
        float,
        Param("Watch if one is above this share of the accounts", ge=0.5, le=0.99, unit="share"),
    ] = 0.90,
    middle: Annotated[
        float,
        Param(
            "Watch only if the other is above this share of the accounts",
            ge=0,
            le=0.99,
            unit="share",
            at_most="high",
        ),
    ] = 0.50,
    min_peers: Annotated[
        int, Param("Accounts of a segment that can be compared", ge=5, le=500, unit="accounts")
    ] = 12,
) -> Rules:
    """Nobody gets both the special price and the special service.

    Either may be right: a low price for little work, or a full price with much of it. Both together
    cost twice, and seldom because somebody decided so. Discount = 1 − revenue ÷ revenue at list
    price; service time = service minutes per 1,000 of revenue; both over the last 12 complete
    months, compared with the accounts of the same segment that have revenue. Both above three
    quarters of them is a risk; one above nine tenths and the other above half a watch. Accounts of
    which one number is unknown are weighed as lying below and above.

    Asked from 12 accounts of a segment on. Where accounts have segments, one without is measured
    against nobody and nobody against it: its segment is then asked for.

    Needs revenue by month with the same at list price (else won deals with list prices) and service
    minutes by month.
    """

    def reached(name: str, reaches: Callable[[Interval | Term], Term]) -> Term:
        pair = d.interval(name)
        return but_for_rates(pair, reaches, d.special_terms_rated) | (
            reaches(pair.high) & ~d.segment_told
        )

    def over(name: str, limit: float) -> Term:
        return reached(name, lambda rank: rank > limit)

    peers = reached("service_peers", lambda n: n >= min_peers)
    unrated = d.revenue_lacks_only_rates & ~d.special_terms_rated
    one_at_the_top = (over("discount_rank", top) & over("service_rank", middle)) | (
        over("service_rank", top) & over("discount_rank", middle)
    )
    said = (
        "{special_terms}: a larger discount than {discount_rank_lo:share} and more service than "
        "{service_rank_lo:share} of the other accounts of the segment"
    )
    return Rules(
        applies=peers & (d.has_revenue_12m | d.revenue_lacks_only_rates) & ~unrated,
        risk=over("discount_rank", high) & over("service_rank", high),
        watch=one_at_the_top,
        message={
            "risk": said + "; both over {high:share} are a risk",
            "watch": said + "; not expected: one over {top:share}, the other over {middle:share}",
            "pass": said,
            "insufficient_data": "{special_terms}; {service_peers_told}, {min_peers:count} needed",
        },
        # Both are high where the lower of them is, and one at the top counts with the other.
        actual=smaller(d.discount_rank_lo, d.service_rank_lo),
        expected={
            "risk": at_most(high, source=JUDGEMENT, n=d.service_peers_lo),
            "watch": at_most(middle, source=JUDGEMENT, n=d.service_peers_lo),
            "pass": at_most(high, source=JUDGEMENT, n=d.service_peers_lo),
        },
        evidence=[
            *cited(d, "realised_discount_12m", "service_minutes_per_1000", "discount_rank_lo"),
            *cited(d, "service_rank_lo", "service_peers_lo", "service_peers_hi"),
        ],
    )
