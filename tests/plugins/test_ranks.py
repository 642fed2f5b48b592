"""Where a value stands among others that may be unknown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.plugins.ranks import ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

Ends = tuple[float | None, float | None]
VALUES = st.lists(st.integers(0, 4).map(float), min_size=2, max_size=7)


def ranks(ends: Sequence[Ends], *, ties: bool = False) -> list[Ends]:
    """Return the ends of every row's rank in one group."""
    rows = [{"id": str(n), "g": "a", "v_lo": lo, "v_hi": hi} for n, (lo, hi) in enumerate(ends)]
    schema = {"id": pl.String, "g": pl.String, "v_lo": pl.Float64, "v_hi": pl.Float64}
    found = ranked(pl.DataFrame(rows, schema=schema), "g", "v", ties=ties)
    return list(found.select("lo", "hi").iter_rows())


@given(VALUES, st.sampled_from([0.25, 0.5, 0.75, 0.9]))
@settings(max_examples=60, deadline=None)
def test_a_rank_says_on_which_side_of_a_quantile_a_value_lies(
    values: list[float], p: float
) -> None:
    """Above, or at least at, the quantile with linear interpolation."""
    quantile = pl.Series(values).quantile(p, interpolation="linear")
    assert quantile is not None
    for value, (above, _), (reaching, _) in zip(
        values,
        ranks([(v, v) for v in values]),
        ranks([(v, v) for v in values], ties=True),
        strict=True,
    ):
        assert above is not None
        assert reaching is not None
        assert (above > p) == (value > quantile + 1e-9)
        assert (reaching >= p) == (value >= quantile - 1e-9)


@given(VALUES, st.data(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_unknown_values_are_weighed_at_both_ends(
    values: list[float], data: st.DataObject, ties: bool
) -> None:
    """Whatever the unknown ones are, the rank lies between its ends."""
    unknown = data.draw(st.sets(st.integers(1, len(values) - 1), max_size=2))
    ends: list[Ends] = [(None, None) if n in unknown else (v, v) for n, v in enumerate(values)]
    low, high = ranks(ends, ties=ties)[0]
    assert low is not None
    assert high is not None
    for filled in itertools.product(range(-1, 6), repeat=len(unknown)):
        guess = dict(zip(sorted(unknown), filled, strict=True))
        whole: list[Ends] = [(guess.get(n, v), guess.get(n, v)) for n, v in enumerate(values)]
        rank = ranks(whole, ties=ties)[0][0]
        assert rank is not None
        assert low - 1e-12 <= rank <= high + 1e-12


def test_nobody_to_compare_with() -> None:
    """A lone row and a row of unknown value have no rank."""
    assert ranks([(1.0, 1.0)]) == [(None, None)]
    assert ranks([(1.0, 1.0), (None, None)])[1] == (None, None)
