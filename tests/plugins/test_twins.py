"""The same check as conditions over columns, as a plain function and as a rule in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.engine.config import Config
from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import dtype_of
from dealreview.engine.facttable import FactTable
from dealreview.engine.loader import load_packs
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import OUTCOMES, Kind

TWINS = load_packs(folders=[Path(__file__).parent / "twins"], autoload=False)
FACTS = TWINS.facts[Kind.DEAL]
MAYBE = st.sampled_from([True, False, None])


@st.composite
def champions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the facts of single-champion; the most is never under the least, and no rate or segment lacks."""
    low = draw(st.integers(0, 6))
    high = draw(st.none() | st.integers(low, 7))
    names = ["evaluation_or_later", "proposal_reached", "employees_recorded", "is_large_deal"]
    return {
        **{name: draw(MAYBE) for name in names},
        "account_employees": draw(st.none() | st.integers(0, 6)),
        "engaged_contacts_lo": low,
        "engaged_contacts_hi": high,
        "engaged_early_min": 2,
        "engaged_min": 3,
        "engaged_large_min": 4,
        "deal_size_lacks_rate": False,
        "deal_size_lacks_segment": False,
        "deal_size_rated": True,
        "segment_told": True,
    }


@st.composite
def dates(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the facts of close-date-passed."""
    return {"is_open": draw(MAYBE), "days_past_close": draw(st.none() | st.integers(-9, 9))}


def outcomes(name: str, rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return what each of the three forms says about the rows."""
    ids = [f"{'consensus' if 'champion' in name else 'hygiene'}/{name}"]
    ids += [f"twins/{name}-function", f"twins/{name}-rule"]
    schema: dict[str, Any] = {"id": pl.String, "name": pl.String, "currency": pl.String}
    schema |= {fact.name: dtype_of(fact) for fact in FACTS.values()}
    full = [{**dict.fromkeys(schema), "id": str(n), **row} for n, row in enumerate(rows)]
    frame = pl.DataFrame(full, schema=schema)
    selection = make_selection(TWINS, Config(), select=ids)
    types = TWINS.fact_types[Kind.DEAL]
    found = evaluate_kind(selection, selection.checks, Kind.DEAL, FactTable(frame), types, {}, {})
    assert all(result.problem is None for result in found)
    return {result.check.id: [OUTCOMES[code].value for code in result.codes] for result in found}


def test_twins_are_loaded() -> None:
    """Nothing is refused."""
    assert TWINS.problems == ()


@pytest.mark.parametrize(
    ("name", "rows"), [("single-champion", champions()), ("close-date-passed", dates())]
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_three_forms_agree(
    name: str, rows: st.SearchStrategy[dict[str, Any]], data: st.DataObject
) -> None:
    """The three forms of a check give the same outcomes on any facts, known or unknown."""
    first, *others = outcomes(name, data.draw(st.lists(rows, min_size=1, max_size=20))).values()
    assert [others[0], others[1]] == [first, first]
