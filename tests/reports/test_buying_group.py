"""The people on the customer's side."""

import datetime as dt
from pathlib import Path
from typing import Any

from dealreview.reports.buying_group import Member, members
from dealreview.reports.names import NameBook
from tests.reports.shop import deal, shop

DAY = dt.date(2026, 11, 14)
CONTACTS: list[dict[str, Any]] = [
    {"contact_id": "c1", "name": "Ada", "job_title": "CFO"},
    {"contact_id": "c2", "name": "Bob"},
    {"contact_id": "c3", "name": "Cyd", "left_on": "2026-11-01"},
    {"contact_id": "c4", "name": "Dan"},
]
NAMED: list[dict[str, Any]] = [
    {"deal_id": "crm:1", "contact_id": "c1"},
    {"deal_id": "crm:1", "contact_id": "c2", "external_adviser": 1},
    {"deal_id": "crm:1", "contact_id": "c3"},
]
ROLES: list[dict[str, Any]] = [
    {"deal_id": "crm:1", "contact_id": "c1", "role": "user"},
    {"deal_id": "crm:1", "contact_id": "c1", "role": "decision_maker"},
    {"deal_id": "crm:1", "contact_id": "c2", "role": "evaluator", "gone_on": "2026-11-02"},
]


def group(path: Path, day: dt.date = DAY, **facts: Any) -> tuple[Member, ...]:
    """Return the people of the one deal."""
    tables = {"contacts": CONTACTS, "stakeholders": NAMED, "stakeholder_roles": ROLES}
    database = shop(path, deal(1, "Line"), **tables)
    with database.read() as connection:
        return members(NameBook(connection), "crm:1", day, facts)


def test_who_decides_comes_first(tmp_path: Path) -> None:
    """People come by role, those who have left last; roles are in words."""
    found = group(tmp_path)
    assert [(one.name, one.roles) for one in found] == [
        ("Ada", ("decision maker", "user")),
        ("Bob", ()),
        ("Cyd", ()),
    ]
    assert [(one.title, one.adviser, one.left) for one in found] == [
        ("CFO", False, False),
        ("", True, False),
        ("", False, True),
    ]


def test_the_day_decides_who_is_there(tmp_path: Path) -> None:
    """Before the day on which a role went and a person left, both are still there."""
    found = group(tmp_path, dt.date(2026, 10, 1))
    assert {one.name: (one.roles, one.left) for one in found}["Bob"] == (("evaluator",), False)
    assert not any(one.left for one in found)


def test_who_talks_with_us_is_there_without_a_role(tmp_path: Path) -> None:
    """Engaged people that nobody named are in the list; the others are silent."""
    facts = {"engaged_contact_ids": ["c4", "c1"], "engaged_contacts_lo": 2}
    found = group(tmp_path, **facts, engaged_contacts_hi=2)
    assert {one.name: one.engaged for one in found} == {
        "Ada": True,
        "Bob": False,
        "Cyd": False,
        "Dan": True,
    }


def test_nobody_is_called_silent_where_not_all_was_seen(tmp_path: Path) -> None:
    """Without a complete record contact is unknown, not absent."""
    facts = {"engaged_contact_ids": ["c1"], "engaged_contacts_lo": 1}
    for end in ({"engaged_contacts_hi": None}, {"engaged_contacts_hi": 3}):
        folder = tmp_path / str(end["engaged_contacts_hi"])
        folder.mkdir()
        found = group(folder, **facts, **end)
        assert {one.name: one.engaged for one in found}["Bob"] is None
