"""The subjects of a provider with what is known of them."""

from types import SimpleNamespace

import polars as pl
import pytest

from dealreview.plugins.subjects import with_deals, with_own_row

DEALS = pl.DataFrame({"deal_id": ["a", "b", "c"], "stage_id": ["new", None, "won"]})


@pytest.mark.parametrize("rows", [[0, 1, 2], [2, 0, 1], [0, 2], []], ids=str)
def test_rows_of_deals_stand_beside_their_subjects(rows: list[int]) -> None:
    """In the same order, in another, and where some are missing: each deal has its own row or none."""
    subjects = pl.DataFrame({"id": ["a", "b", "c"], "day": [1, 2, 3]})
    inputs = SimpleNamespace(
        subjects=lambda: subjects, table=lambda name: {"deals": DEALS[rows]}[name]
    )
    stages = [["new", None, "won"][n] if n in rows else None for n in range(3)]
    wanted = subjects.with_columns(stage_id=pl.Series(stages, dtype=pl.String))
    assert with_deals(inputs).equals(wanted)


@pytest.mark.parametrize("rows", [[0, 1, 2], [2, 0, 1], [0, 2]], ids=str)
def test_what_is_known_already_is_not_added_twice(rows: list[int]) -> None:
    """A column that both have stays what it was, whichever way rows find each other."""
    known = pl.DataFrame({"own": ["a", "b", "c"], "stage_id": ["x", "y", "z"]})
    assert with_own_row(known, DEALS[rows], on="own").equals(known)
