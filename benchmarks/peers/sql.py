"""The reference work in SQL, inside SQLite; whole, and for what has changed only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks import work
from benchmarks.company import AS_OF
from benchmarks.work import CHECKS, FINDINGS, SCORECARDS, STATUSES, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.child import Laps

COVERING = (
    "activities (deal_id, status, at)",
    "deal_lines (deal_id, invoice_minor, list_minor, cost_minor)",
    "stakeholders (deal_id, contact_id, stance, stance_on)",
    "stakeholder_roles (deal_id, contact_id, role)",
    "approvals (deal_id, decision, requested_on)",
    "account_months (account_id, month, revenue_minor, off_invoice_minor, cost_of_goods_minor)",
    "service_costs (account_id, month, cost_minor)",
    "time_entries (person_id, day, category, hours)",
)
"""Indexes that hold every column which the work reads of the large tables."""

_POINTS = " ".join(f"WHEN '{role}' THEN {points}" for role, points in work.ROLE_POINTS.items())
_HEARD = ", ".join(f"'{status}'" for status in work.HEARD)
_MONTHS = f"month BETWEEN '{work.MONTHS_FROM}' AND '{work.MONTHS_TO}'"
_TENTHS = "CAST(round(hours * 10) AS INTEGER)"

STATEMENT = """
WITH dated AS (
  SELECT deal_id, account_id, owner_id, stage_id, reference_minor, expected_close_on,
    coalesce(closed_on, '{as_of}') AS day
  FROM {db}deals {which_deals}
), line AS (
  SELECT deal_id,
    CASE WHEN count(invoice_minor) = count(*) THEN sum(invoice_minor) END AS price,
    CASE WHEN count(list_minor) = count(*) THEN sum(list_minor) END AS list,
    CASE WHEN count(cost_minor) = count(*) THEN sum(cost_minor) END AS cost
  FROM {db}deal_lines {which_deals} GROUP BY deal_id
), earned AS (
  SELECT account_id, sum(revenue_minor) AS revenue,
    sum(revenue_minor - off_invoice_minor - cost_of_goods_minor) AS kept
  FROM {db}account_months WHERE {months} {which_accounts} GROUP BY account_id
), served AS (
  SELECT account_id, sum(cost_minor) AS cost
  FROM {db}service_costs WHERE {months} {which_accounts} GROUP BY account_id
), person AS (
  SELECT s.deal_id, s.contact_id, CASE WHEN s.stance_on > d.day THEN NULL ELSE s.stance END AS stance
  FROM dated d JOIN {db}stakeholders s ON s.deal_id = d.deal_id
), held AS (
  SELECT DISTINCT p.deal_id, r.role
  FROM person p JOIN {db}stakeholder_roles r ON r.deal_id = p.deal_id AND r.contact_id = p.contact_id
  WHERE p.stance IS NULL OR p.stance >= 0
), role AS (
  SELECT deal_id, sum(CASE role {points} ELSE 0 END) AS points FROM held GROUP BY deal_id
), present AS (
  SELECT deal_id, 0 AS points FROM person GROUP BY deal_id
), heard AS (
  SELECT d.deal_id, max(substr(a.at, 1, 10)) AS day
  FROM dated d JOIN {db}activities a ON a.deal_id = d.deal_id
  WHERE a.status IN ({heard}) AND substr(a.at, 1, 10) <= d.day
  GROUP BY d.deal_id
), hour AS (
  SELECT person_id, sum({tenths}) AS total,
    sum(CASE WHEN category = 'operations' THEN {tenths} ELSE 0 END) AS operations
  FROM {db}time_entries WHERE day > '{hours_after}' AND day <= '{as_of}' {which_people}
  GROUP BY person_id
), approval AS (
  SELECT d.deal_id, max(CASE WHEN v.decision = 'approved' THEN 1 ELSE 0 END) AS approved,
    max(CASE WHEN v.decision = 'pending' THEN 1 ELSE 0 END) AS pending
  FROM dated d JOIN {db}approvals v ON v.deal_id = d.deal_id
  WHERE v.requested_on <= d.day
  GROUP BY d.deal_id
), fact AS (
  SELECT d.deal_id, line.price, line.list, line.cost, d.reference_minor AS other, a.is_key,
    earned.revenue, earned.kept - coalesce(served.cost, 0) AS kept,
    coalesce(role.points, present.points) AS points, {silent} AS silent, {late} AS late,
    stages.kind = 'open' AS is_open, hour.total AS hours, hour.operations,
    line.list - line.price > line.list * people.max_discount_ratio AS over,
    coalesce(approval.approved, 0) AS approved, coalesce(approval.pending, 0) AS pending
  FROM dated d
  LEFT JOIN line ON line.deal_id = d.deal_id
  LEFT JOIN {db}accounts a ON a.account_id = d.account_id
  LEFT JOIN earned ON earned.account_id = d.account_id
  LEFT JOIN served ON served.account_id = d.account_id
  LEFT JOIN role ON role.deal_id = d.deal_id
  LEFT JOIN present ON present.deal_id = d.deal_id
  LEFT JOIN heard ON heard.deal_id = d.deal_id
  LEFT JOIN {db}stages stages ON stages.stage_id = d.stage_id
  LEFT JOIN hour ON hour.person_id = d.owner_id
  LEFT JOIN {db}people people ON people.person_id = d.owner_id
  LEFT JOIN approval ON approval.deal_id = d.deal_id
), status AS (
  SELECT deal_id,
    CASE WHEN price IS NULL OR cost IS NULL THEN 5 WHEN (price - cost) * 100 < price * 15 THEN 4
      WHEN (price - cost) * 100 < price * 30 THEN 3 WHEN (price - cost) * 100 >= price * 50 THEN 1
      ELSE 2 END AS c1,
    CASE WHEN price IS NULL OR other IS NULL THEN 5 WHEN price * 100 > other * 120 THEN 4
      WHEN price > other THEN 3 WHEN price * 100 <= other * 50 THEN 1 ELSE 2 END AS c2,
    CASE WHEN is_key IS NULL THEN 5 WHEN is_key = 0 THEN 0 WHEN revenue IS NULL OR kept IS NULL THEN 5
      WHEN kept * 100 < revenue * 20 THEN 4 WHEN kept * 100 < revenue * 30 THEN 3 ELSE 2 END AS c3,
    CASE WHEN points IS NULL THEN 5 WHEN points < 4 THEN 4 WHEN points < 6 THEN 3
      WHEN points >= 7 THEN 1 ELSE 2 END AS c4,
    CASE WHEN silent IS NULL THEN 5 WHEN silent > 90 THEN 4 WHEN silent > 30 THEN 3 ELSE 2 END AS c5,
    CASE WHEN is_open IS NULL THEN 5 WHEN NOT is_open THEN 0 WHEN late IS NULL THEN 5
      WHEN late > 14 THEN 4 WHEN late > 0 THEN 3 ELSE 2 END AS c6,
    CASE WHEN hours IS NULL THEN 5 WHEN operations * 100 > hours * 35 THEN 4
      WHEN operations * 100 > hours * 25 THEN 3 ELSE 2 END AS c7,
    CASE WHEN approved = 1 THEN 2 WHEN over IS NULL THEN 5 WHEN NOT over THEN 2 WHEN pending = 1 THEN 3
      ELSE 4 END AS c8
  FROM fact
), summed AS (
  SELECT *, {earned} AS earned, {decided} AS decided FROM status
)
SELECT deal_id, {statuses}, 50.0 * earned / nullif(decided, 0) AS score FROM summed
"""


def _weighed(cases: str) -> str:
    """Return the sum of the weights of all checks, each times what its status counts."""
    terms = (
        f"{weight} * CASE {name} {cases} ELSE 0 END"
        for name, weight in zip(STATUSES, WEIGHTS, strict=True)
    )
    return " + ".join(terms)


def statement(*, silent: str, late: str, db: str = "", only: bool = False) -> str:
    """Return the query of all scorecards.

    Args:
        silent: Days from ``heard.day`` to ``d.day``, as the database counts them.
        late: Days from ``d.expected_close_on`` to ``d.day``.
        db: Name of the attached database, with a point.
        only: Leave out what is not in the tables ``affected`` and ``touched``.
    """
    given = {
        "which_deals": "WHERE deal_id IN (SELECT deal_id FROM affected)",
        "which_accounts": "AND account_id IN (SELECT account_id FROM touched)",
        "which_people": "AND person_id IN (SELECT owner_id FROM owning)",
    }
    return STATEMENT.format(
        **(given if only else dict.fromkeys(given, "")),
        as_of=AS_OF,
        hours_after=work.HOURS_AFTER,
        db=db,
        points=_POINTS,
        heard=_HEARD,
        months=_MONTHS,
        tenths=_TENTHS,
        silent=silent,
        late=late,
        earned=_weighed("WHEN 1 THEN 2 WHEN 2 THEN 2 WHEN 3 THEN 1"),
        decided=_weighed("WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 1 WHEN 4 THEN 1"),
        statuses=", ".join(STATUSES),
    )


def findings(source: str = SCORECARDS, which: str = "") -> str:
    """Return the query of the findings of the scorecards."""
    rows = (
        f"SELECT deal_id, '{check}' AS check_id, {name} AS status FROM {source} "  # noqa: S608 - our names
        f"WHERE {name} IN {work.FOUND} {which}"
        for check, name in zip(CHECKS, STATUSES, strict=True)
    )
    return " UNION ALL ".join(rows)


SILENT = "CAST(julianday(d.day) - julianday(heard.day) AS INTEGER)"
LATE = "CAST(julianday(d.day) - julianday(d.expected_close_on) AS INTEGER)"


def connected(database: Path) -> sqlite3.Connection:
    """Return a connection as somebody who wants speed opens it."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA cache_size = -262144")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def review(database: Path, laps: Laps) -> None:
    """Review everything inside SQLite, with the indexes that it has."""
    with closing(connected(database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"INSERT INTO {SCORECARDS} {statement(silent=SILENT, late=LATE)}")
        laps("compute")
        connection.execute(f"INSERT INTO {FINDINGS} {findings()}")
        connection.execute("COMMIT")
        laps("write")


AFFECTED = """
CREATE TEMP TABLE affected AS
SELECT deal_id FROM deals WHERE account_id IN (SELECT id FROM peer_changed WHERE kind = 'account')
UNION SELECT deal_id FROM deals WHERE owner_id IN (SELECT id FROM peer_changed WHERE kind = 'rep');
CREATE UNIQUE INDEX temp.affected_id ON affected (deal_id);
CREATE TEMP TABLE touched AS
SELECT DISTINCT account_id FROM deals WHERE deal_id IN (SELECT deal_id FROM affected);
CREATE TEMP TABLE owning AS
SELECT DISTINCT owner_id FROM deals WHERE deal_id IN (SELECT deal_id FROM affected)
"""
"""What is to be judged anew, from the ids that triggers of the peer's own have noted."""


def again(database: Path, laps: Laps) -> None:
    """Review what has changed, and leave the other scorecards as they are."""
    with closing(connected(database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for one in AFFECTED.split(";\n"):
            connection.execute(one)
        laps("load")
        query = statement(silent=SILENT, late=LATE, only=True)
        connection.execute(f"INSERT OR REPLACE INTO {SCORECARDS} {query}")
        laps("compute")
        which = "deal_id IN (SELECT deal_id FROM affected)"
        connection.execute(f"DELETE FROM {FINDINGS} WHERE {which}")  # noqa: S608 - our names
        connection.execute(f"INSERT INTO {FINDINGS} {findings(which='AND ' + which)}")
        connection.execute("DELETE FROM peer_changed")
        connection.execute("COMMIT")
        laps("write")
