"""Where the people on the customer's side stand, and how much each of them counts."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_least, check, facts
from dealreview.plugins.buyers import listed
from dealreview.plugins.consensus.outsiders import OUTSIDERS, cite_outsiders
from dealreview.plugins.conversations import USES
from dealreview.plugins.evidence import JUDGEMENT, cited

INFLUENCE = (1, 3)
STANCE = (-2, 2)
REQUIRES = ("stakeholders.stance", "contacts.account_id")
WEIGHED = {
    "companies_known": ("company", "contacts.account_id"),
    "stances_known": ("stance", "stakeholders.stance"),
    "influences_known": ("influence", "stakeholders.influence"),
}
"""Facts that say what is missing: what each asks about, and where it is recorded."""


@facts(
    "deal",
    Fact(
        "stakeholders_lo",
        "int",
        "Buyer people listed on the deal who have not left.",
        "people",
        requires=REQUIRES,
        origin="contacts.account_id",
    ),
    Fact(
        "stakeholders_hi",
        "int",
        "The same with those of whom nobody knows the company.",
        "people",
        requires=REQUIRES,
        origin="contacts.account_id",
    ),
    *(
        Fact(
            f"stance_{name}_{end}",
            "real",
            f"Sum of influence × (stance − {threshold}) over buyer people, unknown stances and "
            f"influences at their {side}.",
            requires=REQUIRES,
            origin="stakeholders.stance",
        )
        for name, threshold in (("sum", "0"), ("low_sum", "`stance_low`"), ("good_sum", "1"))
        for end, side in (("lo", "worst"), ("hi", "best"))
    ),
    *(
        Fact(
            f"{name}_{end}",
            "int",
            f"Buyer people {meaning}, as {side} as may be.",
            "people",
            requires=REQUIRES,
            origin="stakeholders.stance",
        )
        for name, meaning in (
            ("strong_opponents", "of influence 3 with stance −2"),
            ("opponents", "with a stance below 0"),
        )
        for end, side in (("lo", "few"), ("hi", "many"))
    ),
    Fact(
        "stance_known",
        "int",
        "Buyer people whose stance is known.",
        "people",
        requires=REQUIRES,
        origin="stakeholders.stance",
    ),
    *(
        Fact(
            name,
            "bool",
            f"True where the {what} of everybody listed is known, else unknown.",
            requires=REQUIRES,
            origin=origin,
        )
        for name, (what, origin) in WEIGHED.items()
    ),
    Fact("company_unknown_ids", "set", "People listed whose company is unknown.", "people"),
    Fact("stance_unknown_ids", "set", "Buyer people whose stance is unknown.", "people"),
    Fact("influence_unknown_ids", "set", "Buyer people whose influence is unknown.", "people"),
    Fact("stance_hole_ids", "set", "All of these three.", "people"),
    Fact("stance_holes_words", "text", "What of these three is missing, in words."),
    Fact("opponent_ids", "set", "Buyer people with a stance below 0.", "people"),
    Fact(
        "stance_mean_if_neutral",
        "real",
        "Mean stance weighted by influence, for messages only: an unknown stance as 0, an unknown "
        "influence as 2.",
    ),
    Fact("stance_mean_words", "text", "That mean in words."),
    Fact(
        "stance_judged",
        "real",
        "What is held against the limits: −2 where somebody of influence 3 has that stance, else that "
        "mean.",
    ),
    Fact("wholly_against_words", "text", "What a message adds about such a person, else nothing."),
    Fact("stance_low", "real", "The mean stance under which a deal is watched."),
    Fact("stance_good", "real", "The mean stance from which on it is a strength."),
    reads={
        "accounts": ("account_id", "parent_account_id"),
        "contacts": ("contact_id", "account_id", "left_on"),
        "stakeholders": ("deal_id", "contact_id", "external_adviser", "influence", "stance"),
    },
    uses=USES,
    params={
        "stance_low": (
            0.5,
            Param(
                "Mean stance under which a deal is watched",
                ge=-2,
                le=2,
                unit="points of stance",
                source=JUDGEMENT,
            ),
        ),
        "stance_good": (
            1.0,
            Param(
                "Mean stance from which on it is a strength",
                ge=-2,
                le=2,
                unit="points of stance",
                source=JUDGEMENT,
            ),
        ),
    },
)
def stances(inputs: Inputs) -> pl.DataFrame:
    """Add up where the buyer people stand, each at its own worst and best."""
    low, good = inputs.params["stance_low"], inputs.params["stance_good"]
    people = listed(inputs).filter(pl.col("here") & pl.col("buyer").fill_null(value=True))
    sure, stance, weight = pl.col("buyer").is_not_null(), pl.col("stance"), pl.col("influence")
    least = weight.fill_null(INFLUENCE[0]) == INFLUENCE[1]
    most = weight.fill_null(INFLUENCE[1]) == INFLUENCE[1]
    neutral = stance.fill_null(0) * weight.fill_null(2)
    contact = pl.col("contact_id")
    ends = [
        end
        for name, threshold in (("sum", 0.0), ("low_sum", low), ("good_sum", good))
        for end in _ends(name, threshold)
    ]
    people = people.with_columns(ends)
    counted = people.group_by("id").agg(
        pl.col(end.meta.output_name() for end in ends).sum().round(9),
        stakeholders_lo=sure.sum(),
        stakeholders_hi=pl.len(),
        strong_opponents_lo=(sure & least & (stance == STANCE[0]).fill_null(value=False)).sum(),
        strong_opponents_hi=(most & (stance == STANCE[0]).fill_null(value=True)).sum(),
        opponents_lo=(sure & (stance < 0).fill_null(value=False)).sum(),
        opponents_hi=(stance < 0).fill_null(value=True).sum(),
        stance_known=(sure & stance.is_not_null()).sum(),
        company_unknown_ids=contact.filter(~sure),
        stance_unknown_ids=contact.filter(stance.is_null()),
        influence_unknown_ids=contact.filter(weight.is_null()),
        stance_hole_ids=contact.filter(~sure | stance.is_null() | weight.is_null()),
        opponent_ids=contact.filter(sure & (stance < 0)),
        stance_mean_if_neutral=neutral.filter(sure).sum() / weight.fill_null(2).filter(sure).sum(),
    )
    frame = inputs.subjects().select("id").join(counted, on="id", how="left")
    return _finished(frame, low, good)


def _ends(name: str, threshold: float) -> tuple[pl.Expr, pl.Expr]:
    """Return what each adds at least and at most; somebody of unknown company may count for nothing."""
    influence, stance = pl.col("influence"), pl.col("stance")
    corners = [
        influence.fill_null(weight).cast(pl.Float64) * (stance.fill_null(stand) - threshold)
        for weight in INFLUENCE
        for stand in STANCE
    ]
    unsure = pl.when(pl.col("buyer").is_null()).then(0.0)
    worst, best = pl.min_horizontal(*corners, unsure), pl.max_horizontal(*corners, unsure)
    return worst.alias(f"stance_{name}_lo"), best.alias(f"stance_{name}_hi")


def _finished(frame: pl.DataFrame, low: float, good: float) -> pl.DataFrame:
    """Give deals without listed people their zeroes, and put into words what is known of the others."""
    sets, ends = [c for c in frame.columns if c.endswith("_ids")], ("_lo", "_hi")
    sums = [c for c in frame.columns if c.startswith("stance_") and c.endswith(ends)]
    counts = [c for c in frame.columns if c.startswith(("stakeholders_", "strong_", "opponents_"))]
    frame = frame.with_columns(
        pl.col(sets).fill_null(pl.lit([], dtype=pl.List(pl.String))),
        pl.col(sums).fill_null(0.0),
        pl.col(*counts, "stance_known").fill_null(0).cast(pl.Int64),
    )
    strong = pl.col("strong_opponents_lo") > 0
    against = pl.lit(", and somebody of the highest influence is wholly against us")
    mean = pl.col("stance_mean_if_neutral").round(9)
    number = {what: pl.col(f"{what}_unknown_ids").list.len() for what, _ in WEIGHED.values()}
    holes = ("stance", "influence", "company")
    missing = [pl.when(number[what] > 0).then(pl.lit(what)) for what in holes]
    said = pl.concat_str(missing, separator=" or ", ignore_nulls=True)
    return frame.with_columns(
        stance_mean_words=_mean(number["stance"], number["influence"]),
        stance_low=pl.lit(low),
        stance_good=pl.lit(good),
        stance_judged=pl.when(strong).then(float(STANCE[0])).otherwise(mean),
        wholly_against_words=pl.when(strong).then(against).otherwise(pl.lit("")),
        stance_holes_words=pl.when(said == "").then(pl.lit("stance")).otherwise(said),
        **{
            name: pl.when(number[what] == 0).then(statement=True)
            for name, (what, _) in WEIGHED.items()
        },
    )


def _mean(unknown: pl.Expr, unweighed: pl.Expr) -> pl.Expr:
    """Return the mean stance in words, by how many stances and influences are unknown."""
    tenths = (pl.col("stance_mean_if_neutral") * 10).round(0).cast(pl.Int64, strict=False)
    sign = pl.when(tenths < 0).then(pl.lit("−")).when(tenths > 0).then(pl.lit("+"))
    mean = pl.format("{}{}.{}", sign.otherwise(pl.lit("")), tenths.abs() // 10, tenths.abs() % 10)
    about = pl.when((unknown > 0) | (unweighed > 0)).then(pl.lit("about ")).otherwise(pl.lit(""))
    some = pl.format(" if the {} unknown {} neutral", unknown, _verb(unknown))
    condition = pl.when(unknown > 0).then(some).otherwise(pl.lit(""))
    return pl.concat_str(about, mean, condition).fill_null("unknown")


def _verb(number: pl.Expr) -> pl.Expr:
    return pl.when(number == 1).then(pl.lit("is")).otherwise(pl.lit("are"))


@check.columns(
    "consensus/stance",
    severity="major",
    ask=["How would each of them explain this decision to a colleague?"],
    sources=[f"weights and limits: {JUDGEMENT}"],
)
def stance(
    d: Columns,
    *,
    enough: Annotated[
        int, Param("Known stances that a strength needs", ge=1, le=20, unit="people")
    ] = 3,
) -> Rules:
    """Those who count on the customer's side are for us, on balance.

    Each of the customer's people listed on the deal has a stance from −2 (against us) to 2 (for us)
    and an influence from 1 to 3. The stances are weighed by influence: a mean below 0, or somebody
    of influence 3 who is wholly against us, is a risk; below 0.5 a watch; 1 or more with nobody
    against us and three stances known a strength. Computed are sums of influence × (stance − limit),
    so nothing is divided.

    Unknown is not neutral: an unknown stance is weighed from −2 to 2 and an unknown influence from 1
    to 3, each person at the worst and at the best. Where both ends agree that is the verdict; where
    not, what is unknown is asked for: stance, influence or company. People who have left do not
    count, nor do those of other companies, whom the message names.
    """
    listed, total, low = (d.interval(n) for n in ("stakeholders", "stance_sum", "stance_low_sum"))
    good, opponents = d.interval("stance_good_sum"), d.interval("opponents")
    said = (
        "mean stance {stance_mean_words}{wholly_against_words}; against us: {opponent_ids:people}"
    )
    # True where all is known; where a sum is open, what is missing is what of this is not.
    known = d.companies_known & d.stances_known & d.influences_known
    against = (total < 0) | (d.interval("strong_opponents") >= 1)
    return Rules(
        applies=d.evaluation_or_later & (listed >= 1),
        risk=against | (against & known),
        watch=(low < 0) | ((low < 0) & known),
        strength=(good >= 0) & (opponents <= 0) & (d.stance_known >= enough),
        message={
            **dict.fromkeys(("risk", "watch", "pass", "strength"), said + OUTSIDERS),
            "insufficient_data": said
            + "; {stance_holes_words} unknown: {stance_hole_ids:people}"
            + OUTSIDERS,
        },
        actual=d.stance_judged,
        expected={
            "risk": at_least(0, source=JUDGEMENT),
            "watch": at_least(d.stance_low, source=JUDGEMENT),
            "pass": at_least(d.stance_low, source=JUDGEMENT),
            "strength": at_least(d.stance_good, source=JUDGEMENT),
        },
        evidence=[
            Cite("contacts", "name", ids=d.opponent_ids),
            Cite("contacts", "name", ids=d.stance_unknown_ids),
            Cite("contacts", "name", ids=d.influence_unknown_ids),
            Cite("contacts", "account_id", ids=d.company_unknown_ids),
            cite_outsiders(d),
            *cited(d, "stance_sum_lo", "stance_sum_hi", "stance_low_sum_lo", "stance_low_sum_hi"),
        ],
    )
