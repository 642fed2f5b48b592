"""A small company made by hand, and a pack of checks over it that nothing else changes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dealreview.engine.config import Config
from dealreview.engine.run import Request, review_database
from dealreview.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review

AS_OF = dt.date(2026, 11, 14)
MODULE = "tests.reports.acme"
Rows = dict[str, list[dict[str, Any]]]

EUR = 100
PEOPLE = [
    {"person_id": "crm:p1", "name": "Tomasz Wilk", "role": "rep", "team_id": "crm:t1"},
    {"person_id": "crm:p2", "name": "Ines Duarte", "role": "rep", "team_id": "crm:t1"},
]
PEOPLE[0]["weekly_hours"] = 20.0
STAGES = [
    {"stage_id": "crm:s4", "name": "Proposal", "position": 4, "kind": "open", "milestone": 4},
    {"stage_id": "crm:won", "name": "Won", "position": 9, "kind": "won"},
]
SHOP: Rows = {
    "teams": [{"team_id": "crm:t1", "name": "North"}],
    "people": PEOPLE,
    "stages": STAGES,
    "accounts": [
        {"account_id": "crm:a1", "name": "Harrow Castings", "employees": 900},
        {"account_id": "crm:a2", "name": "Lindqvist Post", "employees": 4},
    ],
    "deals": [],
}


def deal(number: int, name: str, **cells: Any) -> dict[str, Any]:
    """Return an open deal that is all right but for the given cells."""
    return {
        "deal_id": f"crm:{number}",
        "account_id": "crm:a1",
        "name": name,
        "stage_id": "crm:s4",
        "owner_id": "crm:p1",
        "amount_minor": 100_000 * EUR,
        "currency": "EUR",
        "created_on": "2026-10-01",
        "expected_close_on": "2026-12-11",
        "payment_terms_days": 20,
        "hours_to_go": 5.0,
    } | cells


DEALS = [
    deal(1, "Line 4 controls", amount_minor=286_000 * EUR, payment_terms_days=90, hours_to_go=40.0),
    deal(2, "Cold-chain retrofit", owner_id="crm:p2", payment_terms_days=45),
    deal(3, "Sorting hall", account_id="crm:a2", payment_terms_days=5),
    deal(4, "Service renewal", payment_terms_days=None, hours_to_go=None),
    deal(5, "Old press", stage_id="crm:won", closed_on="2026-10-20", payment_terms_days=75),
]


def shop(path: Path, *deals: dict[str, Any], **tables: list[dict[str, Any]]) -> Database:
    """Return a database of the company with these deals, else the usual ones."""
    database = Database.open(path / "shop.db", create=True)
    rows = SHOP | {"deals": list(deals) or DEALS} | tables
    with database.write() as connection:
        for table, records in rows.items():
            for record in records:
                names, marks = ", ".join(record), ", ".join("?" * len(record))
                query = f"INSERT INTO {table} ({names}) VALUES ({marks})"
                connection.execute(query, list(record.values()))
    return database


def reviewed(database: Database, *modules: str, as_of: dt.date = AS_OF, **config: Any) -> Review:
    """Return the review of a database by the company's own checks."""
    settings = Config(autoload=False, **config)
    packs = modules or (MODULE,)
    select = sorted({module.rpartition(".")[2] for module in packs})
    return review_database(database, Request(as_of, settings, select, modules=packs))
