"""Halden Pumps, an invented maker of pump systems, as of 16 May 2025: a worked example.

Amounts are euros in cents. Everything is recorded since 1 January 2023.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import AS_OF

Row = dict[str, Any]
EUR = 100
NOON = dt.datetime(2025, 5, 16, 12, tzinfo=dt.UTC)

ACCOUNTS = (("A1", "Brandt Foods"), ("A2", "Lindqvist Marine"), ("A3", "Orsini Textiles"))
YEAR = {  # revenue, cost of goods, service minutes
    "A1": (1_200_000, 996_000, 302_500),
    "A2": (400_000, 180_000, 55_000),
    "A3": (250_000, 170_000, 70_000),
}
STAGES = (("evaluation", 3, "open"), ("proposal", 4, "open"), ("negotiation", 5, "open"))
DEALS = (  # id, account, owner, stage, amount, first quote, close, cost to serve
    ("D1", "A1", "ana", "negotiation", 140_000, "2025-03-20", "2025-05-30", 16_200),
    ("D2", "A2", "ben", "proposal", 84_000, "2025-03-28", "2025-06-20", 8_400),
    ("D3", "A3", "ben", "evaluation", 65_000, None, "2025-09-30", 4_000),
    ("D4", "A2", "ben", "won", 30_000, "2025-04-01", None, 3_000),
)
LINES = {  # list, invoice, cost
    "D1": (160_000, 140_000, 94_500),
    "D2": (90_000, 84_000, 37_800),
    "D3": (65_000, 65_000, 21_000),
    "D4": (30_000, 30_000, 13_500),
}
PEOPLE = {  # deal, contact: days since the last two-way event
    ("D1", "lang"): 7,
    ("D1", "weiss"): 21,
    ("D1", "roth"): 60,
    ("D1", "ek"): None,
    ("D2", "mori"): 17,
    ("D2", "dahl"): 70,
    ("D2", "vik"): 58,
}
HOURS = {  # operations, prospecting, selling, other: of four weeks
    "ana": (38.0, 10.0, 54.0, 50.0),
    "ben": (4.0, 20.0, 76.0, 52.0),
}
CATEGORIES = ("operations", "prospecting", "selling", "internal")


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _months() -> tuple[list[Row], list[Row]]:
    """Spread the year's money over its twelve months; what does not divide goes to the last."""
    ledger, service = [], []
    months = [dt.date(2024 + (m > 11), m % 12 + 1, 1) for m in range(4, 16)]
    for account, (revenue, cost, minutes) in YEAR.items():
        for month, (r, c, s) in zip(
            months,
            zip(_parts(revenue * EUR), _parts(cost * EUR), _parts(minutes * 80), strict=True),
            strict=True,
        ):
            ledger.append(
                {
                    "account_id": account,
                    "month": month,
                    "revenue_minor": r,
                    "off_invoice_minor": 0,
                    "cost_of_goods_minor": c,
                    "currency": "EUR",
                }
            )
            service.append(
                {
                    "account_id": account,
                    "month": month,
                    "pool": "support",
                    "cost_minor": s,
                    "currency": "EUR",
                }
            )
    return ledger, service


def _parts(total: int) -> list[int]:
    part = total // 12
    return [part] * 11 + [total - 11 * part]


def _conversations() -> dict[str, list[Row]]:
    account = {deal: row[1] for deal, *row in ((d[0], *d) for d in DEALS)}
    contacts, activities, attendees = [], [], []
    for (deal, contact), ago in PEOPLE.items():
        contacts.append({"contact_id": contact, "account_id": account[deal]})
        if ago is not None:
            key = f"talk-{contact}"
            at = NOON - dt.timedelta(days=ago)
            activities.append(
                {"activity_id": key, "deal_id": deal, "kind": "meeting", "status": "held", "at": at}
            )
            attendees.append(
                {"activity_id": key, "attendee_id": contact, "side": "buyer", "attended": True}
            )
    return {"contacts": contacts, "activities": activities, "activity_attendees": attendees}


def _time() -> list[Row]:
    """Spread four weeks of hours over their Mondays; before them, Ana sells 20 hours a week."""
    entries = []
    for person, parts in HOURS.items():
        for week in range(4):
            day = dt.date(2025, 4, 14) + dt.timedelta(days=7 * week)
            for category, hours in zip(CATEGORIES, parts, strict=True):
                entries += _split(person, day, hours / 4, category)
    for week in range(1, 13):
        monday = dt.date(2025, 4, 14) - dt.timedelta(days=7 * week)
        entries += _split("ana", monday, 20.0, "selling") + _split("ana", monday, 16.0, "internal")
    return [{"entry_id": str(number), **entry} for number, entry in enumerate(entries)]


def _split(person: str, monday: dt.date, hours: float, category: str) -> list[Row]:
    days = [monday, monday + dt.timedelta(days=1)]
    return [
        {"person_id": person, "day": day, "hours": hours / 2, "category": category} for day in days
    ]


def halden() -> dict[str, list[Row]]:
    """Return the tables of the worked example, fresh rows each time."""
    ledger, service = _months()
    return {
        "accounts": [
            {
                "account_id": key,
                "name": name,
                "is_key": key == "A1",
                "first_revenue_on": dt.date(2016, 3, 1),
                "employees": 200,
            }
            for key, name in ACCOUNTS
        ],
        "people": [
            {
                "person_id": p,
                "name": p.title(),
                "role": "rep",
                "team_id": "north",
                "weekly_hours": 40.0,
            }
            for p in HOURS
        ],
        "teams": [{"team_id": "north", "name": "North"}],
        "stages": [
            {
                "stage_id": name,
                "name": name.title(),
                "pipeline_id": "p",
                "kind": kind,
                "milestone": milestone,
            }
            for name, milestone, kind in (*STAGES, ("won", None, "won"))
        ],
        "deals": [
            {
                "deal_id": deal,
                "account_id": account,
                "owner_id": owner,
                "stage_id": stage,
                "amount_minor": amount * EUR,
                "currency": "EUR",
                "created_on": dt.date(2025, 2, 3),
                "closed_on": dt.date(2025, 5, 7) if stage == "won" else None,
                "first_quote_on": _day(quote),
                "expected_close_on": _day(close),
                "cost_to_serve_minor": serve * EUR,
            }
            for deal, account, owner, stage, amount, quote, close, serve in DEALS
        ],
        "deal_lines": [
            {
                "line_id": f"{deal}-1",
                "deal_id": deal,
                "list_minor": listed * EUR,
                "invoice_minor": invoiced * EUR,
                "cost_minor": cost * EUR,
                "period": "one_off",
            }
            for deal, (listed, invoiced, cost) in LINES.items()
        ],
        "price_steps": [
            _step("D1", "on_invoice", "negotiated", 20_000),
            _step("D1", "off_invoice", "freight", 5_000),
            _step("D2", "on_invoice", "volume", 6_000),
        ],
        "account_months": ledger,
        "service_costs": service,
        "time_entries": _time(),
        **_conversations(),
    }


def _step(deal: str, place: str, kind: str, amount: int) -> Row:
    return {
        "step_id": f"{deal}-{kind}",
        "deal_id": deal,
        "place": place,
        "kind": kind,
        "amount_minor": amount * EUR,
        "period": "one_off",
        "given_on": dt.date(2025, 4, 4),
    }


LISTED = (  # deal, contact, roles, influence, stance
    ("D1", "lang", ("evaluator",), 2, 2),
    ("D1", "weiss", ("user",), 1, 1),
    ("D1", "roth", ("finance",), 3, -1),
    ("D1", "ek", ("decision_maker",), 3, None),
    ("D2", "mori", ("evaluator", "user"), 2, 2),
    ("D2", "dahl", ("finance",), 2, -1),
    ("D2", "vik", ("technical",), 1, 1),
)
NUDGES = (  # day, kind, status
    ("2025-04-22", "email", None),
    ("2025-04-29", "email", None),
    ("2025-05-06", "call", "unanswered"),
    ("2025-05-06", "email", None),
    ("2025-05-13", "email", None),
)


def with_stakeholders(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Add who stands where, how far each purchase reaches, what was asked, and signed deals of before."""
    scopes = {"D1": "enterprise", "D2": "department", "D3": "team", "D4": "team"}
    for deal in rows["deals"]:
        deal["scope"] = scopes[deal["deal_id"]]
    rows["stakeholders"] = [
        {"deal_id": deal, "contact_id": contact, "influence": influence, "stance": stance}
        for deal, contact, _roles, influence, stance in LISTED
    ]
    rows["stakeholder_roles"] = [
        {"deal_id": deal, "contact_id": contact, "role": role}
        for deal, contact, roles, *_rest in LISTED
        for role in roles
    ]
    rows["commitments"] = [
        {
            "commitment_id": "ask",
            "deal_id": "D2",
            "side": "buyer",
            "contact_id": "mori",
            "what": "take the proposal to Ms Berg",
            "asked_on": dt.date(2025, 4, 14),
            "status": "asked",
        }
    ]
    for number, (day, kind, status) in enumerate(NUDGES):
        key, at = f"nudge-{number}", dt.datetime.fromisoformat(f"{day}T10:00:00+00:00")
        nudge = {"activity_id": key, "deal_id": "D2", "kind": kind, "status": status, "at": at}
        rows["activities"].append({**nudge, "direction": "outbound"})
        rows["activity_attendees"].append(
            {"activity_id": key, "attendee_id": "mori", "side": "buyer", "attended": None}
        )
    closed = {"account_id": "A3", "stage_id": "won", "created_on": dt.date(2024, 9, 2)}
    rows["deals"] += [
        {
            "deal_id": f"W{n}",
            **closed,
            "closed_on": dt.date(2024, 11, 4),
            "signed_on": dt.date(2024, 11, 6) if n < 6 else None,
        }
        for n in range(9)
    ]
    return rows


def with_diversion() -> dict[str, list[Row]]:
    """Return the worked example with the diversion of March and the twelve weeks before it.

    In these Ana and Ben created 12 opportunities in 480 hours of prospecting and selling: the four
    deals, one that was open when it began and is lost since, and seven that were lost before.
    """
    rows = halden()
    rows["diversions"] = [
        {
            "diversion_id": "V1",
            "team_id": "north",
            "from_on": dt.date(2025, 3, 10),
            "to_on": dt.date(2025, 3, 14),
            "hours_per_day": 8.0,
        }
    ]
    rows["stages"].append(
        {"stage_id": "lost", "name": "Lost", "pipeline_id": "p", "kind": "lost", "milestone": None}
    )
    rows["deals"] += [
        _lost(f"E{n}", "ben" if n % 2 else "ana", dt.date(2025, 3, 3) if n else dt.date(2025, 4, 2))
        for n in range(8)
    ]
    weeks = [dt.date(2024, 12, 16) + dt.timedelta(days=7 * week) for week in range(12)]
    extra = [entry for monday in weeks[:5] for entry in _split("ana", monday, 20.0, "selling")]
    extra += [entry for monday in weeks for entry in _split("ben", monday, 20.0, "prospecting")]
    rows["time_entries"] += [{"entry_id": f"v{n}", **entry} for n, entry in enumerate(extra)]
    return rows


def _lost(deal: str, owner: str, closed: dt.date) -> Row:
    return {
        "deal_id": deal,
        "account_id": "A3",
        "owner_id": owner,
        "stage_id": "lost",
        "amount_minor": 21_000 * EUR,
        "currency": "EUR",
        "created_on": dt.date(2025, 1, 13),
        "closed_on": closed,
    }


__all__ = ["AS_OF", "halden", "with_diversion", "with_stakeholders"]
