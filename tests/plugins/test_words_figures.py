"""Numbers inside the words of facts."""

from __future__ import annotations

import polars as pl

from dealreview.plugins.words import figure


def test_figures_have_no_needless_digits() -> None:
    """Whole numbers stay whole, others have one digit, unknown stays unknown."""
    frame = pl.DataFrame({"value": [480.0, 7.5, 0.04, 0.25, None]})
    assert frame.select(figure(pl.col("value")))["value"].to_list() == [
        "480",
        "7.5",
        "0",
        "0.2",
        None,
    ]
