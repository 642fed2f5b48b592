"""Which cells are missing most often."""

from collections import Counter
from typing import Any

from hypothesis import given, settings

from dealreview.engine.config import Config
from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.gaps import meaning, missing_cells, unpaired
from dealreview.testing import review_tables
from tests.support.hostile import AS_OF, companies


@settings(max_examples=6, deadline=None)
@given(rows=companies())
def test_columns_count_what_verdicts_name(rows: dict[str, list[dict[str, Any]]]) -> None:
    """What is counted over columns is what the verdicts of the subjects name one by one."""
    review = review_tables(rows, AS_OF, config=Config(autoload=False))
    for kind in (Kind.DEAL, Kind.ACCOUNT, Kind.REP):
        found = review.kinds[kind]
        expected: Counter[str] = Counter()
        for card in found.scorecards(only={Outcome.INSUFFICIENT_DATA}):
            expected.update({unpaired(cell) for v in card.verdicts for cell in v.missing})
        everybody = ~found.base["closed"].is_null()
        assert dict(missing_cells(found, everybody)) == dict(expected)


def test_a_cell_is_told_by_its_meaning() -> None:
    """Cells and tables are explained from the schema, facts by their description."""
    deals = review_tables({}, AS_OF, config=Config(autoload=False)).kinds[Kind.DEAL]
    assert meaning(deals, "deals.hours_to_go") == "Selling hours still needed"
    assert meaning(deals, "time_entries") == "Hours of a person on a day"
    assert meaning(deals, "is_open") == "The stage is open"
    assert meaning(deals, "nothing") == ""
