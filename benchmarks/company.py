"""A generated company of any size, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from dealreview.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AS_OF = dt.date(2026, 11, 13)
STAGES = ("Discovery", "Qualification", "Evaluation", "Proposal", "Negotiation", "Verbal yes")
ROLES = ("approver", "champion", "evaluator", "user", "decision_maker")
SHARE_OPEN = 0.25
DEALS_A_REP, DEALS_AN_ACCOUNT, CONTACTS_AN_ACCOUNT = 25, 6, 4
Rows = dict[str, list[dict[str, Any]]]


def make_company(path: Path, deals: int, seed: int = 1) -> None:
    """Write a database with so many deals, a quarter of them open."""
    rng = random.Random(seed)  # noqa: S311 - invented data, not a secret
    people = list(_people(rng, max(deals // DEALS_A_REP, 2)))
    accounts = [
        {"account_id": f"a{n}", "name": f"Account {n}", "employees": rng.randrange(5, 5000)}
        for n in range(max(deals // DEALS_AN_ACCOUNT, 1))
    ]
    rows: Rows = {
        "teams": [{"team_id": f"t{n}", "name": f"Team {n}"} for n in range(len(people) // 8 + 1)],
        "people": people,
        "stages": list(_stages()),
        "accounts": accounts,
        "contacts": list(_contacts(rng, accounts)),
        "account_months": [row for one in accounts for row in _months(rng, one)],
        "time_entries": [row for one in people for row in _weeks(rng, one)],
        "deals": [_deal(rng, n, accounts, people) for n in range(deals)],
    }
    for one in rows["deals"]:
        for table, found in _of_deal(rng, one).items():
            rows.setdefault(table, []).extend(found)
    _write(path, rows)


def _write(path: Path, rows: Rows) -> None:
    with Database.open(path, create=True).write() as connection:
        for table, records in rows.items():
            names = list(dict.fromkeys(name for record in records for name in record))
            marks = ", ".join("?" * len(names))
            query = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
            connection.executemany(query, ([one.get(name) for name in names] for one in records))


def _people(rng: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        weekly = rng.choice((32.0, 40.0))
        team = f"t{n // 8}"
        yield {"person_id": f"p{n}", "name": f"Rep {n}", "role": "rep", "team_id": team} | {
            "weekly_hours": weekly
        }


def _stages() -> Iterator[dict[str, Any]]:
    for n, name in enumerate(STAGES, 1):
        yield {"stage_id": f"s{n}", "name": name, "position": n, "kind": "open", "milestone": n}
    yield {"stage_id": "won", "name": "Won", "position": 8, "kind": "won"}
    yield {"stage_id": "lost", "name": "Lost", "position": 9, "kind": "lost"}


def _contacts(rng: random.Random, accounts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for account in accounts:
        for n in range(CONTACTS_AN_ACCOUNT):
            key = f"{account['account_id']}c{n}"
            title = rng.choice(("Buyer", "Plant manager", "Head of IT", None))
            yield {"contact_id": key, "account_id": account["account_id"]} | {
                "name": f"Contact {key}",
                "job_title": title,
            }


def _months(rng: random.Random, account: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for n in range(1, 13):
        year, month = (2025, n + 10) if n < 3 else (2026, n - 2)
        revenue = rng.randrange(100_000, 5_000_000)
        yield {
            "account_id": account["account_id"],
            "month": f"{year}-{month:02}-01",
            "revenue_minor": revenue,
            "cost_of_goods_minor": round(revenue * rng.uniform(0.4, 1.05)),
            "currency": "EUR",
        }


def _weeks(rng: random.Random, person: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for week in range(16):
        for category, hours in (("selling", 9), ("operations", 6), ("internal", 4)):
            day = AS_OF - dt.timedelta(days=7 * week + 2)
            key = f"{person['person_id']}-{week}-{category}"
            yield {"entry_id": key, "person_id": person["person_id"], "day": day.isoformat()} | {
                "hours": round(hours * rng.uniform(0.4, 1.6), 1),
                "category": category,
            }


def _deal(
    rng: random.Random, n: int, accounts: list[dict[str, Any]], people: list[dict[str, Any]]
) -> dict[str, Any]:
    is_open = rng.random() < SHARE_OPEN
    created = AS_OF - dt.timedelta(days=rng.randrange(20, 700))
    closed = min(created + dt.timedelta(days=rng.randrange(15, 250)), AS_OF)
    expected = AS_OF + dt.timedelta(days=rng.randrange(-30, 120))
    stage = f"s{rng.randrange(1, 7)}" if is_open else rng.choice(("won", "lost"))
    return {
        "deal_id": f"d{n}",
        "account_id": rng.choice(accounts)["account_id"],
        "owner_id": rng.choice(people)["person_id"],
        "name": f"Deal {n}",
        "stage_id": stage,
        "amount_minor": rng.randrange(500_000, 50_000_000),
        "currency": "EUR",
        "created_on": created.isoformat(),
        "expected_close_on": expected.isoformat() if rng.random() < 0.95 else None,
        "closed_on": None if is_open else closed.isoformat(),
    }


def _of_deal(rng: random.Random, deal: dict[str, Any]) -> Rows:
    key, amount = deal["deal_id"], deal["amount_minor"]
    people = [f"{deal['account_id']}c{n}" for n in range(rng.randrange(1, CONTACTS_AN_ACCOUNT + 1))]
    line = {"line_id": f"{key}l", "deal_id": key, "invoice_minor": amount}
    line |= {
        "list_minor": round(amount * rng.uniform(1.0, 1.5)),
        "cost_minor": round(amount * rng.uniform(0.4, 0.95)) if rng.random() < 0.9 else None,
    }
    last = dt.date.fromisoformat(deal["closed_on"] or AS_OF.isoformat())
    found: Rows = {"deal_lines": [line], "stakeholders": [], "stakeholder_roles": []}
    for one in people:
        pair = {"deal_id": key, "contact_id": one}
        found["stakeholders"].append(pair)
        found["stakeholder_roles"].append(pair | {"role": rng.choice(ROLES)})
    return found | _contacted(rng, deal, people, last)


def _contacted(rng: random.Random, deal: dict[str, Any], people: list[str], last: dt.date) -> Rows:
    found: Rows = {"activities": [], "activity_attendees": []}
    for n in range(rng.randrange(1, 8)):
        key, day = f"{deal['deal_id']}e{n}", last - dt.timedelta(days=rng.randrange(0, 120))
        event = {"activity_id": key, "deal_id": deal["deal_id"], "status": "held"}
        event |= {"kind": rng.choice(("call", "meeting")), "at": f"{day}T09:00:00Z"}
        found["activities"].append(event)
        found["activity_attendees"].append(
            {"activity_id": key, "attendee_id": rng.choice(people), "side": "buyer"}
        )
    return found
