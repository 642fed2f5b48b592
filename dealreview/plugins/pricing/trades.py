"""What was given in a negotiation, and what it bought."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, below, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.prices import over_horizon, steps_known
from dealreview.plugins.subjects import begun, with_facts, with_own_row
from dealreview.plugins.words import percent, spoken

STEPS = "price_steps.amount_minor"
CONCESSIONS = "concessions.given_by"
BESIDE = 3
"""Days either side of a step in which what the buyer gave counts as given for it."""

BY_RULE = ("volume", "contract", "promotion", "surcharge", "rebate", "freight")
"""Kinds of steps that follow from a rule where nobody says what was negotiated."""

_STEPS = ("step_id", "deal_id", "kind", "amount_minor", "period", "negotiated", "given_on")
_GIVEN = ("concession_id", "deal_id", "given_by", "kind", "value_minor", "agreed_on", "step_id")
_READS = {"deals": ("deal_id", "created_on"), "price_steps": _STEPS, "concessions": _GIVEN}
_IDS = pl.List(pl.String)


@facts(
    "deal",
    Fact(
        "negotiated_steps_lo",
        "int",
        "Negotiated price steps of at least `min_step` of the list price, as far as is known.",
        "steps",
        requires=(STEPS, CONCESSIONS),
        origin=STEPS,
    ),
    Fact(
        "negotiated_steps_hi",
        "int",
        "The same with steps of unknown size; unknown unless steps are recorded since the deal began.",
        "steps",
        requires=(STEPS, CONCESSIONS),
        origin="price_steps",
    ),
    Fact(
        "untraded_steps_lo",
        "int",
        "Those for which the buyer surely gave nothing: no concession of theirs is linked to the step "
        "or agreed within 3 days of it, where concessions are recorded.",
        "steps",
        requires=(STEPS, CONCESSIONS),
        origin="concessions",
    ),
    Fact(
        "untraded_steps_hi",
        "int",
        "Those for which the buyer may have given nothing; unknown unless steps are recorded since "
        "the deal began.",
        "steps",
        requires=(STEPS, CONCESSIONS),
        origin="concessions",
    ),
    Fact("traded_steps", "int", "Those for which the buyer surely gave something.", "steps"),
    Fact(
        "traded_value_ratio",
        "real",
        "Worth of what the buyer gave ÷ negotiated steps; unknown with the worth of any of it.",
        "share",
        origin="concessions.value_minor",
    ),
    Fact("untraded_words", "text", "The steps for which nothing was given, in words."),
    Fact("untraded_step_ids", "set", "The steps for which the buyer surely gave nothing."),
    reads=_READS,
    uses=("horizon_months", "list_price"),
    params={
        "min_step": (
            0.01,
            Param("Share of the list price from which a step counts", ge=0, le=0.2, unit="share"),
        )
    },
)
def trades(inputs: Inputs) -> pl.DataFrame:
    """Count negotiated price steps, and those that bought nothing."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    steps = _steps(inputs, deals).with_columns(
        counts=pl.col("given") & (pl.col("share") >= inputs.params["min_step"])
    )
    counts, traded = pl.col("counts"), pl.col("traded")
    sure, maybe = counts.fill_null(value=False), counts.fill_null(value=True)
    untraded = sure & ~traded.fill_null(value=True)
    sums = steps.sort("share", "step_id", descending=[True, False]).group_by("id").agg(
        negotiated_steps_lo=_number(sure),
        possible=_number(maybe),
        untraded_steps_lo=_number(untraded),
        untraded_possible=_number(maybe & ~traded.fill_null(value=False)),
        traded_steps=_number(sure & traded.fill_null(value=False)),
        given_amount=pl.when(counts.is_not_null().all()).then(
            pl.col("amount_minor").filter(sure).sum()
        ),
        untraded_words=_step_words().filter(untraded).first(),
        untraded_step_ids=pl.col("step_id").filter(untraded),
    )  # fmt: skip
    frame = deals.join(sums, on="id", how="left").join(_worth(inputs), on="id", how="left")
    counted = ["negotiated_steps_lo", "possible", "untraded_steps_lo", "untraded_possible"]
    frame = frame.with_columns(
        pl.col(*counted, "traded_steps").fill_null(0), covered=steps_known(inputs)
    )
    amount = pl.col("given_amount")
    return frame.select(
        "id",
        "negotiated_steps_lo",
        "untraded_steps_lo",
        "traded_steps",
        negotiated_steps_hi=pl.when("covered").then("possible"),
        untraded_steps_hi=pl.when("covered").then("untraded_possible"),
        traded_value_ratio=pl.when(amount > 0).then(12 * pl.col("worth") / amount),
        untraded_words=_untraded_words(),
        untraded_step_ids=pl.col("untraded_step_ids").fill_null(pl.lit([], dtype=_IDS)),
    )


def _untraded_words() -> pl.Expr:
    """Return the largest step for which nothing was given, and of how many it is."""
    step, steps = pl.col("untraded_words").fill_null("a price step"), pl.col("untraded_steps_lo")
    several = pl.format("nothing obtained for {} price steps, the largest {}", steps, step)
    one = pl.format("{}, nothing obtained for it", step)
    return pl.when(steps > 1).then(several).otherwise(one)


def _number(condition: pl.Expr) -> pl.Expr:
    return condition.sum().cast(pl.Int64)


def _worth(inputs: Inputs) -> pl.DataFrame:
    """Sum what the buyer gave in each deal; unknown with one value or with who gave it."""
    rows = inputs.table("concessions").rename({"deal_id": "id"})
    theirs = rows.filter(pl.col("given_by").ne_missing("us"))
    known = (pl.col("value_minor").is_not_null() & pl.col("given_by").is_not_null()).all()
    return theirs.group_by("id").agg(worth=pl.when(known).then(pl.col("value_minor").sum()))


def _steps(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return price steps with their ``share`` of the list price and whether they were ``traded``.

    ``given`` says that a step was given in a negotiation; who left that empty may have.
    """
    rows = over_horizon(inputs.table("price_steps"), deals, ["amount_minor"]).drop("horizon_months")
    rows = rows.join(deals.select("id", "day", "created_on", "list_price"), on="id")
    listed = pl.col("list_price")
    rows = rows.with_columns(
        share=pl.when(listed > 0).then((pl.col("amount_minor") / 12 / listed).round_sig_figs(9)),
        given=_given(inputs),
        on="given_on",
    )
    return _with_trades(inputs, rows, "step_id")


def _given(inputs: Inputs) -> pl.Expr:
    """Return whether a step was given in a negotiation; where nobody ever says so, its kind tells."""
    if inputs.feeds.is_recorded("price_steps.negotiated"):
        return pl.col("negotiated").fill_null(value=True)
    return ~pl.col("kind").is_in(BY_RULE).fill_null(value=False)


def _with_trades(inputs: Inputs, rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add whether the buyer gave something for each row: linked to it, or within days ``on`` it."""
    theirs = inputs.table("concessions").filter(pl.col("given_by").ne_missing("us"))
    theirs = theirs.select(
        "agreed_on", id="deal_id", linked="step_id", surely=pl.col("given_by") == "buyer"
    )
    beside = (pl.col("agreed_on") - pl.col("on")).dt.total_days().abs() <= BESIDE
    is_link = pl.col("linked") == pl.col(key) if key == "step_id" else pl.lit(value=False)
    meant = pl.when(pl.col("linked").is_not_null()).then(is_link).otherwise(beside)
    match = rows.select("id", key, "on").join(theirs, on="id").with_columns(match=meant & "surely")
    found = match.group_by("id", key).agg(
        yes=pl.col("match").fill_null(value=False).any(), open=pl.col("match").is_null().any()
    )
    last = pl.min_horizontal(pl.col("on") + pl.duration(days=BESIDE), "day")
    first = pl.coalesce(pl.col("on") - pl.duration(days=BESIDE), "created_on")
    seen = inputs.feeds.reaches("concessions", first, pl.coalesce(last, "day"))
    rows = rows.join(found, on=["id", key], how="left")
    nothing = seen.fill_null(value=False) & ~pl.col("open").fill_null(value=False)
    traded = pl.when("yes").then(statement=True).when(nothing).then(statement=False)
    return rows.with_columns(traded=traded).drop("yes", "open")


def _step_words() -> pl.Expr:
    """Return a step in words: its share of the list price, and its day where that is known."""
    size = percent(-pl.col("share")).fill_null("a discount")
    return pl.coalesce(pl.format("{} on {}", size, spoken(pl.col("on"))), size)


@facts(
    "deal",
    Fact(
        "margin_terms_pairs_lo",
        "int",
        "Price steps with a concession on terms within `window_days`, each used once, as far as known.",
        "pairs",
        requires=(STEPS, CONCESSIONS),
        origin="price_steps.given_on",
    ),
    Fact(
        "margin_terms_pairs_hi",
        "int",
        "The same; unknown unless steps and concessions are recorded since the deal began, with day, "
        "size and who gave them.",
        "pairs",
        requires=(STEPS, CONCESSIONS),
        origin="concessions",
    ),
    Fact(
        "untraded_pairs_lo",
        "int",
        "Pairs for neither half of which the buyer gave anything, as far as is known.",
        "pairs",
        requires=(STEPS, CONCESSIONS),
        origin="price_steps.given_on",
    ),
    Fact(
        "untraded_pairs_hi",
        "int",
        "The same with those of which nobody knows; unknown as the pairs.",
        "pairs",
        requires=(STEPS, CONCESSIONS),
        origin="concessions",
    ),
    Fact("pair_words", "text", "The pair for which least was obtained, in words."),
    Fact("pair_step_ids", "set", "Price steps of the pairs."),
    Fact("pair_concession_ids", "set", "Concessions of the pairs."),
    reads=_READS,
    uses=("horizon_months", "list_price"),
    params={
        "window_days": (
            7,
            Param("Days between price and terms that make a pair", ge=0, le=60, unit="days"),
        )
    },
)
def pairs(inputs: Inputs) -> pl.DataFrame:
    """Find price steps and concessions on terms that were given together."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    halves = _halves(inputs, deals)
    found = _paired(halves, inputs.params["window_days"])
    none = pl.col("untraded") == "surely"
    sums = found.sort("rank", "key", "other").group_by("id", maintain_order=True).agg(
        pairs=pl.len().cast(pl.Int64),
        untraded=_number(none),
        untraded_maybe=_number(pl.col("untraded") != "no"),
        pair_words=pl.col("words").first(),
        pair_step_ids=pl.concat([pl.col("key"), pl.col("other").filter("other_is_step")]),
        pair_concession_ids=pl.col("other").filter(~pl.col("other_is_step")),
    )  # fmt: skip
    side = pl.col("side")
    unclear = halves.group_by("id").agg(
        unclear=~pl.col("clear").all() & (side != "terms").any() & (side != "price").any()
    )
    frame = deals.join(sums, on="id", how="left").join(unclear, on="id", how="left")
    start = begun(inputs)
    recorded = inputs.feeds.reaches("concessions", start, pl.col("day")) & steps_known(inputs)
    known = recorded & ~pl.col("unclear").fill_null(value=False)
    count = pl.col("pairs").fill_null(0)
    return frame.select(
        "id",
        margin_terms_pairs_lo=count,
        margin_terms_pairs_hi=pl.when(known).then(count),
        untraded_pairs_lo=pl.col("untraded").fill_null(0),
        untraded_pairs_hi=pl.when(known).then(pl.col("untraded_maybe").fill_null(0)),
        pair_words=pl.col("pair_words").fill_null("nothing given together"),
        pair_step_ids=pl.col("pair_step_ids").fill_null(pl.lit([], dtype=_IDS)),
        pair_concession_ids=pl.col("pair_concession_ids").fill_null(pl.lit([], dtype=_IDS)),
    )


def _halves(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what we gave: ``key``, ``side`` (price, terms or either), ``on``, ``traded``, ``words``.

    A row is ``clear`` when its side, its day and that it was given are known.
    """
    kind, amount = pl.col("kind"), pl.col("amount_minor")
    steps = _steps(inputs, deals).filter("given")
    steps = steps.filter(
        (kind == "payment_terms").fill_null(value=False) | (amount > 0).fill_null(value=True)
    )
    side = (
        pl.when(kind == "payment_terms").then(pl.lit("terms"))
        .when(kind.is_not_null()).then(pl.lit("price")).otherwise(pl.lit("either"))
    )  # fmt: skip
    sized = amount.is_not_null() | (kind == "payment_terms").fill_null(value=False)
    terms_words = pl.coalesce(
        pl.format("payment terms on {}", spoken(pl.col("on"))), pl.lit("payment terms")
    )
    steps = steps.select(
        "id",
        "on",
        "traded",
        key="step_id",
        side=side,
        is_step=True,
        clear=pl.col("on").is_not_null() & sized & kind.is_not_null(),
        words=pl.when(kind == "payment_terms").then(terms_words).otherwise(_step_words()),
    )
    return pl.concat([steps, _conceded(inputs, deals, steps)])


def _conceded(inputs: Inputs, deals: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return what we conceded beside the price, less what the price steps already say."""
    ours = inputs.table("concessions").filter(pl.col("given_by").ne_missing("buyer"))
    ours = ours.rename({"deal_id": "id"}).join(deals.select("id", "day", "created_on"), on="id")
    rows = ours.with_columns(on="agreed_on", key="concession_id")
    payment = steps.filter(pl.col("side") == "terms").select("id", step_on="on")
    near = (pl.col("agreed_on") - pl.col("step_on")).dt.total_days().abs() <= BESIDE
    same = rows.filter(pl.col("kind") == "payment_terms").join(payment, on="id").filter(near)
    twice = pl.col("key").is_in(same["key"].implode()) | pl.col("step_id").is_in(
        steps["key"].implode()
    )
    rows = _with_trades(inputs, rows.filter(~twice.fill_null(value=False)), "concession_id")
    what = pl.col("kind").str.replace_all("_", " ").fill_null("a concession")
    return rows.select(
        "id",
        "on",
        "traded",
        "key",
        side=pl.lit("terms"),
        is_step=pl.lit(value=False),
        clear=pl.col("on").is_not_null() & pl.col("given_by").is_not_null(),
        words=pl.coalesce(pl.format("{} on {}", what, spoken(pl.col("on"))), what),
    )


def _paired(halves: pl.DataFrame, window: int) -> pl.DataFrame:
    """Match each price step with a concession on terms, the nearest first, ties by id."""
    clear = halves.filter("clear")
    price = clear.filter(pl.col("side") == "price").drop("side", "clear", "is_step")
    terms = clear.filter(pl.col("side") == "terms").drop("side", "clear")
    near = (pl.col("on") - pl.col("on_other")).dt.total_days().abs()
    found = price.join(terms, on="id", suffix="_other").with_columns(apart=near)
    found = found.filter(pl.col("apart") <= window).sort("id", "apart", "key", "key_other")
    kept, used = [], set()
    for key, other in found.select("key", "key_other").iter_rows():
        free = ("price", key) not in used and ("terms", other) not in used
        kept.append(free)
        used |= {("price", key), ("terms", other)} if free else set()
    found = found.filter(pl.Series(kept, dtype=pl.Boolean))
    both = pl.concat_list(pl.col("traded"), pl.col("traded_other"))
    untraded = (
        pl.when(both.list.any()).then(pl.lit("no"))
        .when(both.list.drop_nulls().list.len() == 2).then(pl.lit("surely"))
        .otherwise(pl.lit("maybe"))
    )  # fmt: skip
    return found.select(
        "id",
        "key",
        other="key_other",
        other_is_step="is_step",
        untraded=untraded,
        rank=untraded.replace_strict({"surely": 0, "maybe": 1, "no": 2}, return_dtype=pl.Int8),
        words=pl.format("{} and {}", "words", "words_other"),
    )


@check.columns(
    "pricing/untraded-discount",
    severity="major",
    ask=["What did the customer give up in exchange, and how would we know it mattered to them?"],
    sources=[
        "won deals carry lower discounts on average than lost ones (McKinsey)",
        f"one percent, two steps, half the worth: {JUDGEMENT}",
    ],
)
def untraded_discount(
    d: Columns,
    *,
    many: Annotated[
        int, Param("Risk from this many steps without return", ge=2, le=10, unit="steps")
    ] = 2,
    worth: Annotated[
        float,
        Param(
            "Strength when what was got is worth this share of what was given",
            ge=0,
            le=2,
            unit="share",
        ),
    ] = 0.5,
) -> Rules:
    """Every discount bought something.

    A discount without anything in return teaches the customer to ask again. Counted are negotiated
    price steps of at least 1 % of the list price over the deal's horizon; a step of which nobody said
    whether it was negotiated counts (where that is recorded nowhere: but for volume, contract,
    promotion, rebate, freight and surcharge). A step is traded when a concession of the buyer is linked to it
    or was agreed within three days of it. One step without return is a watch, two are a risk. All
    traded, and together worth at least half of what was given, is a strength.

    Whoever has no such step is left out. Needs lines with list prices, price steps with day and
    amount, and concessions recorded over the same days. Steps and concessions of unknown size, day or
    side are weighed at their worst and at their best.
    """
    untraded = d.interval("untraded_steps")
    counts = (
        "; price steps that bought something: {traded_steps:count} of {negotiated_steps_lo:count}"
    )
    return Rules(
        applies=d.interval("negotiated_steps") >= 1,
        risk=untraded >= many,
        watch=untraded >= 1,
        strength=d.traded_value_ratio >= worth,
        message={
            "risk": "{untraded_words}" + counts,
            "watch": "{untraded_words}" + counts,
            "pass": "something obtained for each price step" + counts,
            "strength": "something obtained for each price step, worth {traded_value_ratio:share} of what "
            "was given" + counts,
            "insufficient_data": "price steps for which nothing was obtained, as far as is known: "
            "{untraded_steps_lo:count}" + counts,
        },
        actual=d.untraded_steps_lo,
        expected={
            "risk": below(many, source=JUDGEMENT),
            "watch": at_most(0, source=JUDGEMENT),
            "pass": at_most(0, source=JUDGEMENT),
            "strength": at_most(0, source=JUDGEMENT),
        },
        evidence=[
            Cite("price_steps", "amount_minor", ids=d.untraded_step_ids),
            *cited(d, "negotiated_steps_lo", "untraded_steps_lo", "traded_steps"),
        ],
    )


@check.columns(
    "pricing/margin-and-terms",
    severity="minor",
    ask=["What did each of the two concessions buy on its own?"],
    sources=[f"seven days: {JUDGEMENT}"],
)
def margin_and_terms(d: Columns) -> Rules:
    """Price and terms are not given away together.

    Two concessions at once look like one to the customer, and only one is ever paid for. A pair is a
    negotiated price step and a concession on terms (payment terms, a longer warranty, more scope or
    whatever else we gave) within seven days of each other; each is used once, the nearest first, and
    what is recorded both as a price step and as a concession counts once. A pair is a watch. Where
    the buyer gave nothing for either half (linked, or within three days) it is a risk.

    Judged from the proposal on. Needs price steps and concessions, with day, amount and who gave
    them, recorded since the deal began.
    """
    return Rules(
        applies=d.proposal_reached,
        risk=d.interval("untraded_pairs") >= 1,
        watch=d.interval("margin_terms_pairs") >= 1,
        message={
            "risk": "{pair_words}, nothing obtained for either",
            "watch": "{pair_words}, given together",
            "pass": "price and terms were not given together",
            "insufficient_data": "price and terms given together, as far as is known: "
            "{margin_terms_pairs_lo:count}",
        },
        actual=d.margin_terms_pairs_lo,
        expected=at_most(0, source=JUDGEMENT),
        evidence=[
            Cite("price_steps", "given_on", ids=d.pair_step_ids),
            Cite("concessions", "agreed_on", ids=d.pair_concession_ids),
            *cited(d, "margin_terms_pairs_lo", "untraded_pairs_lo"),
        ],
    )
