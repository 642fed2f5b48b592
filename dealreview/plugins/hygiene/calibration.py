"""Whether the findings of checks came true more often than chance."""

from __future__ import annotations

import polars as pl

from dealreview import Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.proportions import Z_ONE_SIDED, rise, trials_for_wilson, wilson
from dealreview.plugins.words import grouped

_LINE = r"^(?<check>.+): (?<hits>\d+) of (?<n>\d+), base (?<base_hits>\d+) of (?<base_n>\d+)$"
_NUMBERS = ("hits", "n", "base_hits", "base_n")


@facts(
    "pipeline",
    Fact(
        "calibrated_checks",
        "int",
        "Number of checks with at least `calibration_min_n` findings whose end is known.",
        "checks",
        origin="deals.closed_on",
    ),
    Fact(
        "unproven_checks",
        "set",
        "Those of them whose findings came true no more often, as far as shown, than for all open "
        "deals: the lower end of the 95 % interval is not above the base rate.",
    ),
    Fact("unproven_n", "int", "Number of unproven checks.", "checks", origin="deals.closed_on"),
    Fact(
        "calibration_told",
        "text",
        "Hits, interval and base rate of each check, the unproven first.",
    ),
    step="organisation",
    uses=("check_precision",),
    params={
        "calibration_min_n": (
            30,
            Param(
                "Findings that a check needs to be measured",
                ge=10,
                le=1000,
                unit="findings",
                source=JUDGEMENT,
            ),
        )
    },
)
def calibration(inputs: Inputs) -> pl.DataFrame:
    """Hold the findings of each check against the base rate."""
    lines = inputs.facts().select(pl.col("check_precision").explode()).drop_nulls().to_series()
    groups = lines.rename("line").to_frame().select(pl.col("line").str.extract_groups(_LINE))
    found = groups.unnest("line").with_columns(pl.col(_NUMBERS).cast(pl.Int64))
    measured = found.filter(pl.col("n") >= inputs.params["calibration_min_n"])
    low, high = wilson(pl.col("hits"), pl.col("n"))
    measured = measured.with_columns(
        low=low, high=high, base=pl.col("base_hits") / pl.col("base_n")
    )
    measured = measured.with_columns(unproven=pl.col("low") <= pl.col("base"))
    told = pl.format(
        "{}: {} of {} findings came true ({}–{}%), of all open deals {}%",
        "check",
        "hits",
        "n",
        _percent("low"),
        _percent("high"),
        _percent("base"),
    )
    told = pl.concat_str(told, _shown().fill_null(""))
    measured = measured.with_columns(told=told).sort("unproven", "check", descending=[True, False])
    unproven = measured.filter("unproven")["check"].to_list()
    return inputs.subjects().select(
        "id",
        calibrated_checks=pl.lit(measured.height, dtype=pl.Int64),
        unproven_checks=pl.lit(unproven, dtype=pl.List(pl.String)),
        unproven_n=pl.lit(len(unproven), dtype=pl.Int64),
        calibration_told=pl.lit("; ".join(measured["told"])),
    )


def _shown() -> pl.Expr:
    """Return how sure a check without proof is: how many findings would do, or that it does worse."""
    share, base = pl.col("hits") / pl.col("n"), pl.col("base")
    needed = trials_for_wilson(share, base)
    told = grouped(needed)
    could_be_chance = pl.format(" (could be chance: it takes about {} findings to tell)", told)
    moved = rise(*map(pl.col, ("base_hits", "base_n", "hits", "n")))
    return (
        pl.when(~pl.col("unproven")).then(None)
        .when((share > base) & (needed > pl.col("n"))).then(could_be_chance)
        .when(moved < -Z_ONE_SIDED).then(pl.lit(" (less often, and by more than chance)"))
    )  # fmt: skip


def _percent(share: str) -> pl.Expr:
    return (pl.col(share) * 100).round(0).cast(pl.Int64)


@check.columns(
    "hygiene/check-calibration",
    on="pipeline",
    severity="info",
    ask=["What would you need to see to trust this check more, or less?"],
    sources=[f"90 days, 30 findings: {JUDGEMENT}", "95 % interval for a share: Wilson, 1927"],
)
def check_calibration(d: Columns) -> Rules:
    """What the checks find comes true more often than chance.

    Looked at are the findings on open deals in the stored runs of 90 to 455 days ago, each deal once
    a check, at its first finding. A finding came true if the deal was lost, or its expected close
    was pushed by 30 days or more, within 90 days. The base rate is the same share of all open deals
    of the same runs. A check is named where the lower end of its 95 % interval is not above the
    base rate: it is not shown to beat chance, and the message says from about how many findings on
    the interval of a share like its own would lie above the base rate; or that the check does worse,
    where that is more than chance (one-sided test of two shares at 5 %). It has no weight: a finding
    that somebody acted on looks like a false alarm.

    Needs stored runs, and `calibration_min_n` findings of a check; it says nothing before.
    """
    return Rules(
        applies=d.calibrated_checks >= 1,
        watch=d.unproven_n >= 1,
        message={
            "watch": "not shown to beat chance: {unproven_n:count} of {calibrated_checks:count} checks, "
            "named first; {calibration_told}",
            "pass": "{calibration_told}",
            "insufficient_data": "{calibration_told}",
        },
        actual=d.unproven_n,
        expected=at_most(0, source="the base rate of all open deals"),
        evidence=cited(d, "unproven_checks", "check_precision"),
    )
