"""Scorecards of a run: those that stand in an earlier run are copied there, only the others are sent.

From one run to the next most scorecards stay as they were, and SQLite copies a row in a third of the
time that it takes to hand one over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    import polars as pl

CELLS = ("id", "outcomes", "e2", "wd2", "wa2", "band", "account_revision")
"""Columns of a scorecard beside its run and kind."""


@frozen(eq=False)
class Block:
    """Scorecards of subjects that follow each other in order of id.

    Attributes:
        kind: Kind of the subjects.
        rows: Their :data:`CELLS`, at least one row.
    """

    kind: str
    rows: pl.DataFrame


def insert_scorecards(
    connection: sqlite3.Connection, number: int, before: int | None, blocks: Iterable[Block]
) -> None:
    """Store the scorecards of a run.

    Args:
        connection: A write transaction.
        number: The run.
        before: An earlier run with the same checks, if there is one.
        blocks: The scorecards.
    """
    for block in blocks:
        new = block.rows if before is None else _copied(connection, number, before, block)
        rows = ((number, block.kind, *row) for row in new.iter_rows())
        connection.executemany(_INSERT, rows)


def _copied(connection: sqlite3.Connection, number: int, before: int, block: Block) -> pl.DataFrame:
    """Copy the scorecards of a block that an earlier run has, and return the others."""
    ids = block.rows["id"]
    place = (before, block.kind, ids[0], ids[-1])
    new, old = _spelled(block.rows), _stored(connection, place)
    other = old.filter(~old.is_in(new.implode()))
    if other.len() > block.rows.height / 2:
        return block.rows
    not_so = json.dumps([cells.partition(":")[0] for cells in other])
    connection.execute(_COPY, (number, *place, not_so))
    return block.rows.filter(~new.is_in(old.implode()))


def _spelled(rows: pl.DataFrame) -> pl.Series:
    """Return all cells of each row as one text, as :data:`_SPELLED` has them."""
    import polars as pl

    bytes_of = (pl.col("id").cast(pl.Binary), pl.col("outcomes"))
    cells = [cell.bin.encode("hex").str.to_uppercase() for cell in bytes_of]
    cells += [pl.col(name).cast(pl.String).fill_null("") for name in CELLS[2:]]
    return rows.select(pl.concat_str(cells, separator=":")).to_series()


def _stored(connection: sqlite3.Connection, place: tuple[int, str, str, str]) -> pl.Series:
    import polars as pl

    (text,) = connection.execute(_STORED, place).fetchone()
    return pl.Series([text], dtype=pl.String).str.split(",").explode().drop_nulls()


_INSERT = f"""
INSERT INTO run_scorecards (run, kind, {", ".join(CELLS)}) VALUES ({", ".join("?" * 9)})
"""  # noqa: S608 - our names, as below
_PLACE = "run = ? AND kind = ? AND id BETWEEN ? AND ?"
# Bytes in hexadecimal hold no character that stands between cells or rows.
_SPELLED = " || ':' || ".join(
    ["hex(id)", "hex(outcomes)", *(f"coalesce({name}, '')" for name in CELLS[2:])]
)
_STORED = f"SELECT group_concat({_SPELLED}) FROM run_scorecards WHERE {_PLACE}"  # noqa: S608
_COPY = f"""
INSERT INTO run_scorecards (run, kind, {", ".join(CELLS)})
SELECT ?, kind, {", ".join(CELLS)} FROM run_scorecards
WHERE {_PLACE} AND hex(id) NOT IN (SELECT value FROM json_each(?))
ORDER BY id
"""  # noqa: S608
