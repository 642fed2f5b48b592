"""Hours of time entries, in whole seconds: sums do not depend on the order of rows."""

from __future__ import annotations

import polars as pl

SECONDS = 3600
"""Seconds of an hour."""


def seconds() -> pl.Expr:
    """Return the length of a time entry; unknown stays unknown."""
    return (pl.col("hours") * SECONDS).round(0).cast(pl.Int64)
