"""What other processes do to a database in a test."""

from __future__ import annotations

from pathlib import Path

from dealreview.store import migrations
from dealreview.store.database import Database


def write_deals(path: str, name: str, count: int) -> None:
    """Write deals, each in a transaction of its own."""
    database = Database.open(path)
    for number in range(count):
        with database.write() as connection:
            query = "INSERT INTO deals (deal_id, amount_minor) VALUES (?, ?)"
            connection.execute(query, (f"{name}:{number}", number))


def write_pairs(path: str, started: str) -> None:
    """Write a deal with its line again and again, until killed."""
    database = Database.open(path)
    Path(started).touch()
    number = 0
    while True:
        number += 1
        with database.write() as connection:
            key = f"{started}:{number}"
            connection.execute("INSERT INTO deals (deal_id) VALUES (?)", (key,))
            lines = [(f"{key}:{line}", key) for line in range(20)]
            connection.executemany("INSERT INTO deal_lines (line_id, deal_id) VALUES (?, ?)", lines)


LATER_STEPS = (*migrations.STEPS, "9999_later")
_LATER_SQL = "ALTER TABLE deals ADD COLUMN later TEXT;\nUPDATE deals SET later = name;\n"


def later_step_sql(step: str) -> str:
    """Return the SQL of a step, also of one that only a later version has."""
    return _LATER_SQL if step == LATER_STEPS[-1] else _step_sql(step)


_step_sql = migrations.step_sql


def create_and_count(path: str, answer: str) -> None:
    """Open or make a database and note how many deals it has."""
    database = Database.open(path, create=True)
    with database.read() as connection:
        (count,) = connection.execute("SELECT count(*) FROM deals").fetchone()
    Path(answer).write_text(str(count))


def migrate_and_count(path: str, answer: str) -> None:
    """Open a database as a later version would, and note how many deals it has."""
    migrations.STEPS, migrations.step_sql = LATER_STEPS, later_step_sql
    database = Database.open(path)
    with database.read() as connection:
        (count,) = connection.execute("SELECT count(later) FROM deals").fetchone()
    Path(answer).write_text(str(count))
