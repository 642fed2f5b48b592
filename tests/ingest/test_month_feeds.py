"""For which days tables of months are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.importing import import_files

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = """
[[file]]
match = "months.csv"
into = "account_months"
[file.fields]
account_id = "account"
month = {column = "month", date = "%Y-%m"}
revenue_minor = "revenue"
"""


@pytest.mark.parametrize(
    ("month", "top", "end"),
    [
        ("2025-02", "", "2025-02-28"),
        ("2025-05", "", "2025-05-16"),
        ("2025-02", "[feeds]\naccount_months = {to = 2025-02-10}", "2025-02-10"),
        ("2025-02", "[feeds]\naccount_months = {from = 2024-01-01}", "2025-02-28"),
    ],
)
def test_the_end_of_a_feed_of_months(tmp_path: Path, month: str, top: str, end: str) -> None:
    """A month's row covers it, but never beyond the export; an end that is stated stays as it is."""
    text = f"account,month,revenue\n1,2025-01,5\n1,{month},9\n"
    found = import_files(tmp_path, {"months.csv": text}, f"{top}\n{MONTHS}")
    ends = "SELECT covers_to FROM feeds WHERE table_name = 'account_months'"
    assert found.ask(ends) == [(end,)]
