"""What nobody wrote down about a deal."""

from __future__ import annotations

import polars as pl

from dealreview import Columns, Fact, Inputs, Rules, at_most, check, facts
from dealreview.plugins.evidence import cited
from dealreview.plugins.flags import names_where
from dealreview.plugins.subjects import with_facts, with_own_row

CRITICAL: tuple[tuple[int, str, str, tuple[str, ...]], ...] = (
    (1, "account_id", "account", ()),
    (1, "owner_id", "owner", ("deals.owner_id",)),
    (1, "stage_id", "stage", ()),
    (1, "currency", "currency", ("deals.currency",)),
    (2, "amount", "amount", ("deals.amount_minor", "deal_lines.invoice_minor")),
    (2, "expected_close_on", "expected close", ("deals.expected_close_on",)),
    (4, "list_price", "list price", ("deal_lines.list_minor",)),
    (4, "invoice_price", "invoice price", ("deal_lines.invoice_minor", "deals.amount_minor")),
    (4, "cost_of_goods", "cost of goods", ("deal_lines.cost_minor",)),
    (4, "payment_terms_days", "payment terms", ("deals.payment_terms_days",)),
    (4, "decision_maker", "decision maker", ("stakeholder_roles",)),
)
"""From which milestone on, as what, what it is called, and where it is recorded; nowhere: always."""

_USED = ("owner_id", "stage_id", "amount", "expected_close_on", "list_price", "invoice_price",
         "cost_of_goods")  # fmt: skip


@facts(
    "deal",
    Fact(
        "missing_critical_fields",
        "set",
        "What the milestone, or the exit criteria of the stage, ask for and nobody wrote down; what "
        "the company records nowhere is not asked for.",
    ),
    Fact(
        "missing_critical_lo",
        "int",
        "Number of them.",
        "fields",
        origin="deals",
    ),
    Fact(
        "missing_critical_hi",
        "int",
        "The same with those that an unmapped stage may ask for, a decision maker of an unknown "
        "company, and exit criteria that can't be looked up.",
        "fields",
        origin="stages.milestone",
    ),
    Fact("missing_critical_told", "text", "What is missing, in words."),
    reads={
        "deals": ("deal_id", "account_id", "currency", "payment_terms_days"),
        "stages": ("stage_id", "exit_criteria"),
    },
    uses=(*_USED, "milestone", "named_roles", "maybe_named_roles"),
)
def gaps(inputs: Inputs) -> pl.DataFrame:
    """Look for fields that are empty although a judgement needs them."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    asked = [row for row in CRITICAL if not row[3] or any(map(inputs.feeds.is_recorded, row[3]))]
    deals = deals.join(_criteria(inputs), on="stage_id", how="left")
    found = deals.with_columns(
        (_due(level, name) & _empty(name)).alias(f"_{name}") for level, name, _, _ in asked
    )
    # In the order in which they are said.
    words = {word: pl.col(f"_{name}") for _, name, word, _ in sorted(asked, key=lambda row: row[2])}
    doubtful = pl.sum_horizontal(pl.col(f"_{name}").is_null().cast(int) for _, name, *_ in asked)
    return _told(
        found.with_columns(
            missing=names_where(found, words), doubtful=doubtful + pl.col("strange").fill_null(0)
        )
    )


def _criteria(inputs: Inputs) -> pl.DataFrame:
    """Return the fields that the exit criteria of a stage name, ``by_…``, and how many are ``strange``."""
    stages = inputs.table("stages").with_columns(
        criteria=pl.col("exit_criteria")
        .fill_null("")
        .str.split(",")
        .list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
    )
    criteria = pl.col("criteria")
    readable = [name for _, name, *_ in CRITICAL]
    return stages.select(
        "stage_id",
        *(criteria.list.contains(name).alias(f"by_{name}") for name in readable),
        strange=criteria.list.set_difference(pl.lit(readable)).list.len().cast(pl.Int64),
    )


def _due(level: int, name: str) -> pl.Expr:
    """Return whether a field is asked for; unknown where that depends on an unmapped stage."""
    by_stage = pl.col(f"by_{name}").fill_null(value=False)
    reached = pl.col("milestone") >= level if level > 1 else pl.lit(value=True)
    return reached | by_stage


def _empty(name: str) -> pl.Expr:
    """Return whether a field is empty; that a decision maker is named may be unknown."""
    if name != "decision_maker":
        return pl.col(name).is_null()
    named, maybe = (pl.col(c).list.contains(name) for c in ("named_roles", "maybe_named_roles"))
    return (
        pl.when(named.fill_null(value=False))
        .then(statement=False)
        .when(~maybe.fill_null(value=False))
        .then(statement=True)
    )


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """Return the fields that are missing, counted and in words."""
    low = pl.col("missing").list.len().cast(pl.Int64)
    words = pl.when(low > 0).then(pl.format("empty: {}", pl.col("missing").list.join(", ")))
    return found.select(
        "id",
        missing_critical_fields="missing",
        missing_critical_lo=low,
        missing_critical_hi=low + pl.col("doubtful").cast(pl.Int64),
        missing_critical_told=words.otherwise(pl.lit("nothing that this stage needs is empty")),
    )


@check.columns(
    "hygiene/missing-critical-field",
    severity="info",
    ask=["Who knows these values today?"],
    sources=["the fields are those that the checks of each stage read"],
)
def missing_critical_field(d: Columns) -> Rules:
    """What a judgement at this stage needs is written down.

    Each empty field keeps several checks from judging. From the first stage on: account, owner,
    stage and currency; from discovery on: amount and expected close; from the proposal on: list and
    invoice price, cost of goods, payment terms and a decision maker; and whatever the stage's own
    exit criteria name. What the company records nowhere is not asked for. It has no weight: the gap
    already lowers the lower bound of each check that it blocks.
    """
    missing = d.interval("missing_critical")
    return Rules(
        applies=d.is_open,
        risk=(missing >= 1) & d.proposal_reached,
        watch=missing >= 1,
        message={
            **dict.fromkeys(("risk", "watch", "pass"), "{missing_critical_told}"),
            "insufficient_data": "{missing_critical_told}; more may be asked for: the stage is not "
            "mapped, or its exit criteria can't be looked up",
        },
        actual=d.missing_critical_lo,
        expected=at_most(0, source="what the checks of this stage read"),
        evidence=cited(d, "missing_critical_fields"),
    )
