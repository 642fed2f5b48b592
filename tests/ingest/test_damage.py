"""Columns that are lost, tables that nothing is marked in, and records that contradict themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dealreview.ingest.oddities import circles
from tests.ingest.importing import DEALS, deals, import_files

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = DEALS.replace("into", "complete = true\ninto")
CLOSING = 'stage_id = "s"\ncreated_on = "c"\nclosed_on = "d"'
STAGES = '[stages]\nOpen = {milestone = "proposal"}\nWon = {kind = "won"}'


class TestDamagedColumns:
    @pytest.mark.parametrize(
        ("field", "texts", "mend"),
        [
            ('amount_minor = "v"', ("1,5", "2,75", "3"), 'perhaps decimal = ","'),
            ('created_on = "v"', ("31.12.2024", "01.02.2025", ""), 'perhaps date = "%d.%m.%Y"'),
            ('forecast_category = "v"', ("Maybe", "Sure", "commit"), "what its words mean"),
        ],
    )
    def test_a_column_that_is_mostly_lost_is_told(
        self, tmp_path: Path, field: str, texts: tuple[str, ...], mend: str
    ) -> None:
        """With the likely mend, and the import is not complete."""
        rows = "".join(f'{n},"{text}"\n' for n, text in enumerate(texts))
        found = deals(tmp_path, f"id,v\n{rows}", field)
        (problem,) = found.summary.damaged_columns
        assert mend in problem.reason
        assert found.summary.is_incomplete
        assert not deals(tmp_path, f"id,v\n{rows}", field, strict=True).summary.stored

    def test_half_of_a_column_is_not_most_of_it(self, tmp_path: Path) -> None:
        """Single bad cells are problems of their own."""
        found = deals(tmp_path, "id,v\n1,5\n2,x\n3,\n", 'amount_minor = "v"')
        assert (found.summary.damaged_columns, found.summary.is_incomplete) == ([], False)

    def test_a_total_of_the_source_counts_as_taken(self, tmp_path: Path) -> None:
        """It is kept under another name."""
        found = deals(tmp_path, "id,v\n1,5\n2,6\n3,x\n", 'source_total = "v"')
        assert found.summary.damaged_columns == []

    def test_placeholders_are_no_damage(self, tmp_path: Path) -> None:
        """They say nothing, and there are many of them."""
        found = deals(tmp_path, "id,v\n1,9999-12-31\n2,9999-12-31\n", 'expected_close_on = "v"')
        assert found.summary.damaged_columns == []


class TestNothingMarked:
    @pytest.mark.parametrize("text", ["", "id\n", "id\n2,x\n"])
    def test_a_complete_export_without_rows_says_so(self, tmp_path: Path, text: str) -> None:
        """The records of yesterday are not gone because today's file is empty or damaged."""
        import_files(tmp_path, {"deals.csv": "id\n1\n"}, COMPLETE)
        found = import_files(tmp_path, {"deals.csv": text}, COMPLETE)
        assert set(found.summary.not_marked) == {"deals"}
        assert found.ask("SELECT gone_on FROM deals") == [(None,)]

    def test_a_complete_export_without_its_file_says_so(self, tmp_path: Path) -> None:
        """The block is named."""
        other = '[[file]]\nname = "old"\nmatch = "old.csv"\ninto = "deals"\ncomplete = true\n'
        other += '[file.fields]\ndeal_id = "id"'
        found = import_files(tmp_path, {"deals.csv": "id\n1\n"}, f"{COMPLETE}\n{other}")
        assert found.summary.not_marked == {"deals": "there is no file for old"}


class TestContradictions:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("Won,2025-02-01,2025-01-01", "is before the day on which the deal was created"),
            ("Open,2025-01-01,2025-02-01", "is the closing day of a deal in an open stage"),
            ("Won,2025-01-01,2025-12-01", "is after the day of the export"),
            ("Won,2025-01-01,", "is empty, and the deal is won or lost"),
        ],
    )
    def test_closing_days(self, tmp_path: Path, row: str, reason: str) -> None:
        """They are kept and noted."""
        found = deals(tmp_path, f"id,s,c,d\n1,{row}\n", CLOSING, STAGES)
        assert found.reasons() == [reason]

    def test_a_planned_closing_of_an_open_deal_is_no_closing(self, tmp_path: Path) -> None:
        """Nor is a deal that is won on its day."""
        text = "id,s,c,d\n1,Open,2025-01-01,\n2,Won,2025-01-01,2025-02-01\n"
        assert deals(tmp_path, text, CLOSING, STAGES).problems() == []

    def test_activities(self, tmp_path: Path) -> None:
        """What was held is past, and no call lasts two days."""
        mapping = (
            '[[file]]\nmatch = "a.csv"\ninto = "activities"\n[file.fields]\nactivity_id = "id"\n'
            'at = "at"\nstatus = "st"\nduration_min = "min"\n'
        )
        text = "id,at,st,min\n1,2025-05-17T00:00:00Z,held,5\n2,2025-05-16T23:00:00Z,held,2000\n"
        found = import_files(
            tmp_path, {"a.csv": f"{text}3,2025-06-01T00:00:00Z,planned,5\n"}, mapping
        )
        assert found.reasons() == [
            "is after the day of the export, of something that took place",
            "is longer than a day",
        ]

    def test_parents_in_a_circle(self, tmp_path: Path) -> None:
        """Each circle is told once."""
        mapping = (
            '[[file]]\nmatch = "a.csv"\ninto = "accounts"\n[file.fields]\naccount_id = "id"\n'
            'parent_account_id = "p"\n'
        )
        found = import_files(tmp_path, {"a.csv": "id,p\n1,1\n2,3\n3,4\n4,2\n5,2\n"}, mapping)
        assert sorted(found.reasons()) == [
            "is part of a circle: crm:2 → crm:3 → crm:4 → crm:2", "points at itself",
        ]  # fmt: skip

    def test_a_long_chain_is_no_circle(self) -> None:
        """However deep."""
        assert list(circles({str(n): str(n + 1) for n in range(5000)})) == []

    def test_ids_that_look_alike(self, tmp_path: Path) -> None:
        """They differ by case or width only; each pair is told once."""
        found = deals(tmp_path, "id\nAb1\nAB1\n\uff21b1\nx\n")
        assert len(found.reasons()) == 2
        assert found.reasons()[0].startswith("differs from 'crm:AB1' only by the case or form")

    def test_a_feed_without_a_day_of_the_file(self, tmp_path: Path) -> None:
        """A year mistyped would make all of it unrecorded."""
        feeds = "[feeds]\ndeals = {from = 2024-01-01, to = 2024-12-31}"
        found = deals(tmp_path, "id,c\n1,2025-02-01\n", 'created_on = "c"', feeds)
        (reason,) = found.reasons()
        said, seen = reason.split("; ")
        assert said == "feeds.deals is from 2024-01-01 to 2024-12-31"
        assert seen == "the days of the file are 2025-02-01 to 2025-02-01"
        assert found.summary.feeds[0].covers_to == str(dt.date(2024, 12, 31))
