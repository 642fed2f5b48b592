"""A company of any size in a database, the same for the same seed, written by SQLite itself.

    python -m benchmarks.generate --deals 100000 --seed 1 big.db

For N deals there are N/5 accounts, N contacts, 3N positions, 4N stakeholders, 10N activities,
N rows of service cost and N weekly time entries. SQLite makes the rows from their numbers, so that
none passes through Python: a million deals take minutes, and no memory to speak of.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.company import AS_OF, STAGES
from dealreview.store.database import Database
from dealreview.store.schema import TABLES

DEALS_AN_ACCOUNT, DEALS_A_REP, REPS_A_TEAM, WEEKS = 5, 250, 8, 50
_PRIME = 2_147_483_647
"""Below 2 to the 31st, so that the square of a number below it still is an integer of SQLite."""


def generate(path: Path, deals: int, seed: int = 1) -> None:
    """Write a database with so many deals, ten at least; about one in four is open.

    The rows are not in the change log: they count as what has been there from the start.
    """
    database = Database.open(path, create=True)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        connection.execute("BEGIN IMMEDIATE")
        later = _set_aside(connection)
        for table, cells, count in _company(deals, seed):
            _fill(connection, table, cells, count)
        for statement in later:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_aside(connection: sqlite3.Connection) -> list[str]:
    """Drop triggers and indexes, and return the statements that make them again."""
    query = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index')"
    found = [row for row in connection.execute(query) if row[2]]
    for kind, name, _ in found:
        connection.execute(f'DROP {kind} "{name}"')
    return [sql for _, _, sql in found]


def _fill(connection: sqlite3.Connection, table: str, cells: dict[str, str], count: int) -> None:
    """Insert rows whose cells are expressions over their number ``n``, which starts at 0."""
    # Counts and names of this module, never what somebody typed.
    numbers = (
        f"WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < {count})"  # noqa: S608
    )
    cells = cells | {"source_row": f"'{table}.csv:' || (n + 2)"}
    values = ", ".join(cells.values())
    query = f"INSERT INTO {table} ({', '.join(cells)}) {numbers} SELECT {values} FROM c"  # noqa: S608
    connection.execute(query)


class _Dice:
    """Random numbers of a row as SQL, by seed, row and purpose."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.throws = 0

    def below(self, limit: int, row: str = "n") -> str:
        """Return an expression for a number from 0 to under a limit, by the number of a row."""
        self.throws += 1
        factor = (self.throws * 742_938_285 + 1) % _PRIME
        shift = (self.seed * 950_706_376 + self.throws * 1_226_874_159) % _PRIME
        mixed = f"((({row}) * {factor} % {_PRIME}) + {shift}) % {_PRIME}"
        # Squaring breaks the line on which neighbours would lie.
        return f"((({mixed}) * ({mixed})) % {_PRIME} / 64 % {limit})"

    def of(self, *values: str | None, row: str = "n") -> str:
        """Return an expression for one of some values, each as likely as the others."""
        thrown = self.below(len(values), row)
        cases = " ".join(f"WHEN {i} THEN {_text(value)}" for i, value in enumerate(values))
        return f"CASE {thrown} {cases} END"

    def ago(self, days: int, least: int = 0) -> str:
        """Return an expression for a day before the review's date."""
        return f"date('{AS_OF}', '-' || ({least} + {self.below(days)}) || ' days')"


def _text(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


def _key(letter: str, number: str = "n", digits: int = 7) -> str:
    """Return an expression for an id; with leading zeros, so that rows come in the order of keys."""
    return f"printf('crm:{letter}%0{digits}d', {number})"


Filling = tuple[str, dict[str, str], int]


def _company(deals: int, seed: int) -> list[Filling]:
    dice = _Dice(seed)
    accounts, reps = max(deals // DEALS_AN_ACCOUNT, 1), max(deals // DEALS_A_REP, 1)
    people = _people(dice, reps, deals)
    return [
        *people,
        *_accounts(dice, accounts, deals, reps),
        *_deals(dice, deals, accounts, reps),
        *_events(dice, deals),
        *_feeds(),
    ]


def _people(dice: _Dice, reps: int, deals: int) -> list[Filling]:
    stages = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate((*STAGES, "Won", "Lost")))
    kind = "CASE n WHEN 6 THEN 'won' WHEN 7 THEN 'lost' ELSE 'open' END"
    stage = {"stage_id": "'s' || n", "name": f"CASE n {stages} END", "position": "n", "kind": kind}
    team = {"team_id": _key("t"), "name": "'Team ' || n"}
    rep = {
        "person_id": _key("p"),
        "name": "'Rep ' || n",
        "role": "'rep'",
        "team_id": _key("t", f"n / {REPS_A_TEAM}"),
        "weekly_hours": "40.0",
        "hourly_cost_minor": f"4000 + {dice.below(6000)}",
        "currency": "'EUR'",
        "max_discount_ratio": "0.15",
    }
    entry = {
        "entry_id": _key("w"),
        "person_id": _key("p", f"n % {reps}"),
        "day": f"date('{AS_OF}', '-' || (n / {reps} % {WEEKS} * 7 + 2) || ' days')",
        "hours": f"1.0 + {dice.below(80)} / 10.0",
        "category": dice.of("selling", "selling", "operations", "internal", "account_care"),
    }
    return [
        ("stages", stage | {"milestone": "CASE WHEN n < 6 THEN n + 1 END"}, 8),
        ("teams", team, reps // REPS_A_TEAM + 1),
        ("people", rep, reps),
        ("time_entries", entry, deals),
    ]


def _accounts(dice: _Dice, accounts: int, deals: int, reps: int) -> list[Filling]:
    account = {
        "account_id": _key("a"),
        # One in ten belongs to another, which stands alone.
        "parent_account_id": f"CASE WHEN n % 10 = 9 THEN {_key('a', 'n - 9')} END",
        "name": "'Account ' || n",
        "segment": dice.of("large", "medium", "small"),
        "country": dice.of("DE", "FR", "AT", "US"),
        "employees": f"5 + {dice.below(5000)}",
        "owner_id": _key("p", dice.below(reps)),
        "is_key": f"{dice.below(12)} = 0",
    }
    contact = {
        "contact_id": _key("c"),
        "account_id": _key("a", f"n % {accounts}"),
        "name": "'Contact ' || n",
        "job_title": dice.of("Buyer", "Plant manager", "Head of IT", "CFO", None),
    }
    cost = {
        "account_id": _key("a", "n / 5"),
        "month": "printf('2026-%02d-01', 6 + n % 5)",
        "pool": dice.of("support", "delivery", "account_care"),
        "minutes": f"10.0 + {dice.below(600)}",
        "cost_minor": f"1000 + {dice.below(90000)}",
        "currency": "'EUR'",
    }
    revenue = f"100000 + {dice.below(4_900_000)}"
    month = {
        "account_id": _key("a", "n / 12 * 3"),
        "month": "CASE WHEN n % 12 < 2 THEN printf('2025-%02d-01', 11 + n % 12) "
        "ELSE printf('2026-%02d-01', n % 12 - 1) END",
        "list_minor": f"({revenue}) * 5 / 4",
        "revenue_minor": revenue,
        "off_invoice_minor": dice.below(20_000),
        "cost_of_goods_minor": f"({revenue}) * (40 + {dice.below(60)}) / 100",
        "currency": "'EUR'",
    }
    return [
        ("accounts", account, accounts),
        ("contacts", contact, deals),
        ("service_costs", cost, accounts * 5),
        ("account_months", month, (accounts + 2) // 3 * 12),
    ]


def _deals(dice: _Dice, deals: int, accounts: int, reps: int) -> list[Filling]:
    is_open = "n * 7 % 4 = 0"
    amount = f"500000 + {dice.below(49_500_000)}"
    deal = {
        "deal_id": _key("d"),
        "account_id": _key("a", f"n % {accounts}"),
        "name": "'Deal ' || n",
        "stage_id": f"CASE WHEN {is_open} THEN 's' || {dice.below(6)} "
        f"ELSE 's' || (6 + {dice.below(2)}) END",
        "owner_id": _key("p", dice.below(reps)),
        "amount_minor": amount,
        "currency": "'EUR'",
        "created_on": dice.ago(500, 250),
        "closed_on": f"CASE WHEN NOT ({is_open}) THEN {dice.ago(240)} END",
        "expected_close_on": f"date('{AS_OF}', ({dice.below(150)} - 30) || ' days')",
        "forecast_category": dice.of("pipeline", "best_case", "commit"),
        "term_months": dice.of("12", "24", "36", None),
        "reference_minor": f"CASE WHEN n % 3 > 0 THEN ({amount}) * 9 / 10 END",
        "reference_kind": "CASE WHEN n % 3 > 0 THEN 'competitor' END",
        "payment_terms_days": dice.of("14", "30", "60"),
    }
    each = f"100000 + {dice.below(9_000_000)}"
    line = {
        "line_id": _key("l"),
        "deal_id": _key("d", "n / 3"),
        "product": dice.of("Pump", "Valve", "Service", "Spare parts"),
        "quantity": f"1.0 + {dice.below(20)}",
        "list_minor": f"({each}) * (100 + {dice.below(50)}) / 100",
        "invoice_minor": each,
        "cost_minor": f"({each}) * (40 + {dice.below(55)}) / 100",
        "period": "'one_off'",
    }
    approval = {
        "approval_id": _key("v"),
        "deal_id": _key("d", "n * 5"),
        "approver_id": _key("p", dice.below(reps)),
        "decision": dice.of("approved", "approved", "pending", "rejected"),
        "requested_on": dice.ago(200, 5),
    }
    return [
        ("deals", deal, deals),
        ("deal_lines", line, deals * 3),
        ("approvals", approval, (deals + 4) // 5),
        *_stakeholders(dice, deals),
    ]


def _stakeholders(dice: _Dice, deals: int) -> list[Filling]:
    judged = {
        "influence": f"1 + {dice.below(3)}",
        "stance": f"{dice.below(5)} - 2",
        "stance_on": dice.ago(200),
    }
    role = dice.of("approver", "champion", "evaluator", "user", "decision_maker")
    return [
        ("stakeholders", _pair("n", deals) | judged, deals * 4),
        # Every second one has a role.
        ("stakeholder_roles", _pair("(n * 2)", deals) | {"role": role}, deals * 2),
    ]


def _pair(number: str, deals: int) -> dict[str, str]:
    """Return a deal and one of the contacts of its account, four in a row for each deal."""
    accounts = max(deals // DEALS_AN_ACCOUNT, 1)
    contact = f"({number} / 4 + {number} % 4 * {accounts}) % {deals}"
    return {"deal_id": _key("d", f"{number} / 4"), "contact_id": _key("c", contact)}


def _events(dice: _Dice, deals: int) -> list[Filling]:
    event = {
        "activity_id": _key("e", digits=8),
        "account_id": _key("a", f"n / 10 % {max(deals // DEALS_AN_ACCOUNT, 1)}"),
        "deal_id": _key("d", "n / 10"),
        "kind": dice.of("email", "email", "call", "meeting"),
        "direction": dice.of("inbound", "outbound", "outbound"),
        "status": dice.of("held", "held", "answered", "unanswered", "planned"),
        "at": f"{dice.ago(400)} || 'T09:00:00Z'",
        "duration_min": f"5 * {dice.below(20)}",
        "person_id": _key("p", f"n / 10 % {max(deals // DEALS_A_REP, 1)}"),
    }
    return [("activities", event, deals * 10)]


def _feeds() -> list[Filling]:
    """Say that every table is recorded for three years, those without rows excepted."""
    filled = (
        "accounts account_months activities approvals contacts deal_lines deals people "
        "service_costs stages stakeholder_roles stakeholders teams time_entries"
    )
    names = [name for name in TABLES if name in filled.split()]
    cases = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(names))
    feed = {
        "table_name": f"CASE n {cases} END",
        "scope": "'all'",
        "covers_from": f"date('{AS_OF}', '-3 years')",
        "covers_to": f"'{AS_OF}'",
    }
    return [("feeds", feed, len(names))]


def main() -> None:
    """Write a database and say how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path, help="File to write; there must be none yet.")
    parser.add_argument("--deals", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    given = parser.parse_args()
    if given.database.exists():
        raise SystemExit(f"{given.database} is there already.")
    start = time.perf_counter()
    generate(given.database, given.deals, given.seed)
    took, size = time.perf_counter() - start, given.database.stat().st_size
    print(f"{given.database}: {given.deals:,} deals, {size / 1e6:,.0f} MB, {took:.1f} s")


if __name__ == "__main__":
    main()
