"""Numbers inside the words of facts."""

from __future__ import annotations

import polars as pl

from dealreview.plugins.words import counted, figure, grouped, interval, share_told


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


def test_thousands_stand_apart() -> None:
    """A number of cases is read as elsewhere."""
    frame = pl.DataFrame({"n": [0, 6, 384, 4_238, 1_000_000, None]})
    told = frame.select(told=grouped(pl.col("n")))["told"].to_list()
    assert told == ["0", "6", "384", "4,238", "1,000,000", None]


def test_a_share_has_a_digit_where_it_needs_one() -> None:
    """20 % and 20.4 % do not read alike."""
    frame = pl.DataFrame({"share": [0.2, 0.204, -0.5, 0.0, None]})
    told = frame.select(told=share_told(pl.col("share")))["told"].to_list()
    assert told == ["20%", "20.4%", "−50%", "0%", None]


def test_how_many_there_are() -> None:
    """One is not many, what may be is a range, and what nobody knows is open upwards."""
    frame = pl.DataFrame({"low": [0, 1, 3, 2, 0, 2, 0], "high": [0, 1, 3, 3, 1, None, None]})
    told = frame.select(n=counted(pl.col("low"), pl.col("high"), "push", "pushes", "no push"))
    assert told["n"].to_list() == [
        "no push",
        "1 push",
        "3 pushes",
        "2 to 3 pushes",
        "at most 1 push",
        "at least 2 pushes",
        "no push seen",
    ]
    plain = frame.select(n=counted(pl.col("low"), pl.col("high"), "day", "days"))["n"].to_list()
    assert (plain[0], plain[-1]) == ("0 days", "0 days seen")


def test_the_ends_of_an_interval() -> None:
    """Whole percents; nothing where an end is unknown."""
    frame = pl.DataFrame({"low": [0.0, 0.155, None], "high": [1.0, 0.5, 0.5]})
    told = frame.select(told=interval(pl.col("low"), pl.col("high")))["told"].to_list()
    assert told == ["0–100%", "16–50%", None]
