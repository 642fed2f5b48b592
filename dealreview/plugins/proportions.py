"""How sure a rate is."""

from __future__ import annotations

import polars as pl

Z95 = 1.959963984540054
"""Standard deviations either side that hold 95 % of a normal distribution."""

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
