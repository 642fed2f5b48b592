"""How a deal went through its stages, and how long won deals took there."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import (
    Cite,
    Columns,
    Fact,
    Inputs,
    Param,
    Rules,
    at_least,
    at_most,
    check,
    facts,
)
from dealreview.plugins.changes import READS, history_known, stage_steps
from dealreview.plugins.evidence import FIXED, JUDGEMENT, OWN_HISTORY, beyond, cited, exposed
from dealreview.plugins.history import COMPARABLE, fewest, in_any_segment, own_quantile
from dealreview.plugins.subjects import with_deals, with_facts, with_own_row
from dealreview.plugins.words import counted, fixed_basis, grouped, late_clock, spoken

_OF = ": "
"""Between a stage and its number of days in a set fact."""


@facts(
    "deal",
    Fact("stage_id", "text", "The stage, as of the day.", origin="deals.stage_id"),
    Fact(
        "stage_age_days_lo",
        "int",
        "Fewest days in the present stage, all visits to it together.",
        "days",
        requires=("deal_changes.stage_id",),
        origin="deal_changes.stage_id",
    ),
    Fact(
        "stage_age_days_hi",
        "int",
        "Most days in the present stage: where the history of stages is not complete, all days since "
        "the deal was created; unknown without that day.",
        "days",
        requires=("deal_changes.stage_id",),
        origin="deal_changes.stage_id",
    ),
    Fact("stage_age_told", "text", "Days in the present stage, in words."),
    Fact(
        "stage_stays",
        "set",
        "Each stage that the deal was in and its days there, as 'stage: days'; unknown where the "
        "history is not complete.",
    ),
    Fact(
        "days_after_stages",
        "set",
        "Each stage that the deal was in and the days since it last left it, as 'stage: days'; "
        "unknown where the history is not complete.",
    ),
    reads={"deals": ("deal_id", "created_on", "stage_id"), "deal_changes": READS},
    uses=("is_open",),
)
def stays(inputs: Inputs) -> pl.DataFrame:
    """Add up the visits of a deal to its stages."""
    moves = stage_steps(inputs)
    deals = with_facts(inputs).rename({"id": "deal_id"})
    deals = _known(inputs, with_own_row(deals, inputs.table("deals"), on="deal_id"), moves)
    visits = _visits(moves, deals)
    spent = visits.group_by("deal_id", "stage").agg(pl.col("days").sum(), pl.col("since").min())
    by_deal = spent.sort("deal_id", "stage").group_by("deal_id", maintain_order=True)
    sets = by_deal.agg(
        stays=pl.format("{}" + _OF + "{}", "stage", "days"),
        left=pl.format("{}" + _OF + "{}", "stage", "since"),
    )
    here = spent.rename({"stage": "stage_id", "days": "here"}).drop("since")
    deals = deals.join(here, on=["deal_id", "stage_id"], how="left")
    return _aged(inputs, deals.join(sets, on="deal_id", how="left"))


def _known(inputs: Inputs, deals: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Add whether the way of each deal is ``known`` as a whole, and whether a change is ``unsure``.

    It is not where the last change led elsewhere than to the present stage; the change that closed
    a deal may be dated after its closing day. A deal can't be closed without any change.
    """
    dated = moves.filter(pl.col("on").is_not_null()).group_by("deal_id", maintain_order=True)
    deals = deals.join(dated.agg(led_to=pl.col("new").last()), on="deal_id", how="left")
    whole = history_known(inputs, "stage_id", pl.col("created_on"), pl.col("day"))
    still = pl.col("led_to").is_null() | (pl.col("led_to") == pl.col("stage_id"))
    agrees = pl.when(pl.col("is_open")).then(still).otherwise(pl.col("led_to").is_not_null())
    begun = pl.col("created_on") <= pl.col("day")
    unsure = pl.col("deal_id").is_in(_unclear(moves, deals)["deal_id"].unique().implode())
    return deals.with_columns(
        unsure=unsure,
        known=(whole & agrees & begun & ~unsure).fill_null(value=False)
        & pl.col("stage_id").is_not_null(),
    )


def _unclear(moves: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the moves without a day, and those of which a stage is unknown."""
    old, new = pl.col("old"), pl.col("new")
    whole = pl.col("on").is_not_null() & old.is_not_null() & new.is_not_null()
    return _after_the_first(moves, deals).filter(~whole)


def _after_the_first(moves: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Leave out that a deal was put into its first stage on the day of its creation."""
    created = moves.join(deals.select("deal_id", "created_on"), on="deal_id", maintain_order="left")
    first = pl.col("old").is_null() & (pl.col("on") <= pl.col("created_on"))
    return created.filter(~first.fill_null(value=False)).drop("created_on")


def _visits(moves: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Return each visit to a stage: ``deal_id``, ``stage``, ``days`` and ``since`` it ended.

    The first visit begins with the deal; before the first change that is known it is in the stage
    that the change left.
    """
    dated = moves.filter(pl.col("on").is_not_null()).select("deal_id", "on", "old", "new")
    first = dated.unique("deal_id", keep="first", maintain_order=True)
    began = deals.join(first, on="deal_id", how="left")
    began = began.filter(pl.col("known")).select(
        "deal_id",
        pl.col("created_on").alias("on"),
        pl.when(pl.col("on").is_null()).then("stage_id").otherwise("old").alias("stage"),
    )
    entered = pl.concat([began, dated.select("deal_id", "on", pl.col("new").alias("stage"))])
    entered = entered.join(deals.select("deal_id", "day"), on="deal_id", how="inner")
    until = pl.col("on").shift(-1).over("deal_id").fill_null(pl.col("day"))
    entered = entered.sort("deal_id", maintain_order=True).with_columns(until=until)
    length = (pl.col("until") - pl.col("on")).dt.total_days().clip(lower_bound=0)
    return entered.filter(pl.col("stage").is_not_null()).select(
        "deal_id",
        "stage",
        days=length,
        since=(pl.col("day") - pl.col("until")).dt.total_days().clip(lower_bound=0),
    )


def _aged(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the ages of stages, bounded by the age of the deal where the history is not complete."""
    known = pl.col("known")
    age = (pl.col("day") - pl.col("created_on")).dt.total_days()
    here = pl.col("here").fill_null(0)
    deals = deals.with_columns(
        low=pl.when(known)
        .then(here)
        .when(~pl.col("unsure"))
        .then(pl.min_horizontal(here, age.clip(lower_bound=0)))
        .otherwise(0),
        high=pl.when(known).then(here).when(age >= 0).then(age),
    )
    nothing = pl.when(pl.col("high").is_null() & (pl.col("low") == 0)).then(pl.lit("unknown time"))
    length = nothing.otherwise(counted(pl.col("low"), pl.col("high"), "d", "d"))
    told = pl.concat_str(length, late_clock(inputs, "deal_changes"))
    return deals.select(
        pl.col("deal_id").alias("id"),
        "stage_id",
        stage_age_days_lo="low",
        stage_age_days_hi="high",
        stage_age_told=told,
        stage_stays=pl.when(known).then("stays"),
        days_after_stages=pl.when(known).then("left"),
    )


def _by_stage(deals: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return open deals and, once for each stage, won ones with their days there.

    The stage stands in the place of the pipeline, so that own history compares the same stage.
    """
    member = pl.col(column)
    won = deals.filter(pl.col("is_won")).explode(column).filter(member.is_not_null())
    won = won.with_columns(
        pipeline_id=member.str.extract(r"(?s)^(.*): \d+$"),
        value=member.str.extract(r": (\d+)$").cast(pl.Int64),
    )
    now = deals.filter(pl.col("is_open")).with_columns(
        pipeline_id="stage_id", value=pl.lit(None, dtype=pl.Int64)
    )
    columns = ["id", "day", "value", *COMPARABLE]
    return pl.concat([now.select(columns), won.select(columns)])


def _usual(measured: pl.DataFrame, quantile: float, min_n: int) -> pl.DataFrame:
    """Return for each open deal of :func:`_by_stage` what won ones of its stage took."""
    still_open = pl.col("is_open")
    return own_quantile(measured, "value", quantile, min_n=min_n, asked=still_open)


@facts(
    "deal",
    Fact(
        "stage_age_base_days",
        "real",
        "Median of the days that won deals of 24 months spent in the present stage, same segment, "
        "else all; under `stage_age_min_n` of them a fixed number.",
        "days",
        origin="deal_changes.stage_id",
    ),
    Fact(
        "stage_age_least_days",
        "real",
        "The same, and the smallest of all segments where the account's is unknown; the median is "
        "then the largest of them.",
        "days",
        origin="deal_changes.stage_id",
    ),
    Fact("stage_age_n", "int", "Number of won deals behind the median.", "deals"),
    Fact("stage_age_source", "text", "own history or fixed default."),
    Fact("stage_age_basis", "text", "Where the median comes from, in words."),
    step="organisation",
    uses=(*COMPARABLE, "stage_id", "stage_stays"),
    params={
        "stage_age_min_n": fewest("Won deals that an own median of a stage needs"),
        "stage_age_fixed_days": (
            20,
            Param(
                "Median of a stage without own history",
                ge=1,
                le=365,
                unit="days",
                source=JUDGEMENT,
            ),
        ),
    },
)
def usual_stay(inputs: Inputs) -> pl.DataFrame:
    """Measure how long won deals stayed in the stage of each open deal."""
    least = inputs.params["stage_age_min_n"]
    deals = with_facts(inputs)
    found = _usual(_by_stage(deals, "stage_stays"), 0.5, least)
    found = found.join(_lost(deals), on="id", how="left")
    own, n = pl.col("quantile").is_not_null(), pl.col("n")
    lost = pl.format("; {} more have no complete history of stages", grouped(pl.col("lost")))
    fixed = float(inputs.params["stage_age_fixed_days"])
    return found.select(
        "id",
        stage_age_base_days=pl.col("quantile").fill_null(fixed),
        stage_age_least_days=pl.col("least").fill_null(fixed),
        stage_age_n=n,
        stage_age_source=pl.when(own).then(pl.lit(OWN_HISTORY)).otherwise(pl.lit(FIXED)),
        stage_age_basis=pl.when(own)
        .then(pl.format("by own won deals, n={}", grouped(n)))
        .otherwise(
            pl.concat_str(
                fixed_basis(n, least), pl.when(pl.col("lost") > 0).then(lost).otherwise(pl.lit(""))
            )
        ),
    )


def _lost(deals: pl.DataFrame) -> pl.DataFrame:
    """Return for open deals how many won ones can't be a measure of any stage, as ``lost``.

    Part of their way is unknown. A shorter history must not lead to a fixed limit without a word.
    """
    unseen = pl.when(pl.col("stage_stays").is_null()).then(1)
    deals = deals.with_columns(unseen=unseen)
    found = own_quantile(deals, "unseen", 0.5, min_n=1, asked=pl.col("is_open"))
    return found.select("id", lost="n")


@check.columns(
    "hygiene/stage-age",
    severity="major",
    ask=["What changed on their side since this stage began?"],
    sources=[f"factors and fixed limits: {JUDGEMENT}"],
)
def stage_age(
    d: Columns,
    *,
    factor: Annotated[
        float,
        Param(
            "Watch above this multiple of the median",
            ge=1,
            le=10,
            unit="times the median",
            at_most="far",
        ),
    ] = 1.5,
    far: Annotated[
        float, Param("Risk above this multiple of the median", ge=1, le=10, unit="times the median")
    ] = 2.5,
) -> Rules:
    """An open deal does not stay in a stage much longer than won deals did.

    Counted are all days in the present stage, over all visits to it: going back and forth does not
    start the count anew. The measure is the median of the company's own won deals of 24 months in
    that stage; with fewer than `stage_age_min_n` of them it is fixed at 20 days, which gives limits
    of 30 and 50 days, and the finding says so, with the number of won deals whose history of stages
    is not complete. From two thirds of the first limit on it is time to ask, without a finding. A
    deal that is snoozed with a reason is left alone; of a snooze that does not count the message
    says why. At risk the deal's amount counts as delayed.

    Needs the history of stages since the deal was created.
    """
    age, base, least = d.interval("stage_age_days"), d.stage_age_base_days, d.stage_age_least_days
    limits = "watch above {watch_above:days}, risk above {risk_above:days}; {stage_age_basis}"
    told = "{stage_age_told} in {stage_name} (" + limits + ")"
    source, n = d.stage_age_source, d.stage_age_n
    return Rules(
        applies=d.is_open & ~d.is_snoozed,
        risk=in_any_segment(age > base * far, age > least * far, d.segment_told),
        watch=in_any_segment(age > base * factor, age > least * factor, d.segment_told),
        message={
            "risk": told + "{snooze_note}",
            "watch": told + "{snooze_note}",
            "pass": told + "; time to ask from {ask_from:days} on{snooze_note}",
            "insufficient_data": told
            + "; the deal's own history of stages, or its segment, is not known in full{snooze_note}",
        },
        actual=d.stage_age_days_lo,
        expected={
            "risk": at_most(base * far, source=source, n=n),
            "watch": at_most(base * factor, source=source, n=n),
            "pass": at_most(base * factor, source=source, n=n),
        },
        evidence=[
            Cite("deals", "stage_id", d.stage_id),
            *cited(d, "stage_age_days_lo", "stage_age_base_days"),
        ],
        at_risk=exposed("delay", d.amount, beyond(d.stage_age_days_lo, base * far)),
        values={
            "watch_above": base * factor,
            "risk_above": base * far,
            "ask_from": base * factor * 2 / 3,
        },
    )


@facts(
    "deal",
    Fact(
        "days_needed_half",
        "real",
        "Days within which half of the won deals of 24 months were won after leaving the present "
        "stage, same segment, else all; unknown under `days_needed_min_n` of them.",
        "days",
        requires=("deal_changes.stage_id",),
        origin="deal_changes.stage_id",
    ),
    Fact(
        "days_needed_quarter",
        "real",
        "Days within which a quarter of them were won after leaving the present stage.",
        "days",
        requires=("deal_changes.stage_id",),
        origin="deal_changes.stage_id",
    ),
    *(
        Fact(
            f"days_needed_{part}_least",
            "real",
            "The same, and the smallest of all segments where the account's is unknown; the other "
            "is then the largest of them.",
            "days",
            requires=("deal_changes.stage_id",),
            origin="deal_changes.stage_id",
        )
        for part in ("half", "quarter")
    ),
    Fact("days_needed_n", "int", "Number of won deals behind both.", "deals"),
    Fact("days_needed_basis", "text", "How many there are and how many are needed, in words."),
    step="organisation",
    uses=(*COMPARABLE, "stage_id", "days_after_stages"),
    params={"days_needed_min_n": fewest("Won deals that the days after a stage need")},
)
def days_needed(inputs: Inputs) -> pl.DataFrame:
    """Measure how long won deals took after the stage of each open deal."""
    least = inputs.params["days_needed_min_n"]
    measured = _by_stage(with_facts(inputs), "days_after_stages")
    half, quarter = _usual(measured, 0.5, least), _usual(measured, 0.25, least)
    number = grouped(pl.col("n"))
    return half.join(quarter, on="id", suffix="_quarter").select(
        "id",
        days_needed_half="quantile",
        days_needed_quarter="quantile_quarter",
        days_needed_half_least="least",
        days_needed_quarter_least="least_quarter",
        days_needed_n="n",
        days_needed_basis=pl.when(pl.col("n") < least)
        .then(pl.format("{} of {} needed", number, pl.lit(least)))
        .otherwise(pl.format("{}, as many as needed", number)),
    )


@facts(
    "deal",
    Fact(
        "is_last_open_stage",
        "bool",
        "No open stage of the pipeline comes after the present one; unknown without positions.",
        requires=("stages.position",),
        origin="stages.position",
    ),
    reads={
        "deals": ("deal_id", "stage_id"),
        "stages": ("stage_id", "pipeline_id", "kind", "position"),
    },
)
def place(inputs: Inputs) -> pl.DataFrame:
    """Find the last open stage of each pipeline."""
    stages = inputs.table("stages").with_columns(pl.col("pipeline_id").fill_null("default"))
    position = pl.col("position")
    last = stages.filter(pl.col("kind") == "open").group_by("pipeline_id")
    ends = last.agg(last=pl.when(position.is_not_null().all()).then(position.max()))
    stages = stages.join(ends, on="pipeline_id", how="left").select(
        "stage_id", is_last_open_stage=position >= pl.col("last")
    )
    deals = with_deals(inputs)
    return deals.join(stages, on="stage_id", how="left").select("id", "is_last_open_stage")


@check.columns(
    "hygiene/too-little-time-left",
    severity="minor",
    ask=["Which step could the customer take sooner, and what would it need from us?"],
    family="date",
    sources=[f"half and a quarter: {JUDGEMENT}"],
)
def too_little_time_left(d: Columns) -> Rules:
    """The expected close leaves as much time as won deals needed after this stage.

    Days left = expected close − the review's day. They are held against the days that the company's
    own won deals of 24 months took from leaving this stage for the last time to being won: less
    than half of them needed is worth a look, less than a quarter needed is a risk, and the deal's
    amount counts as delayed. There is no fixed limit: what a stage needs differs from company to
    company.

    Needs the expected close, positions of stages, and `days_needed_min_n` won deals with a complete
    history of stages. It says nothing once the date has passed, nor in the last open stage.
    """
    left = d.days_to_close
    told = (
        "{days_to_close:days} to the expected close; after {stage_name} half of the won deals needed "
        "at most {days_needed_half:days}, a quarter at most {days_needed_quarter:days} "
        "(n={days_needed_n:count})"
    )
    n = d.days_needed_n
    return Rules(
        applies=d.is_open & (left >= 0) & ~d.is_last_open_stage,
        risk=in_any_segment(
            left < d.days_needed_quarter_least, left < d.days_needed_quarter, d.segment_told
        ),
        watch=in_any_segment(
            left < d.days_needed_half_least, left < d.days_needed_half, d.segment_told
        ),
        message={
            **dict.fromkeys(("risk", "watch", "pass"), told),
            "insufficient_data": "expected close: {expected_close_on:date}; own won deals that show "
            "how long it takes after {stage_name}: {days_needed_basis}",
        },
        actual=left,
        expected={
            "risk": at_least(d.days_needed_quarter, source=OWN_HISTORY, n=n),
            "watch": at_least(d.days_needed_half, source=OWN_HISTORY, n=n),
            "pass": at_least(d.days_needed_half, source=OWN_HISTORY, n=n),
        },
        evidence=[
            Cite("deals", "expected_close_on", d.expected_close_on),
            *cited(d, "days_needed_half", "days_needed_quarter"),
        ],
        at_risk=exposed("delay", d.amount, beyond(-left, -d.days_needed_quarter)),
    )


@facts(
    "deal",
    Fact(
        "stage_regressions_lo",
        "int",
        "Fewest moves to a lower position of the same pipeline; one that was undone by the next day "
        "is none.",
        requires=("deal_changes.stage_id", "stages.position"),
        origin="deal_changes.stage_id",
    ),
    Fact(
        "stage_regressions_hi",
        "int",
        "Most moves to a lower position, counting those without a day or between stages of which one "
        "is unknown or has no position; unknown where the history does not reach back to the deal's "
        "creation.",
        requires=("deal_changes.stage_id", "stages.position"),
        origin="deal_changes.stage_id",
    ),
    Fact("stage_regression_ids", "set", "The changes that moved the deal back."),
    Fact("stage_regressions_told", "text", "Number of moves back, and the last of them."),
    reads={
        "deals": ("deal_id", "created_on", "stage_id"),
        "deal_changes": READS,
        "stages": ("stage_id", "name", "pipeline_id", "position"),
    },
)
def regressions(inputs: Inputs) -> pl.DataFrame:
    """Count how often a deal moved back."""
    moves = _placed(inputs)
    back = moves.filter(pl.col("to") < pl.col("from"), pl.col("on").is_not_null())
    back = back.join(_undone(moves, back), on="change_id", how="anti")
    sure = back.group_by("deal_id", maintain_order=True).agg(
        n=pl.len(), ids="change_id", last=pl.col("told").last()
    )
    lasting = pl.col("to") < pl.col("from")
    undecided = pl.col("from").is_null() | pl.col("to").is_null()
    doubtful = (pl.col("on").is_null() & lasting.fill_null(value=True)) | undecided
    maybe = moves.filter(doubtful & pl.col("same_pipeline").fill_null(value=True))
    deals = with_deals(inputs).rename({"id": "deal_id"})
    deals = deals.join(sure, on="deal_id", how="left")
    deals = deals.join(maybe.group_by("deal_id").agg(more=pl.len()), on="deal_id", how="left")
    whole = history_known(inputs, "stage_id", pl.col("created_on"), pl.col("day"))
    low = pl.col("n").fill_null(0).cast(pl.Int64)
    high = pl.when(whole).then(low + pl.col("more").fill_null(0).cast(pl.Int64))
    told = pl.concat_str(
        counted(low, high, "move back", "moves back", "no move back"),
        pl.format(", the last from {}", "last").fill_null(""),
        late_clock(inputs, "deal_changes"),
    )
    return deals.select(
        pl.col("deal_id").alias("id"),
        stage_regressions_lo=low,
        stage_regressions_hi=high,
        stage_regression_ids=pl.col("ids").fill_null([]),
        stage_regressions_told=told,
    )


def _placed(inputs: Inputs) -> pl.DataFrame:
    """Return the moves of deals with the positions ``from`` and ``to``, and in words.

    Positions of two pipelines are never compared: between them both are equal.
    """
    pipeline = pl.col("pipeline_id").fill_null("default")
    stages = inputs.table("stages").select("stage_id", "name", "position", pipeline=pipeline)
    moves = _after_the_first(stage_steps(inputs), inputs.table("deals"))
    moves = moves.join(
        stages, left_on="old", right_on="stage_id", how="left", maintain_order="left"
    )
    moves = moves.join(
        stages, left_on="new", right_on="stage_id", how="left", suffix="_new", maintain_order="left"
    )
    same = pl.col("pipeline") == pl.col("pipeline_new")
    told = pl.format(
        "{} to {} on {}",
        pl.coalesce("name", "old"),
        pl.coalesce("name_new", "new"),
        spoken(pl.col("on")).fill_null("an unknown day"),
    )
    return moves.select(
        "deal_id",
        "change_id",
        "on",
        same_pipeline=same,
        to=pl.when(same.eq_missing(other=False)).then(0).otherwise("position_new"),
        told=told,
        **{"from": pl.when(same.eq_missing(other=False)).then(0).otherwise("position")},
    ).with_row_index("order")


def _undone(moves: pl.DataFrame, back: pl.DataFrame) -> pl.DataFrame:
    """Return the moves back after which the deal was where it had been by the next day."""
    later = moves.select("deal_id", "order", "on", "to", "same_pipeline")
    pairs = back.join(later, on="deal_id", suffix="_later")
    within = (pl.col("on_later") - pl.col("on")).dt.total_days() <= 1
    regained = pl.col("same_pipeline_later") & (pl.col("to_later") >= pl.col("from"))
    after = pl.col("order_later") > pl.col("order")
    return pairs.filter(after & within & regained).select("change_id").unique()


@check.columns(
    "hygiene/moved-back",
    severity="minor",
    ask=["What did we learn that moved it back?"],
    sources=[f"one and two moves: {JUDGEMENT}"],
)
def moved_back(
    d: Columns,
    *,
    many: Annotated[int, Param("Risk from this many moves back on", ge=2, le=10, unit="moves")] = 2,
) -> Rules:
    """An open deal goes forward through its stages.

    A step back can be the most honest thing that happened to the forecast, so one is worth a
    question and no more; several say that the stages are not what the customer does. Counted are
    moves to a lower position of the same pipeline; one that was undone by the next day is none.

    Needs the history of stages since the deal was created, and positions of stages.
    """
    moves = d.interval("stage_regressions")
    return Rules(
        applies=d.is_open,
        risk=moves >= many,
        watch=moves >= 1,
        message={
            **dict.fromkeys(("risk", "watch", "pass"), "{stage_regressions_told}"),
            "insufficient_data": "{stage_regressions_told}; the history of stages since the deal was "
            "created ({created_on:date}) is not complete, or a stage has no position",
        },
        actual=d.stage_regressions_lo,
        expected={
            "risk": at_most(many - 1, source=JUDGEMENT),
            "watch": at_most(0, source=JUDGEMENT),
            "pass": at_most(0, source=JUDGEMENT),
        },
        evidence=[
            Cite("deals", "stage_id", d.stage_id),
            Cite("deal_changes", "new_value", ids=d.stage_regression_ids),
        ],
    )
