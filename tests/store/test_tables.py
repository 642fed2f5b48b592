"""Tables become typed frames."""

import datetime as dt

import polars as pl
import pytest

from dealreview.model.errors import StoreError
from dealreview.store import tables as module
from dealreview.store.database import Database
from dealreview.store.schema import TABLES, Table
from dealreview.store.tables import Tables
from tests.store.rows import insert, sample_row, store, store_parents

DTYPES = {
    "text": pl.String,
    "enum": pl.String,
    "int": pl.Int64,
    "money": pl.Int64,
    "real": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
    "instant": pl.Datetime("us", "UTC"),
}


def _custom(database: Database, kind: str, *values: object, name: str = "tier") -> None:
    """Declare a custom column of deals and give it a value for each of the deals from d0 on."""
    store(database, "custom_fields", {"table_name": "deals", "name": name, "type": kind})
    rows = [
        {"table_name": "deals", "row_id": f"d{n}", "name": name, "value": value}
        for n, value in enumerate(values)
    ]
    store(database, "custom_values", *rows)


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_a_frame_has_the_types_of_the_schema(database: Database, table: Table, rows: int) -> None:
    """Every column has its type, whether there are rows or none."""
    with database.write() as connection:
        store_parents(connection, table)
        if rows:
            insert(connection, table.name, **sample_row(table))
    with database.read() as connection:
        tables = Tables(connection)
        frame = tables.frame(table.name, table.names)
    assert frame.height == rows
    assert dict(frame.schema) == {c.name: DTYPES[c.type] for c in table.columns}
    assert frame.null_count().sum_horizontal().sum() == 0
    assert tables.unreadable == {}


def test_rows_come_in_the_order_of_the_key(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order is by code point, whatever the columns, the chunks and the order of writing."""
    monkeypatch.setattr(module, "CHUNK_ROWS", 2)
    ids = ["b", "a", "Z", "ä", "a1", "10", "9"]
    store(database, "deals", *({"deal_id": i, "name": i} for i in ids))
    with database.read() as connection:
        frame = Tables(connection).frame("deals", ["name"])
    assert frame["name"].to_list() == sorted(ids)


@pytest.mark.parametrize(
    "text",
    ["2025-02-30", "2025-2-3", "0000-01-01", "-001-01-01", "2025-02-03T10:00", "soon", ""],
)
def test_a_date_that_is_none_becomes_empty_and_is_counted(database: Database, text: str) -> None:
    """What somebody wrote by hand and nobody can read is unknown, not an error."""
    store(database, "deals", {"deal_id": "a", "created_on": text}, {"deal_id": "b"})
    with database.read() as connection:
        tables = Tables(connection)
        assert tables.frame("deals", ["created_on"])["created_on"].to_list() == [None, None]
    assert tables.unreadable == {"deals.created_on": 1}


@pytest.mark.parametrize(
    "text", ["2025-05-16", "2025-05-16T09:30:00+01:00", "2025-02-30T00:00:00Z"]
)
def test_an_instant_that_is_none_becomes_empty_and_is_counted(
    database: Database, text: str
) -> None:
    """Instants are UTC with seconds; anything else is unknown."""
    store(database, "activities", {"activity_id": "a", "at": text})
    with database.read() as connection:
        tables = Tables(connection)
        assert tables.frame("activities", ["at"])["at"].to_list() == [None]
    assert tables.unreadable == {"activities.at": 1}


def test_the_ends_of_the_calendar_are_dates(database: Database) -> None:
    """The first and the last day that there are can be read."""
    store(
        database,
        "deals",
        {"deal_id": "a", "created_on": "0001-01-01", "closed_on": "9999-12-31"},
    )
    with database.read() as connection:
        frame = Tables(connection).frame("deals", ["created_on", "closed_on"])
    assert frame.row(0) == (dt.date.min, dt.date.max)


def test_bytes_of_another_encoding_do_not_stop_a_review(database: Database) -> None:
    """Text that another program stored as cp1252 is read with replacement characters."""
    with database.write() as connection:
        insert(connection, "deals", deal_id="d")
        connection.execute("UPDATE deals SET name = CAST(x'4DFC6C6C6572' AS TEXT)")
    with database.read() as connection:
        assert Tables(connection).frame("deals", ["name"]).item() == "M\ufffdller"


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("nothing", ["deal_id"]),
        ("sqlite_master", ["sql"]),
        ("change_log", ["seq"]),
        ('deals"; DROP TABLE deals; --', ["deal_id"]),
        ("deals", ["deal_id, name"]),
        ("deals", ['deal_id" FROM deals; DROP TABLE deals; --']),
        ("deals", ["(SELECT 1)"]),
        ("deals", ["rowid"]),
        ("deals", []),
    ],
)
def test_only_described_names_are_read(database: Database, name: str, columns: list[str]) -> None:
    """Whatever is not in the schema is refused before it reaches the database."""
    with database.read() as connection:
        with pytest.raises(StoreError):
            Tables(connection).frame(name, columns)
        assert Tables(connection).frame("deals", ["deal_id"]).is_empty()


def test_columns_with_any_value_are_recorded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One value in one row, however late, makes a column recorded; an empty table records none."""
    monkeypatch.setattr(module, "_SAMPLE_ROWS", 2)
    rows = [{"deal_id": f"d{n}", "amount_minor": 0 if n else None} for n in range(5)]
    store(database, "deals", *rows, {"deal_id": "e", "name": "x"})
    with database.read() as connection:
        tables = Tables(connection)
        assert tables.recorded_columns("deals") == {"deal_id", "amount_minor", "name"}
        assert tables.recorded_columns("accounts") == frozenset()


@pytest.mark.parametrize(
    ("kind", "good", "read", "bad"),
    [
        ("text", "gold", "gold", 1),
        ("int", 3, 3, "3"),
        ("money", 300, 300, 3.5),
        ("real", 3, 3.0, "3"),
        ("bool", 1, True, 2),
        ("date", "2025-05-16", dt.date(2025, 5, 16), "2025-02-30"),
        ("instant", "2025-05-16T09:30:00Z", dt.datetime(2025, 5, 16, 9, 30, tzinfo=dt.UTC), 7),
    ],
)
def test_a_custom_column_has_its_declared_type(
    database: Database, kind: str, good: object, read: object, bad: object
) -> None:
    """Values of the declared type are read; others are unknown and counted."""
    _custom(database, kind, good, bad, None)
    with database.read() as connection:
        tables = Tables(connection)
        frame = tables.custom("deals")
        assert [c.type for c in tables.custom_columns("deals")] == [kind]
    assert frame.schema == {"id": pl.String, "x_tier": DTYPES[kind]}
    assert frame.rows() == [("d0", read), ("d1", None), ("d2", None)]
    assert tables.unreadable == {"deals.x_tier": 1}


def test_custom_columns_stand_side_by_side(database: Database) -> None:
    """A row that has a value in one of two columns is there once."""
    _custom(database, "int", 1, 2, name="a")
    _custom(database, "text", "x", name="b")
    with database.read() as connection:
        frame = Tables(connection).custom("deals")
    assert frame.rows() == [("d0", 1, "x"), ("d1", 2, None)]


def test_a_table_without_custom_columns_gives_an_empty_frame(database: Database) -> None:
    """There is nothing to join, but the column to join on."""
    with database.read() as connection:
        assert Tables(connection).custom("accounts").schema == {"id": pl.String}
