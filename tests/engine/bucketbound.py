"""A pack that is wrong: its local fact depends on which accounts happen to be computed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview import Columns, Fact, Rules, check, facts

if TYPE_CHECKING:
    import polars as pl

    from dealreview import Inputs


@facts("deal", Fact("acme_rivals", "int", "Deals beside this one."), reads={"deals": ("deal_id",)})
def rivals(inputs: Inputs) -> pl.DataFrame:
    """Count the deals that the provider sees."""
    import polars as pl

    seen = inputs.table("deals").height
    return inputs.subjects().select("id", acme_rivals=pl.lit(seen, dtype=pl.Int64))


@check.columns("acme/rivals", on="deal", severity="minor", ask=["Which of them matters most?"])
def crowded(d: Columns) -> Rules:
    """A deal has little company."""
    return Rules(watch=d.acme_rivals > 1, message="{acme_rivals} deals", actual=d.acme_rivals)
