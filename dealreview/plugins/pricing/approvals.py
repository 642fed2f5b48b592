"""Whether the present terms are covered by somebody who may give them."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Limit, Param, Rules, at_most, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.newest import agreed, least, most, possibly_newest
from dealreview.plugins.pricing.prices import COST
from dealreview.plugins.standins import LADDER, LIMIT, discount_limits
from dealreview.plugins.subjects import begun, with_deals
from dealreview.plugins.words import counted, figure, percent, spoken

DISCOUNT = "approvals.discount_ratio"
MARGIN = "approvals.contribution_ratio"
TERMS = "approvals.payment_terms_days"

NOTHING = 0.0005
"""Over a limit by no more than this is rounding: discounts are entered to a tenth of a percent."""

_ROUNDING = 1e-9

_READS = {
    "deals": ("deal_id", "created_on"),
    "people": ("person_id", "role", "max_discount_ratio"),
    "approvals": (
        "approval_id",
        "deal_id",
        "approver_id",
        "decision",
        "requested_on",
        "decided_on",
        "valid_until",
        "discount_ratio",
        "contribution_ratio",
        "payment_terms_days",
    ),
}

UNDATED = "unknown where it is not known which is the newest and they differ."


@facts(
    "deal",
    Fact(
        "has_approval",
        "bool",
        "At least one request was approved; unknown where none was and a decision is empty, or where "
        "approvals are not recorded since the deal began.",
        requires=("approvals.decision",),
        origin="approvals.decision",
    ),
    Fact(
        "approval_state",
        "enum",
        "Decision of the newest request: pending, approved, rejected, withdrawn, or none; unknown as "
        "the above, and where a day is empty, so that it is not known which is the newest, and they "
        "differ.",
        requires=("approvals.decision",),
        origin="approvals.decision",
    ),
    Fact(
        "approval_pending_bd",
        "int",
        "Business days since a request that is pending.",
        "business days",
        origin="approvals.requested_on",
    ),
    Fact("approval_state_words", "text", "The same in words."),
    Fact(
        "approved_on",
        "date",
        f"Day of the newest approval, else that of its request; {UNDATED}",
        origin="approvals.decided_on",
    ),
    Fact(
        "approval_valid_until",
        "date",
        "Last day of the newest approval; `approval_valid_days` after it where none has a last day; "
        f"{UNDATED}",
        requires=("approvals.decision",),
        origin="approvals.valid_until",
    ),
    Fact(
        "days_of_approval_left",
        "int",
        "Days from the day to the last day of the newest approval; negative once it is over; "
        f"{UNDATED}",
        "days",
        requires=("approvals.decision",),
        origin="approvals.valid_until",
    ),
    *(
        Fact(
            f"days_of_approval_left_{end}",
            "int",
            f"The same, the {which} of those that may be the newest.",
            "days",
            requires=("approvals.decision",),
            origin="approvals.valid_until",
        )
        for end, which in (("lo", "fewest"), ("hi", "most"))
    ),
    Fact("approval_left_words", "text", "How many days are left, in words."),
    Fact("approved_discount", "real", f"Discount as approved; {UNDATED}", "share", origin=DISCOUNT),
    Fact(
        "approved_contribution_ratio",
        "real",
        f"Contribution as approved; {UNDATED}",
        "share",
        origin=MARGIN,
    ),
    Fact(
        "approved_terms_days", "int", f"Payment terms as approved; {UNDATED}", "days", origin=TERMS
    ),
    Fact(
        "approver_discount_limit",
        "real",
        "The largest discount that who approved it may give; that of the role where limits are "
        "recorded for nobody and the configuration has a ladder.",
        "share",
        origin=LIMIT,
    ),
    Fact(
        "approver_limit_role", "text", "The role by which the ladder was asked for it, if it was."
    ),
    Fact("approval_ids", "set", "Each approval that may be the newest, else each such request."),
    reads=_READS,
    params={
        **LADDER,
        "approval_valid_days": (
            90,
            Param("Days that an approval without a last day is valid", ge=1, le=730, unit="days"),
        ),
    },
)
def approval(inputs: Inputs) -> pl.DataFrame:
    """Find the newest request and the newest approval of a deal; ties by id."""
    deals = with_deals(inputs)
    start = begun(inputs)
    deals = deals.with_columns(
        recorded=inputs.feeds.reaches("approvals", start, pl.col("day")).fill_null(value=False)
    )
    rows = inputs.table("approvals").rename({"deal_id": "id"})
    undecided = rows.filter(pl.col("decision").is_null()).select("id", open=True).unique()
    asked = possibly_newest(rows, "id", "requested_on", "approval_id")
    asked = asked.group_by("id").agg(
        agreed(pl.col("decision", "requested_on")),
        asked_ids="approval_id",
        decisions=pl.col("decision").n_unique(),
    )
    granted = _granted(inputs).with_columns(_last_day(inputs).alias("approval_valid_until"))
    granted = granted.join(deals.select("id", "day"), on="id")
    left = (pl.col("approval_valid_until") - pl.col("day")).dt.total_days()
    granted = granted.group_by("id").agg(
        agreed(pl.col(*_APPROVED, "approval_valid_until")),
        granted_ids="approval_id",
        days_of_approval_left=agreed(left),
        days_of_approval_left_lo=least(left),
        days_of_approval_left_hi=most(left),
    )
    frame = deals.join(asked, on="id", how="left").join(granted, on="id", how="left")
    return _stated(inputs, frame.join(undecided, on="id", how="left"))


_APPROVED = (
    "approved_on",
    "approved_discount",
    "approved_contribution_ratio",
    "approved_terms_days",
    "approver_discount_limit",
    "approver_limit_role",
)


def _granted(inputs: Inputs) -> pl.DataFrame:
    """Return each row that may be the newest approval of a deal, where any is one for sure.

    Where no decision has a day, that of the request stands for it.
    """
    rows = inputs.table("approvals").rename({"deal_id": "id"})
    approved = pl.col("decision") == "approved"
    by = "decided_on" if inputs.feeds.is_recorded("approvals.decided_on") else "requested_on"
    found = possibly_newest(rows, "id", by, "approval_id", approved)
    found = found.join(rows.filter(approved), on="id", how="semi")
    limits = discount_limits(inputs, owns=False).select(
        approver_id="person_id",
        approver_discount_limit="limit",
        approver_limit_role="limit_role",
    )
    return found.join(limits, on="approver_id", how="left").with_columns(
        approved_on=pl.coalesce("decided_on", "requested_on"),
        approved_discount="discount_ratio",
        approved_contribution_ratio="contribution_ratio",
        approved_terms_days="payment_terms_days",
    )


def _last_day(inputs: Inputs) -> pl.Expr:
    """Return the last day of an approval; the usual one only where nobody ever states any."""
    if inputs.feeds.is_recorded("approvals.valid_until"):
        return pl.col("valid_until")
    return pl.col("decided_on").dt.offset_by(f"{inputs.params['approval_valid_days']}d")


def _stated(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    granted, asked = pl.col("granted_ids"), pl.col("asked_ids")
    blank = pl.col("open").is_not_null() | ~pl.col("recorded")
    has = pl.when(granted.is_not_null()).then(statement=True).when(~blank).then(statement=False)
    state = (
        pl.when(asked.is_not_null() & pl.col("recorded")).then("decision")
        .when("recorded").then(pl.lit("none"))
    )  # fmt: skip
    frame = frame.with_columns(has_approval=has, approval_state=state)
    waiting = inputs.business_days(pl.col("requested_on"), pl.col("day"))
    frame = frame.with_columns(
        approval_pending_bd=pl.when(pl.col("approval_state") == "pending").then(waiting)
    )
    return frame.select(
        "id",
        "has_approval",
        "approval_state",
        "approval_pending_bd",
        "approved_on",
        "approval_valid_until",
        "approved_discount",
        "approved_contribution_ratio",
        "approved_terms_days",
        "approver_discount_limit",
        "approver_limit_role",
        "days_of_approval_left",
        "days_of_approval_left_lo",
        "days_of_approval_left_hi",
        approval_left_words=_left_words(),
        approval_state_words=_state_words(),
        approval_ids=pl.coalesce(granted, asked, pl.lit([], dtype=pl.List(pl.String))),
    )


def _left_words() -> pl.Expr:
    """Return how long it lasts: ``5 d left``, ``5 d to 20 d left``."""
    low, high = pl.col("days_of_approval_left_lo"), pl.col("days_of_approval_left_hi")
    return (
        pl.when(low == high).then(pl.format("{} d left", low))
        .otherwise(pl.format("{} d to {} d left", low, high))
    )  # fmt: skip


def _state_words() -> pl.Expr:
    state, waiting = pl.col("approval_state"), pl.col("approval_pending_bd")
    days = counted(waiting, waiting, "business day", "business days")
    since = pl.format("approval pending for {}", days).fill_null("approval pending")
    undated = pl.format(
        "which of {} requests is the newest is not known", pl.col("asked_ids").list.len()
    )
    return (
        pl.when(state == "none").then(pl.lit("no approval asked for"))
        .when(state == "pending").then(since)
        .when(state.is_not_null()).then(pl.format("approval {}", state))
        .when(pl.col("recorded") & (pl.col("decisions") > 1)).then(undated)
        .otherwise(pl.lit("whether it was approved is unknown"))
    )  # fmt: skip


@facts(
    "deal",
    Fact(
        "discount_since_approval_lo",
        "real",
        "Discount now less the discount approved, the least by the approvals that may be the newest; 0 "
        "where none was stated then.",
        "share points",
        origin="deal_lines.list_minor",
    ),
    Fact(
        "discount_since_approval_hi",
        "real",
        "The same, the most by those approvals.",
        "share points",
        origin="deal_lines.list_minor",
    ),
    Fact(
        "margin_fall_since_approval_lo",
        "real",
        "Contribution ratio approved less the best that it can be now, the least by the approvals that "
        "may be the newest; 0 where none was stated.",
        "share points",
        origin=COST,
    ),
    Fact(
        "margin_fall_since_approval_hi",
        "real",
        "Contribution ratio approved less the worst that it can be now, the most by those approvals; 0 "
        "where none was stated.",
        "share points",
        origin=COST,
    ),
    Fact(
        "terms_since_approval_lo",
        "int",
        "Payment terms now less those approved, the least by the approvals that may be the newest; 0 "
        "where none were stated.",
        "days",
        origin="deals.payment_terms_days",
    ),
    Fact(
        "terms_since_approval_hi",
        "int",
        "The same, the most by those approvals.",
        "days",
        origin="deals.payment_terms_days",
    ),
    Fact(
        "approver_over_limit",
        "bool",
        "The discount approved lies over the limit of who approved it; false where none was stated, "
        "and where limits are recorded for nobody and the ladder of the configuration does not name "
        f"the role; {UNDATED}",
        origin=LIMIT,
    ),
    Fact(
        "approval_standing",
        "text",
        "Which terms are worse than approved and when the approval ends, in words.",
    ),
    Fact("approver_words", "text", "What is wrong with the limit of who approved it, in words."),
    Fact("approved_words", "text", "What was approved and when, in words."),
    Fact("terms_now_words", "text", "The same values now, in words."),
    step="organisation",
    reads=_READS,
    uses=(
        "approval_valid_until",
        "days_of_approval_left",
        "approval_left_words",
        "discount_ratio",
        "contribution_ratio_lo",
        "contribution_ratio_hi",
        "payment_terms_days",
    ),
    params=LADDER,
)
def since_approval(inputs: Inputs) -> pl.DataFrame:
    """Hold the present terms against those that were approved."""
    discount, terms = pl.col("discount"), pl.col("terms")
    deals = inputs.facts()
    held = (
        _compared(inputs, deals)
        .group_by("id")
        .agg(
            agreed(pl.col("approver_over_limit", "approver_words", "approved_words", "faults")),
            # Whatever one of them states is named.
            pl.col(*_TERMS).max(),
            discount_since_approval_lo=least(discount),
            discount_since_approval_hi=most(discount),
            margin_fall_since_approval_lo=least(pl.col("margin_lo")),
            margin_fall_since_approval_hi=most(pl.col("margin_hi")),
            terms_since_approval_lo=least(terms),
            terms_since_approval_hi=most(terms),
            requests=pl.len(),
        )
    )
    frame = deals.join(held, on="id", how="left")
    nothing = pl.col("requests").is_null()
    stated = _terms_words(_given(), pl.col("contribution_ratio_hi"), pl.col("payment_terms_days"))
    undated = pl.format("which of {} requests was approved last is not known", "requests")
    return frame.select(
        "id",
        *(pl.when(nothing).then(0).otherwise(name).alias(name) for name in _CHANGES),
        approver_over_limit=pl.when(nothing).then(statement=False).otherwise("approver_over_limit"),
        approval_standing=_standing(),
        approver_words=pl.col("approver_words").fill_null(""),
        approved_words=pl.coalesce("approved_words", undated),
        terms_now_words=pl.when(stated == "").then(pl.lit("nothing to compare")).otherwise(stated),
    )


_TERMS = ("approved_discount", "approved_contribution_ratio", "approved_terms_days")
_CHANGES = tuple(
    f"{name}_since_approval_{end}"
    for name in ("discount", "margin_fall", "terms")
    for end in ("lo", "hi")
)


def _compared(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Hold the present terms against each approval that may be the newest."""
    discount, margin, days = (pl.col(name) for name in _TERMS)
    limit, role = pl.col("approver_discount_limit"), pl.col("approver_limit_role")
    unasked = role.is_not_null() & limit.is_null()
    untested = discount.is_null() | pl.lit(not _limits_known(inputs)) | unasked

    def tested(value: pl.Expr, change: pl.Expr) -> pl.Expr:
        return pl.when(value.is_null()).then(0).otherwise(change)

    frame = _granted(inputs).select("id", *_APPROVED).join(deals, on="id")
    frame = frame.with_columns(
        discount=tested(discount, _given() - discount),
        margin_lo=tested(margin, margin - pl.col("contribution_ratio_hi")),
        margin_hi=tested(margin, margin - pl.col("contribution_ratio_lo")),
        terms=tested(days, pl.col("payment_terms_days") - days),
        approver_over_limit=pl.when(untested)
        .then(statement=False)
        .otherwise(discount > limit + NOTHING),
    )
    return frame.with_columns(
        approver_words=_approver_words(), approved_words=_approved_words(), faults=_faults()
    )


def _approver_words() -> pl.Expr:
    limit = percent(pl.col("approver_discount_limit"))
    may = _worded("; the approver may give {}", limit, "; what the approver may give is unknown")
    ladder = pl.format(" (ladder for {})", "approver_limit_role").fill_null("")
    fine = pl.col("approver_over_limit").eq_missing(other=False)
    return pl.when(fine).then(pl.lit("")).otherwise(pl.concat_str(may, ladder))


def _approved_words() -> pl.Expr:
    """Return when what was approved: ``approved 2 May 2025 at 15.0% discount``."""
    terms = _terms_words(*(pl.col(name) for name in _TERMS))
    stated = pl.when(terms == "").then(pl.lit("terms that were not stated")).otherwise(terms)
    day = spoken(pl.col("approved_on")).fill_null("on an unknown day")
    return pl.format("approved {} at {}", day, stated)


def _faults() -> pl.Expr:
    """Return what is worse than approved: ``discount 3 points over the approved``; empty for nothing."""
    points = {
        "discount": "discount {} points over the approved",
        "margin_lo": "contribution {} points under the approved",
    }
    faults = [
        *(
            pl.when(pl.col(name) > _ROUNDING).then(pl.format(words, figure(pl.col(name) * 100)))
            for name, words in points.items()
        ),
        pl.when(pl.col("terms") > 0).then(
            pl.format("payment terms {} d over the approved", "terms")
        ),
        pl.when("approver_over_limit").then(pl.lit("approved by somebody who may give less")),
    ]
    return pl.concat_str(faults, separator=", ", ignore_nulls=True)


def _standing() -> pl.Expr:
    """Return what became of an approval: ``discount 3 points over the approved, ends in 12 d``."""
    left, faults = pl.col("days_of_approval_left"), pl.col("faults")
    end = (
        pl.when(left < 0)
        .then(pl.format("expired on {}", spoken(pl.col("approval_valid_until"))))
        .otherwise(pl.coalesce(pl.format("ends in {} d", left), "approval_left_words"))
    )
    unlike = pl.format("any of {} approvals may hold", "requests")
    worse = pl.when(faults != "").then(faults).when(faults.is_null()).then(unlike)
    return pl.concat_str(worse, end, separator=", ", ignore_nulls=True)


def _limits_known(inputs: Inputs) -> bool:
    """Whether anything says what approvers may give; of roles a ladder does, where they are recorded."""
    recorded = inputs.feeds.is_recorded
    return recorded(LIMIT) or (bool(inputs.params["discount_ladder"]) and recorded("people.role"))


def _terms_words(discount: pl.Expr, margin: pl.Expr, days: pl.Expr) -> pl.Expr:
    """Return terms in words, of what was stated at the approval."""
    parts = {
        "approved_discount": _worded("{} discount", percent(discount), "discount unknown"),
        "approved_contribution_ratio": _worded(
            "{} contribution", percent(margin), "contribution unknown"
        ),
        "approved_terms_days": _worded("{} d net", days, "payment terms unknown"),
    }
    stated = [pl.when(pl.col(name).is_not_null()).then(words) for name, words in parts.items()]
    return pl.concat_str(stated, separator=", ", ignore_nulls=True)


def _worded(template: str, value: pl.Expr, unknown: str) -> pl.Expr:
    return pl.format(template, value).fill_null(unknown)


def _given() -> pl.Expr:
    """Return the discount as limits see it: a price above list is none."""
    return pl.col("discount_ratio").clip(lower_bound=0)


@facts(
    "deal",
    Fact(
        "judged_discount",
        "real",
        "The discount as a limit sees it: none for a price above list, and the owner's own limit where "
        "it lies over that by rounding only (0.05 points).",
        "share",
        requires=("deal_lines.list_minor",),
        origin="deal_lines.list_minor",
    ),
    uses=("discount_ratio", "owner_discount_limit"),
)
def judged(inputs: Inputs) -> pl.DataFrame:
    """Leave out of a discount what is none to a limit."""
    limit = pl.col("owner_discount_limit")
    rounded = (_given() > limit) & (_given() <= limit + NOTHING)
    return inputs.facts().select(
        "id",
        judged_discount=pl.when(rounded.fill_null(value=False)).then(limit).otherwise(_given()),
    )


@check.columns(
    "pricing/discount-beyond-authority",
    severity="blocker",
    ask=["Who needs to see this discount, and what would they want to know first?"],
    sources=[
        "more than nine in ten escalated discounts are approved (McKinsey)",
        f"three business days: {JUDGEMENT}",
    ],
)
def discount_beyond_authority(
    d: Columns,
    *,
    wait_bd: Annotated[
        int,
        Param("Business days that an approval may be pending", ge=0, le=20, unit="business days"),
    ] = 3,
) -> Rules:
    """A discount over the owner's limit has been asked for.

    Each person may give discounts up to a limit: their own, or, where limits are recorded for nobody,
    that of their role (`[discount_ladder]`), which the message says. From the proposal on, a discount
    above the owner's own limit needs an approval: without one, or with one that was rejected or
    withdrawn, it is a risk. While one is pending it is a watch for three business days, a risk after
    that. Which request is the newest is unknown where one has no day and they differ. The discount
    is 1 − invoice price ÷ list price; a price above list counts as none, and up to 0.05 points over
    the limit count as rounding.

    A deal with an approval is not judged here, but by the check on approvals that no longer hold.

    Needs lines with list prices, the limits of people or a ladder in the configuration, and approvals
    recorded since the deal began. With a ladder, somebody without a role, or with one that it leaves
    out, has an unknown limit.
    """
    limit = d.owner_discount_limit
    waiting = (d.approval_state == "pending") & (d.approval_pending_bd <= wait_bd)
    over = d.judged_discount > limit
    said = "{judged_discount:margin} discount, {owner_limit_words}"
    return Rules(
        applies=d.proposal_reached & ~d.has_approval,
        risk=over & ~waiting,
        watch=over,
        message={
            "risk": said + ", {approval_state_words}",
            "watch": said + ", {approval_state_words}; {wait_bd:count} may pass",
            "pass": said,
            "insufficient_data": said + ", {approval_state_words}",
        },
        actual=d.judged_discount,
        expected=at_most(limit, source="the owner's own limit"),
        evidence=[
            *cited(d, "discount_ratio", "owner_discount_limit", "discount_limit_basis"),
            Cite("approvals", "decision", ids=d.approval_ids),
        ],
    )


@check.columns(
    "pricing/re-approval",
    severity="blocker",
    ask=["What changed since the approval, and who knows?"],
    sources=[f"tolerances and seven days: {JUDGEMENT}"],
)
def re_approval(
    d: Columns,
    *,
    pts: Annotated[
        float,
        Param("Discount over the approved one that counts as the same", ge=0, le=0.1, unit="share"),
    ] = 0.005,
    margin: Annotated[
        float,
        Param("Margin under the approved one that counts as the same", ge=0, le=0.1, unit="share"),
    ] = 0.005,
    days: Annotated[
        int,
        Param("Days over the approved terms that count as the same", ge=0, le=30, unit="days"),
    ] = 0,
    soon: Annotated[
        int, Param("Watch when the approval ends within these days", ge=0, le=60, unit="days")
    ] = 7,
) -> Rules:
    """What was approved is still what is offered.

    An approval covers the terms that were shown. The newest approval of an open deal is held against
    the present terms: a larger discount, a lower contribution or longer payment terms than approved,
    by more than the tolerance, is a risk. So is an approval whose last day is over (90 days after
    the decision where no approval has one), and one given by somebody whose own limit is lower than the
    discount. An approval that ends within seven days is a watch. Better or equal terms never ask
    again; a value that was left empty at the approval is not tested.

    An approval without its day of decision may be the newest or not, where others have theirs, and so
    may a request whose decision is empty: what they don't agree on is unknown.

    Who may approve any discount has a limit of 100 %: an empty limit is unknown. Where limits are
    recorded for nobody, that of the approver's role counts if the configuration has one. Needs approvals,
    and the present value of each value that was approved.
    """
    worse = (
        (d.interval("discount_since_approval") > pts)
        | (d.interval("margin_fall_since_approval") > margin)
        | (d.interval("terms_since_approval") > days)
    )
    left = d.interval("days_of_approval_left")
    said = "{approved_words}; now {terms_now_words}; valid until {approval_valid_until:date}"
    kept = (
        f"an approval in force that covers the terms but for {pts * 100:.1f} points of discount, "
        f"{margin * 100:.1f} points of contribution and {days} d to pay"
    )
    return Rules(
        applies=d.is_open & d.has_approval,
        risk=worse | (left < 0) | d.approver_over_limit,
        watch=left <= soon,
        message={
            "risk": "{approval_standing}: " + said + "{approver_words}",
            "watch": "about to expire, terms within what was approved: "
            + said
            + "; {approval_left_words}, over {soon:days} expected",
            "pass": said,
            "insufficient_data": said + "{approver_words}",
        },
        actual=d.approval_standing,
        expected={
            "risk": Limit("=", kept, source=JUDGEMENT),
            "watch": Limit("=", f"more than {soon} d left", source=JUDGEMENT),
        },
        evidence=[
            Cite("approvals", "decision", ids=d.approval_ids),
            *cited(d, "discount_ratio", "contribution_ratio_hi", "payment_terms_days"),
        ],
    )
