"""What a review puts before people."""

from pathlib import Path

from dealreview.model.outcome import Kind
from dealreview.reports.agenda import Agenda, healthy, needs_of, not_reviewed, worst
from dealreview.reports.names import NameBook
from tests.reports.shop import deal, reviewed, shop


def test_the_worst_come_first(tmp_path: Path) -> None:
    """Risk before watch before unrated; in a band, more money at stake comes first."""
    deals = [
        deal(1, "watch", payment_terms_days=45),
        deal(2, "risk", payment_terms_days=90, amount_minor=10_000),
        deal(3, "larger risk", payment_terms_days=90, amount_minor=20_000),
        deal(4, "unrated", payment_terms_days=None, hours_to_go=50.0),
        deal(5, "fine"),
    ]
    database = shop(tmp_path, *deals)
    review = reviewed(database)
    with database.read() as connection:
        agenda = Agenda(review, NameBook(connection))
        ids = [agenda.deals.base["id"][row] for row in agenda.to_talk_about]
    assert ids == ["crm:3", "crm:2", "crm:1", "crm:4"]


def test_what_is_healthy_is_on_no_agenda(tmp_path: Path) -> None:
    """A healthy account with a finding is told apart; of reps everybody with a finding is there."""
    database = shop(tmp_path)
    review = reviewed(database, "tests.reports.acme", "tests.reports.around")
    for kind in (Kind.ACCOUNT, Kind.TEAM):
        found = review.kinds[kind]
        bands = {row: found.bands[row] for row in (*worst(found), *healthy(found))}
        assert all(bands[row] != "healthy" for row in worst(found))
        assert all(bands[row] == "healthy" for row in healthy(found))
    assert worst(review.kinds[Kind.REP])


def test_among_equals_the_larger_deal_comes_first(tmp_path: Path) -> None:
    """Deals without money at stake are ordered by their amount, that of their lines if need be."""
    deals = [
        deal(1, "small", hours_to_go=50.0, payment_terms_days=None),
        deal(2, "lines", hours_to_go=50.0, payment_terms_days=None, amount_minor=None),
        deal(3, "no amount", hours_to_go=50.0, payment_terms_days=None, amount_minor=None),
        deal(4, "fine", payment_terms_days=5),
        deal(5, "fine and large", payment_terms_days=5, amount_minor=200_000_00),
    ]
    lines = [{"line_id": "l", "deal_id": "crm:2", "invoice_minor": 150_000_00}]
    database = shop(tmp_path, *deals, deal_lines=lines)
    with database.read() as connection:
        agenda = Agenda(reviewed(database), NameBook(connection))
        ids = agenda.deals.base["id"]
        assert [ids[row] for row in agenda.to_talk_about] == ["crm:2", "crm:1", "crm:3"]
        assert [ids[row] for row in agenda.going_well] == ["crm:5", "crm:4"]


def test_strengths_of_deals_at_risk_are_not_praised(tmp_path: Path) -> None:
    """Only deals that are not at risk go well, the strongest first."""
    deals = [
        deal(1, "good", payment_terms_days=5),
        deal(2, "fine"),
        deal(3, "good and busy", payment_terms_days=5, hours_to_go=90.0),
    ]
    database = shop(tmp_path, *deals)
    with database.read() as connection:
        agenda = Agenda(reviewed(database), NameBook(connection))
        assert [agenda.deals.base["id"][row] for row in agenda.going_well] == ["crm:1", "crm:3"]


def test_closed_deals_are_not_on_the_agenda(tmp_path: Path) -> None:
    """What is won or lost is history as long as any deal is open."""
    closed = deal(2, "won", stage_id="crm:won", closed_on="2026-11-01", payment_terms_days=90)
    database = shop(tmp_path, deal(1, "open", payment_terms_days=90), closed)
    with database.read() as connection:
        agenda = Agenda(reviewed(database), NameBook(connection))
        assert [agenda.deals.base["id"][row] for row in agenda.to_talk_about] == ["crm:1"]


def test_other_subjects_with_findings_are_listed(tmp_path: Path) -> None:
    """Of accounts everything with a watch or risk is there, and nothing else."""
    accounts = reviewed(shop(tmp_path)).kinds[Kind.ACCOUNT]
    assert [accounts.base["id"][row] for row in worst(accounts)] == ["crm:a2"]


def test_needs_are_told_table_by_table(tmp_path: Path) -> None:
    """What was not reviewed says which table, which columns and how many checks."""
    review = reviewed(shop(tmp_path))
    assert [(need.name, need.checks) for need in needs_of(review)] == [
        ("time_entries: hours", ("acme/diary",))
    ]
    assert not_reviewed(review) == ["acme/diary"]
