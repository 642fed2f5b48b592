"""Scorecards of runs, in columns: some thousand subjects together.

Runs that earlier versions stored have a row a subject; both read the same.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    import polars as pl

CELLS = ("id", "outcomes", "e2", "wd2", "wa2", "band", "account_revision")
"""Columns of a scorecard beside its run and kind."""

BLOCKS_AT_HAND = 256
"""Blocks of one subject after the other that are kept in memory, of some hundred kilobytes each."""


@frozen
class StoredScorecard:
    """The outcomes of one subject; numbers are doubled, so that halves stay integers.

    Attributes:
        kind: Kind of subject.
        id: The subject.
        outcomes: One outcome code a check, in the run's order.
        e2: Twice E of the score; None for reps, as all that follows.
        wd2: Twice W(D).
        wa2: Twice W(A).
        band: The band.
        account_revision: Data revision of the subject's account.
    """

    kind: str
    id: str
    outcomes: bytes
    e2: int | None = None
    wd2: int | None = None
    wa2: int | None = None
    band: str | None = None
    account_revision: int | None = None


@frozen
class StoredCards:
    """The scorecards of some subjects.

    Attributes:
        kind: Kind of subject.
        first_id: The first subject.
        last_id: The last subject; they are in order of id.
        subjects: How many there are.
        data: :data:`CELLS` as Parquet; a column without any value is left out.
    """

    kind: str
    first_id: str
    last_id: str
    subjects: int
    data: bytes


def load_scorecards(connection: sqlite3.Connection, number: int) -> Iterator[StoredScorecard]:
    """Yield the scorecards of a run by kind and id."""
    query = f"SELECT kind, {_CELLS} FROM run_scorecards WHERE run = ? ORDER BY kind, id"  # noqa: S608 - our names, as below
    for row in connection.execute(query, (number,)):
        yield StoredScorecard(*row)
    query = "SELECT kind, data FROM run_cards WHERE run = ? ORDER BY kind, first_id"
    for kind, data in connection.execute(query, (number,)):
        for row in _frame(data).iter_rows():
            yield StoredScorecard(kind, *row)


def load_outcomes(
    connection: sqlite3.Connection,
    number: int,
    kind: str,
    ends: tuple[str, str] | None = None,
) -> dict[str, bytes]:
    """Return the outcome bytes of subjects of a run, by id.

    Args:
        connection: A read transaction.
        number: The run.
        kind: Kind of subject.
        ends: The first and the last subject; None means all.
    """
    rows, blocks = ("", "") if ends is None else (" AND id BETWEEN ? AND ?", _WITHIN)
    values = (number, kind, *(ends or ()))
    query = f"SELECT id, outcomes FROM run_scorecards WHERE run = ? AND kind = ?{rows}"  # noqa: S608
    found: dict[str, bytes] = dict(connection.execute(query, values))
    query = f"SELECT data FROM run_cards WHERE run = ? AND kind = ?{blocks}"  # noqa: S608
    for (data,) in connection.execute(query, values):
        frame = _frame(data, ("id", "outcomes"))
        found |= dict((frame if ends is None else _between(frame, *ends)).iter_rows())
    return found


def _between(frame: pl.DataFrame, first: str, last: str) -> pl.DataFrame:
    import polars as pl

    return frame.filter(pl.col("id").is_between(pl.lit(first), pl.lit(last)))


def load_scorecards_of(
    connection: sqlite3.Connection, numbers: Sequence[int], kind: str, subject_id: str
) -> dict[int, StoredScorecard]:
    """Return the scorecards of a subject in some runs, by number of the run."""
    marks, subject = ", ".join("?" * len(numbers)), (kind, subject_id)
    query = (
        f"SELECT run, {_CELLS} FROM run_scorecards WHERE run IN ({marks}) AND kind = ? AND id = ?"  # noqa: S608
    )
    rows = connection.execute(query, (*numbers, *subject))
    found = {number: StoredScorecard(kind, *row) for number, *row in rows}
    for number in numbers:
        for (data,) in connection.execute(_BLOCK_OF, (number, *subject)):
            frame = _at_hand(data)
            place = frame["id"].search_sorted(subject_id)
            row = frame.row(place) if place < frame.height else ("",)
            if row[0] == subject_id:
                found[number] = StoredScorecard(kind, *row)
    return found


@lru_cache(BLOCKS_AT_HAND)
def _at_hand(data: bytes) -> pl.DataFrame:
    return _frame(data)


def _frame(data: bytes, names: Sequence[str] = CELLS) -> pl.DataFrame:
    """Return columns of a block."""
    import polars as pl

    found = pl.read_parquet(io.BytesIO(data))
    empty = (pl.lit(None).alias(name) for name in CELLS if name not in found.columns)
    return found.with_columns(empty).select(names)


_CELLS = ", ".join(CELLS)
_WITHIN = " AND last_id >= ? AND first_id <= ?"
_BLOCK_OF = """
SELECT data FROM run_cards WHERE run = ? AND kind = ? AND first_id <= ?
ORDER BY first_id DESC LIMIT 1
"""
