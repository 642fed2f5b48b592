"""The files of the demo company."""

import csv
import io

import pytest

from dealreview.demo.company import AS_OF, CUSTOMERS, PEOPLE, PLANS
from dealreview.demo.export import Export, german_day, german_euros, table
from dealreview.demo.files import all_exports
from dealreview.demo.world import AWKWARD_ID, make_world


@pytest.fixture(scope="module", name="exports")
def make_exports() -> dict[str, Export]:
    """The exports by file name."""
    return {export.name: export for export in all_exports()}


def rows(export: Export) -> list[list[str]]:
    """Return the rows of an export as a reader sees them."""
    return list(csv.reader(io.StringIO(export.text()), delimiter=export.delimiter))


def test_the_world_is_the_same_each_time() -> None:
    """Nothing but the fixed seed decides what the company looks like."""
    assert make_world() == make_world()
    assert [e.text() for e in all_exports()] == [e.text() for e in all_exports()]


def test_the_company_has_the_promised_size() -> None:
    """Twelve accounts, some forty deals, six reps in two teams."""
    world = make_world()
    reps = [person for person in PEOPLE if person.role == "Sales"]
    assert len(CUSTOMERS) == 12
    assert 40 <= len(world.deals) <= 50
    assert len(reps) == 6
    assert {rep.team for rep in reps} == {"North", "South"}


def test_deal_ids_are_distinct_and_one_looks_like_a_number() -> None:
    """No two deals share an id, and one would become infinity in a spreadsheet."""
    ids = [deal.deal_id for deal in make_world().deals]
    assert len(set(ids)) == len(ids)
    assert AWKWARD_ID in ids
    assert float(AWKWARD_ID) == float("inf")


def test_nothing_happens_after_the_day_of_the_review() -> None:
    """Deals are created and closed on or before it; planned meetings alone lie ahead."""
    world = make_world()
    assert all(deal.created < AS_OF for deal in world.deals)
    assert all(deal.closed < AS_OF for deal in world.deals if deal.closed)


def test_every_customer_has_enough_contacts_for_its_deals() -> None:
    """A deal's engaged people are contacts of its account."""
    world = make_world()
    for plan in PLANS:
        assert plan.engaged <= len(world.contacts[plan.customer])


def test_files_have_the_usual_defects(exports: dict[str, Export]) -> None:
    """A byte order mark, a double row, a broken one, missing values and odd dates are there."""
    assert exports["crm_accounts.csv"].encoding == "utf-8-sig"
    deals = exports["crm_opportunities.csv"].rows
    assert len(deals) == len(set(deals)) + 1
    assert any("31.12.9999" in row for row in deals)
    widths = [len(row) for row in rows(exports["quote_lines.csv"])]
    assert widths.count(widths[0] + 1) == 1
    assert any("#N/A" in row for row in exports["finance_months.csv"].rows)
    assert exports["mail_and_calendar.csv"].rows[-1][4].startswith("11/")


def test_time_sheets_have_eight_hours_a_day(exports: dict[str, Export]) -> None:
    """Whoever fills in a day fills in all of it."""
    hours: dict[tuple[str, str], float] = {}
    for login, day, amount, _code in exports["time_sheets.tsv"].rows:
        key = (login, day)
        hours[key] = hours.get(key, 0) + float(amount.replace(",", "."))
    assert set(hours.values()) == {8.0}


def test_a_row_with_a_delimiter_is_quoted() -> None:
    """Only lines that are meant to be broken are."""
    export = table("x.csv", "a|b", [("1,5", "x")])
    assert export.text() == 'a,b\r\n"1,5",x\r\n'


def test_amounts_and_days_are_written_as_germans_do() -> None:
    """Points divide thousands, a comma the cents."""
    assert german_euros(123456789) == "1.234.567,89"
    assert german_euros(-50) == "-0,50"
    assert german_day(AS_OF) == "13.11.2026"
