"""How sure a rate is, and whether two rates differ by more than chance."""

from __future__ import annotations

import math

import polars as pl

from dealreview.plugins.words import percent

Z95 = 1.959963984540054
"""Standard deviations either side that hold 95 % of a normal distribution."""

Z_ONE_SIDED = 1.6448536269514722
"""Standard deviations above which 5 % of a normal distribution lie."""

Z_POWER = 0.8416212335729143
"""Standard deviations above which 20 % lie: four in five true changes are found."""

_DIGITS = 9


def wilson(hits: pl.Expr, trials: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return both ends of the Wilson 95 % interval of ``hits ÷ trials``.

    Unknown without a trial, with an unknown count and with more hits than trials.
    """
    n = trials.cast(pl.Float64)
    counted = (trials > 0) & hits.is_between(0, trials)
    share, square = hits / n, Z95**2
    middle = share + square / (2 * n)
    reach = Z95 * (share * (1 - share) / n + square / (4 * n**2)).sqrt()
    whole = 1 + square / n
    low, high = (middle - reach) / whole, (middle + reach) / whole
    # Rounding must not leave 0 of n or n of n outside their own interval.
    low = pl.when(hits == 0).then(0.0).otherwise(low)
    high = pl.when(hits == trials).then(1.0).otherwise(high)
    return (
        pl.when(counted).then(low.round_sig_figs(_DIGITS)),
        pl.when(counted).then(high.round_sig_figs(_DIGITS)),
    )


def trials_for_wilson(share: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return the trials from which the Wilson 95 % interval of a share no longer holds another one.

    Unknown where the two are the same, and for another one that is not between 0 and 1.
    """
    # The interval holds what a score test of the share does not refuse.
    needed = (Z95 / (share - other)).pow(2) * other * (1 - other)
    shown = (share != other) & other.is_between(0, 1, closed="none")
    return pl.when(shown).then(needed.floor().cast(pl.Int64, strict=False) + 1)


def rise(
    hits_before: pl.Expr, trials_before: pl.Expr, hits_after: pl.Expr, trials_after: pl.Expr
) -> pl.Expr:
    """Return how many standard errors the second rate lies above the first, with a pooled rate.

    Above :data:`Z_ONE_SIDED` it rose by more than chance (one-sided, 5 %), under its negative it
    fell. Two rates that are both none or both all differ by 0. Unknown without trials on each side,
    and with more hits than trials.
    """
    before, after = trials_before.cast(pl.Float64), trials_after.cast(pl.Float64)
    pooled = (hits_before + hits_after) / (before + after)
    error = (pooled * (1 - pooled) * (1 / before + 1 / after)).sqrt()
    moved = hits_after / after - hits_before / before
    counted = (
        (before > 0)
        & (after > 0)
        & hits_before.is_between(0, trials_before)
        & hits_after.is_between(0, trials_after)
    )
    score = pl.when(error > 0).then(moved / error).otherwise(0.0)
    return pl.when(counted).then(score.round_sig_figs(_DIGITS))


def by_chance(score: pl.Expr) -> pl.Expr:
    """Return how often a score of :func:`rise`, or a greater one, comes about without any change: p."""

    def upper_tail(z: float) -> float:
        return math.erfc(z / math.sqrt(2)) / 2

    return score.map_elements(upper_tail, return_dtype=pl.Float64).round_sig_figs(_DIGITS)


def in_hundred(p: pl.Expr) -> pl.Expr:
    """Return how often something comes about by chance: ``in 27.4% of cases (p = 0.274)``."""
    thousandths = (p * 1000).round(0).cast(pl.Int64, strict=False)
    digits = thousandths.cast(pl.String).str.zfill(3)
    some = pl.format("in {} of cases (p = 0.{})", percent(p), digits)
    rare = pl.lit("in fewer than 0.1% of cases (p < 0.001)")
    return pl.when(p < 0.001).then(rare).otherwise(some)


def trials_needed(before: pl.Expr, after: pl.Expr) -> pl.Expr:
    """Return the trials on each side that show two rates to differ (one-sided 5 %, power 80 %).

    Unknown for a rate outside 0 to 1, and where the two are the same: no number shows that.
    """
    pooled = (before + after) / 2
    by_chance = Z_ONE_SIDED * (2 * pooled * (1 - pooled)).sqrt()
    by_change = Z_POWER * (before * (1 - before) + after * (1 - after)).sqrt()
    needed = ((by_chance + by_change) / (before - after)).pow(2)
    shown = (before != after) & before.is_between(0, 1) & after.is_between(0, 1)
    # Rounding must not ask for one more than a number that comes out whole.
    return pl.when(shown).then(needed.round_sig_figs(_DIGITS).ceil().cast(pl.Int64, strict=False))
