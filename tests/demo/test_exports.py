"""The files of the demo company."""

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dealreview.demo.company.days import AS_OF, EARLIER, ago
from dealreview.demo.exports import all_exports
from dealreview.demo.exports.table import (
    DatabaseExport,
    Export,
    Window,
    german_day,
    german_euros,
    table,
)
from dealreview.demo.world import World, make_world


@pytest.fixture(scope="module", name="world")
def made_world() -> World:
    """The world, made once."""
    return make_world()


@pytest.fixture(scope="module", name="exports")
def made_exports(world: World) -> dict[str, Export]:
    """The text files of the present by name."""
    found = all_exports(world, Window(AS_OF))
    return {export.name: export for export in found if isinstance(export, Export)}


def rows(export: Export) -> list[list[str]]:
    """Return the rows of an export as a reader sees them."""
    return list(csv.reader(io.StringIO(export.content()), delimiter=export.delimiter))


def test_the_files_are_the_same_each_time(world: World) -> None:
    """Nothing but the world decides what is in them."""
    assert all_exports(world, Window(AS_OF)) == all_exports(make_world(), Window(AS_OF))


def test_files_have_the_usual_defects(exports: dict[str, Export]) -> None:
    """A byte order mark, a double row, a broken one, missing values and odd dates are there."""
    assert exports["crm_accounts.csv"].encoding == "utf-8-sig"
    deals = exports["crm_opportunities.csv"].rows
    assert len(deals) == len(set(deals)) + 1
    assert any("31.12.9999" in row for row in deals)
    widths = [len(row) for row in rows(exports["quote_lines.csv"])]
    assert widths.count(widths[0] + 1) == 1
    assert any("#N/A" in row for row in exports["finance_months.csv"].rows)
    assert any(int(row[4][3:5]) > 12 for row in exports["mail_and_calendar.csv"].rows)
    assert exports["exchange_rates.tsv"].columns == ()


def test_an_earlier_export_knows_nothing_later(world: World) -> None:
    """Three weeks before, later deals, changes and requests are not there, and what closed was open."""
    day = EARLIER[0]
    found = {e.name: e for e in all_exports(world, Window(day)) if isinstance(e, Export)}
    known = {deal.deal_id: deal for deal in world.deals if deal.created <= day}
    deals = {row[0]: row for row in found["crm_opportunities.csv"].rows}
    assert deals.keys() == known.keys()
    closed_since = [deal for deal in known.values() if deal.closed and deal.closed > day]
    assert closed_since
    assert {deals[deal.deal_id][4] for deal in closed_since} & {"Won", "Lost"} == set()
    assert len(found["quote_approvals.csv"].rows) < 8
    ahead = {event.day for _, event in world.events if event.day > day}
    planned = [row for row in found["mail_and_calendar.csv"].rows if row[3] == "planned"]
    assert planned
    assert {row[4][:10] for row in planned} <= {f"{day:%m/%d/%Y}" for day in ahead}


def test_a_later_export_has_only_what_is_new_of_logs(world: World) -> None:
    """Lists are whole each week; mails, hours and changes since the last one only."""
    whole = {e.name: e for e in all_exports(world, Window(EARLIER[1]))}
    new = {e.name: e for e in all_exports(world, Window(EARLIER[1], EARLIER[0]))}
    assert new["crm_opportunities.csv"] == whole["crm_opportunities.csv"]
    for name in ("mail_and_calendar.csv", "crm_field_history.csv", "time_tracking.sqlite"):
        assert 0 < len(new[name].rows) < len(whole[name].rows) / 5
        assert set(new[name].rows) <= set(whole[name].rows)


def test_amounts_and_forecasts_change_between_exports(world: World) -> None:
    """What the CRM keeps no history of can be seen by comparing two exports."""
    before, now = (
        {row[0]: row for row in export.rows}
        for day in (EARLIER[0], AS_OF)
        for export in all_exports(world, Window(day))
        if export.name == "crm_opportunities.csv"
    )
    changed = [key for key in before if before[key][6] != now[key][6]]
    assert "65e4d07f" in changed
    assert any(before[key][5] != now[key][5] for key in before if now[key][5])


def test_the_time_tool_is_a_database(world: World, tmp_path: Path) -> None:
    """Its file has one table with the hours of each week."""
    (export,) = (e for e in all_exports(world, Window(AS_OF)) if isinstance(e, DatabaseExport))
    export.write(tmp_path)
    with closing(sqlite3.connect(tmp_path / export.name)) as database:
        found = database.execute(f"SELECT * FROM {export.table}").fetchall()
    assert tuple(found) == export.rows


def test_a_window_shows_what_is_known() -> None:
    """Nothing later than its day; of logs nothing up to the export before."""
    window = Window(ago(7), ago(14))
    assert [window.knows(day) for day in (ago(20), ago(7), ago(6), None)] == [
        True,
        True,
        False,
        False,
    ]
    assert [window.logs(day) for day in (ago(14), ago(13), ago(7), ago(6))] == [
        False,
        True,
        True,
        False,
    ]


def test_a_row_with_a_delimiter_is_quoted() -> None:
    """Only lines that are meant to be broken are."""
    export = table("x.csv", "a|b", [("1,5", "x")])
    assert export.content() == 'a,b\r\n"1,5",x\r\n'


def test_amounts_and_days_are_written_as_germans_do() -> None:
    """Points divide thousands, a comma the cents."""
    assert german_euros(123456789) == "1.234.567,89"
    assert german_euros(-50) == "-0,50"
    assert german_day(AS_OF) == "13.11.2026"
    assert german_day(None) == ""
