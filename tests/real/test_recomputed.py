"""Facts and verdicts of the real sets, recomputed by SQL over the files themselves.

Nothing here reads what the importer stored: the queries see the columns as the source wrote them.
"""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.config import Config
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import OUTCOMES, Kind
from dealreview.store.database import Database
from tests.support.facts import facts_of_database
from tests.support.real_data import import_real, real_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

AS_OF = {
    "maven": dt.date(2017, 12, 31),
    "adventureworks": dt.date(2008, 6, 30),
    "northwind": dt.date(1998, 5, 31),
    "opsmadeez": dt.date(2025, 5, 5),
}


def read_csv(
    source: sqlite3.Connection, table: str, path: Path, columns: Sequence[str] = (), **options: Any
) -> None:
    """Load a file as it stands, every cell a text; ``columns`` names those of a file without header."""
    with path.open(encoding=options.pop("encoding", "utf-8-sig"), newline="") as lines:
        rows = list(csv.reader(lines, **options))
    names = list(columns) or rows.pop(0)
    wide = names + [f"c{n}" for n in range(len(names), max(map(len, rows)))]
    quoted = ", ".join(f'"{name}"' for name in wide)
    source.execute(f'CREATE TABLE "{table}" ({quoted})')
    marks = ", ".join("?" * len(wide))
    source.executemany(
        f'INSERT INTO "{table}" VALUES ({marks})',
        (row + [""] * (len(wide) - len(row)) for row in rows),
    )


@pytest.fixture
def source() -> Iterator[sqlite3.Connection]:
    """An empty database for the files."""
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def outcomes_of(path: Path, name: str, check: str, kind: Kind = Kind.DEAL) -> dict[str, str]:
    """Return the outcome of a check by subject id."""
    review = review_database(Database.open(path), Request(AS_OF[name], Config()))
    found = review.kinds[kind]
    result = next(result for result in found.results if result.check.id == check)
    return {i: OUTCOMES[c].value for i, c in zip(found.base["id"], result.codes, strict=True)}


# --- Maven ---------------------------------------------------------------------------------------


def load_maven(source: sqlite3.Connection) -> None:
    """Load pipeline and products."""
    folder = real_folder("maven")
    read_csv(source, "pipeline", folder / "sales_pipeline.csv")
    read_csv(source, "products", folder / "products.csv")


DEAL_AGE = """
WITH won AS (
    SELECT julianday(close_date) - julianday(engage_date) AS days,
           row_number() OVER (ORDER BY julianday(close_date) - julianday(engage_date)) - 1 AS place,
           count(*) OVER () AS n
    FROM pipeline WHERE deal_stage = 'Won'
      AND close_date > date('2017-12-31', '-24 months') AND close_date <= '2017-12-31'
), ends AS (
    SELECT max(n) AS n, 0.9 * (max(n) - 1) AS at FROM won
), p90 AS (
    SELECT ends.n, low.days + (ends.at - low.place) * (high.days - low.days) AS days FROM ends
    JOIN won low ON low.place = CAST(ends.at AS INT)
    JOIN won high ON high.place = min(CAST(ends.at AS INT) + 1, ends.n - 1)
)
SELECT 'maven:' || opportunity_id,
       CASE WHEN deal_stage IN ('Won', 'Lost') THEN 'not_applicable'
            WHEN engage_date = '' THEN 'insufficient_data'
            WHEN julianday('2017-12-31') - julianday(engage_date) > 1.5 * p90.days THEN 'risk'
            WHEN julianday('2017-12-31') - julianday(engage_date) > p90.days THEN 'watch'
            ELSE 'pass' END
FROM pipeline, p90
"""


def test_maven_deal_age(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Every deal's age is judged against the 90th percentile of the 4,238 won ones, as SQL does it."""
    load_maven(source)
    import_real("maven", tmp_path / "maven.db")
    expected = dict(source.execute(DEAL_AGE).fetchall())
    assert outcomes_of(tmp_path / "maven.db", "maven", "hygiene/deal-age") == expected
    assert Counter(expected.values())["not_applicable"] == 6_711
    assert len(set(expected.values())) == 5


def test_maven_discounts(source: sqlite3.Connection, tmp_path: Path) -> None:
    """The discount of each won deal is that against the price list, GTXPro found as GTX Pro."""
    load_maven(source)
    import_real("maven", tmp_path / "maven.db")
    found = facts_of_database(tmp_path / "maven.db", AS_OF["maven"], "deal", "discount_ratio")
    query = """
        SELECT 'maven:' || opportunity_id, 1.0 - close_value * 1.0 / sales_price FROM pipeline
        JOIN products ON replace(products.product, ' ', '') = replace(pipeline.product, ' ', '')
        WHERE deal_stage = 'Won'
    """
    expected = dict(source.execute(query).fetchall())
    assert len(expected) == 4_238
    for deal, ratio in expected.items():
        wanted = ratio if -0.5 <= ratio <= 1 else None
        got = found[deal]["discount_ratio"]
        assert got == (None if wanted is None else pytest.approx(wanted, abs=1e-8)), deal


def test_maven_won_revenue(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Revenue of each account over the recorded months is the sum of what it bought."""
    load_maven(source)
    import_real("maven", tmp_path / "maven.db")
    found = facts_of_database(tmp_path / "maven.db", AS_OF["maven"], "account", "revenue_seen_12m")
    query = """
        SELECT 'maven:' || account, 100 * sum(close_value) FROM pipeline
        WHERE deal_stage = 'Won' AND account <> '' AND close_date BETWEEN '2017-01-01' AND '2017-12-31'
        GROUP BY account
    """
    expected = dict(source.execute(query).fetchall())
    assert {k: v["revenue_seen_12m"] for k, v in found.items()} == {
        k: expected.get(k, 0) for k in found
    }


# --- AdventureWorks ------------------------------------------------------------------------------

HEADER = [
    "id",
    "rev",
    "ordered",
    "due",
    "shipped",
    "status",
    "online",
    "number",
    "po",
    "account",
    "customer",
]
DETAIL = ["order_id", "detail_id", "qty", "product_id", "unit_price", "discount", "line_total"]
PRODUCT = ["product_id", "name", "number", "color", "cost", "list"]
TAB = {"encoding": "cp1252", "delimiter": "\t", "quoting": csv.QUOTE_NONE}
LINES = """
    SELECT order_id, customer, sum(round(qty * unit_price * (1.0 - discount), 2)) AS price,
           sum(round(qty * cost, 2)) AS cost, count(*) AS n
    FROM detail JOIN product USING (product_id) JOIN header ON header.id = order_id
    GROUP BY order_id
"""


def load_adventureworks(source: sqlite3.Connection) -> None:
    """Load orders, lines and products, which have no header rows."""
    folder = real_folder("adventureworks")
    read_csv(source, "header", folder / "SalesOrderHeader.csv", HEADER, **TAB)
    read_csv(source, "detail", folder / "SalesOrderDetail.csv", DETAIL, **TAB)
    read_csv(source, "product", folder / "Product.csv", PRODUCT, **TAB)


def test_adventureworks_margins(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Each order's contribution is price less standard cost, to the cent."""
    load_adventureworks(source)
    path = tmp_path / "aw.db"
    import_real("adventureworks", path)
    found = facts_of_database(
        path, AS_OF["adventureworks"], "deal", "pocket_price", "cost_of_goods"
    )
    rows = source.execute(LINES).fetchall()
    assert len(rows) == 32
    for order, _customer, price, cost, n in rows:
        got = found[f"aw:{order}"]
        # Halves of a cent: SQLite rounds binary fractions up, the importer exact decimals to even.
        assert got["pocket_price"] == pytest.approx(100 * price, abs=n)
        assert got["cost_of_goods"] == pytest.approx(100 * cost, abs=n)


def test_adventureworks_floor(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Each order is at risk under 25 %, to watch under 40 %, as SQL finds it."""
    load_adventureworks(source)
    path = tmp_path / "aw.db"
    import_real("adventureworks", path)
    query = f"""
        SELECT 'aw:' || order_id, CASE WHEN (price - cost) / price < 0.25 THEN 'risk'
               WHEN (price - cost) / price < 0.40 THEN 'watch' ELSE 'pass' END FROM ({LINES})
    """
    expected = dict(source.execute(query).fetchall())
    assert outcomes_of(path, "adventureworks", "pricing/margin-floor") == expected


def test_adventureworks_whale_curve(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Peak and total of the curve are the sums over customers, best first."""
    load_adventureworks(source)
    path = tmp_path / "aw.db"
    import_real("adventureworks", path)
    query = f"""
        SELECT sum(left_), sum(max(left_, 0))
        FROM (SELECT sum(price - cost) AS left_ FROM ({LINES}) GROUP BY customer)
    """
    total, peak = source.execute(query).fetchone()
    found = facts_of_database(
        path, AS_OF["adventureworks"], "pipeline", "whale_total", "whale_peak"
    )
    assert found["pipeline"]["whale_total"] == pytest.approx(100 * total, abs=600)
    assert found["pipeline"]["whale_peak"] == pytest.approx(100 * peak, abs=600)
    curve = outcomes_of(path, "adventureworks", "accounts/whale-curve", Kind.PIPELINE)
    assert curve == {
        "pipeline": "risk" if peak > 1.5 * total else "watch" if peak > 1.2 * total else "pass"
    }


# --- Northwind -----------------------------------------------------------------------------------

NORTHWIND_LINES = """
    SELECT o.OrderID, o.CustomerID, date(o.OrderDate) AS day,
           sum(d.Quantity * d.UnitPrice * (1 - d.Discount)) AS price,
           sum(d.Quantity * p.UnitPrice) AS list, count(*) AS n
    FROM Orders o JOIN "Order Details" d USING (OrderID) JOIN Products p USING (ProductID)
    GROUP BY o.OrderID
"""


@pytest.fixture
def northwind(tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """The source database, and what was imported from it."""
    folder = real_folder("northwind")
    import_real("northwind", tmp_path / "nw.db")
    with closing(
        sqlite3.connect(f"file:{folder / 'northwind.db'}?mode=ro&immutable=1", uri=True)
    ) as connection:
        yield connection, tmp_path / "nw.db"


def test_northwind_amounts(northwind: tuple[sqlite3.Connection, Path]) -> None:
    """Each order is worth the sum of its lines, less their discounts."""
    connection, path = northwind
    found = facts_of_database(path, AS_OF["northwind"], "deal", "amount")
    rows = connection.execute(NORTHWIND_LINES).fetchall()
    assert len(rows) == 830
    for order, _customer, _day, price, _list, n in rows:
        assert found[f"northwind:{order}"]["amount"] == pytest.approx(100 * price, abs=n)


def test_northwind_discounts(northwind: tuple[sqlite3.Connection, Path]) -> None:
    """Each order's discount is what it lies under today's list price."""
    connection, path = northwind
    found = facts_of_database(path, AS_OF["northwind"], "deal", "discount_ratio")
    for order, _customer, _day, price, list_price, n in connection.execute(NORTHWIND_LINES):
        got = found[f"northwind:{order}"]["discount_ratio"]
        assert got == pytest.approx(1 - price / list_price, abs=n * 0.02 / list_price)


def test_northwind_revenue(northwind: tuple[sqlite3.Connection, Path]) -> None:
    """Each customer's revenue of 12 complete months is what was ordered from June to May."""
    connection, path = northwind
    found = facts_of_database(path, AS_OF["northwind"], "account", "revenue_12m")
    query = f"""
        SELECT CustomerID, sum(price), sum(n) FROM ({NORTHWIND_LINES})
        WHERE day BETWEEN '1997-06-01' AND '1998-05-31' GROUP BY CustomerID
    """
    expected = {customer: (price, n) for customer, price, n in connection.execute(query)}
    assert len(expected) > 80
    for account, row in found.items():
        price, n = expected.get(account.removeprefix("northwind:"), (0, 0))
        assert row["revenue_12m"] == pytest.approx(100 * price, abs=n + 1e-9)


# --- OpsMadeEZ -----------------------------------------------------------------------------------

TURNS_TO_US = """
    ('Submitted Form', 'Registered Event', 'Registered Webinar', 'Attended Event', 'Attended Webinar')
"""
ENGAGED = f"""
    WITH events AS (
        SELECT deals."Opportunity ID" AS deal, touches."Contact ID" AS contact, "Activity Date" AS day
        FROM touches JOIN deals ON deals."Account ID" = touches."Account ID"
        WHERE "Activity Type" IN {TURNS_TO_US}
        UNION ALL
        SELECT "Opportunity ID", "Contact ID", "Activity Date" FROM sales
        WHERE "Activity Type" = 'Meeting'
    )
    SELECT 'opsmadeez:' || deals."Opportunity ID", count(DISTINCT contacts."Contact ID") FROM deals
    LEFT JOIN events ON events.deal = deals."Opportunity ID"
        AND events.day BETWEEN '2025-03-21' AND '2025-05-05'
    LEFT JOIN contacts ON contacts."Contact ID" = events.contact
        AND contacts."Account ID" = deals."Account ID"
    GROUP BY deals."Opportunity ID"
"""


def load_opsmadeez(source: sqlite3.Connection) -> None:
    """Load deals, contacts, touches and the activities of sales."""
    folder = real_folder("opsmadeez")
    read_csv(source, "deals", folder / "deals.csv")
    read_csv(source, "contacts", folder / "contacts.csv")
    read_csv(source, "touches", folder / "marketing_touchpoints.csv")
    read_csv(source, "sales", folder / "sales_activities.csv")


def test_opsmadeez_engaged_people(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Who of the buyer turned to us or met us in 45 days is counted on the account's one open deal."""
    load_opsmadeez(source)
    path = tmp_path / "oe.db"
    import_real("opsmadeez", path)
    found = facts_of_database(path, AS_OF["opsmadeez"], "deal", "engaged_contacts_lo")
    one_deal = """
        SELECT 'opsmadeez:' || "Opportunity ID" FROM deals GROUP BY "Account ID" HAVING count(*) = 1
    """
    alone = {row[0] for row in source.execute(one_deal)}
    expected = {deal: n for deal, n in source.execute(ENGAGED) if deal in alone}
    assert len(expected) > 10
    assert {deal: found[deal]["engaged_contacts_lo"] for deal in expected} == expected


def test_opsmadeez_close_dates(source: sqlite3.Connection, tmp_path: Path) -> None:
    """An expected close in the past is a watch for six days and a risk from the seventh."""
    load_opsmadeez(source)
    path = tmp_path / "oe.db"
    import_real("opsmadeez", path)
    query = """
        SELECT 'opsmadeez:' || "Opportunity ID",
               CASE WHEN julianday('2025-05-05') - julianday("Expected Close Date") >= 7 THEN 'risk'
                    WHEN julianday('2025-05-05') - julianday("Expected Close Date") >= 1 THEN 'watch'
                    ELSE 'pass' END FROM deals
    """
    expected = dict(source.execute(query).fetchall())
    assert outcomes_of(path, "opsmadeez", "hygiene/close-date-passed") == expected


def test_opsmadeez_deal_age(source: sqlite3.Connection, tmp_path: Path) -> None:
    """Without a won deal the fixed limits hold: half a year to watch, a year at risk."""
    load_opsmadeez(source)
    path = tmp_path / "oe.db"
    import_real("opsmadeez", path)
    query = """
        SELECT 'opsmadeez:' || "Opportunity ID",
               CASE WHEN julianday('2025-05-05') - julianday("Created Date") > 365 THEN 'risk'
                    WHEN julianday('2025-05-05') - julianday("Created Date") > 180 THEN 'watch'
                    ELSE 'pass' END FROM deals
    """
    expected = dict(source.execute(query).fetchall())
    assert outcomes_of(path, "opsmadeez", "hygiene/deal-age") == expected
