"""Scorecards are read back as they were stored, in columns or, of earlier versions, in rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

from dealreview.store.scorecards import (
    StoredScorecard,
    load_outcomes,
    load_scorecards,
    load_scorecards_of,
)
from tests.store.rows import blocks_of

IDS = st.text(st.sampled_from("ab:,\x00ä'\U0001f600\uffff"), min_size=1, max_size=3)
NUMBERS = st.none() | st.integers(-3, 3)
CARDS = st.lists(
    st.builds(
        StoredScorecard,
        st.sampled_from(["deal", "rep"]),
        IDS,
        st.binary(max_size=2),
        NUMBERS,
        NUMBERS,
        NUMBERS,
        st.sampled_from([None, "risk", "on track"]),
        NUMBERS,
    ),
    unique_by=lambda card: (card.kind, card.id),
    max_size=9,
)
TABLES = """
CREATE TABLE run_scorecards (run, kind, id, outcomes, e2, wd2, wa2, band, account_revision,
PRIMARY KEY (run, kind, id)) WITHOUT ROWID;
CREATE TABLE run_cards (run, kind, first_id, last_id, subjects, data,
PRIMARY KEY (run, kind, first_id)) WITHOUT ROWID;
"""
ROWS, COLUMNS = 1, 2


@given(CARDS, IDS, IDS)
def test_rows_and_columns_read_the_same(cards: list[StoredScorecard], one: str, other: str) -> None:
    """All, those between two ids, and one alone come back, with any character in their ids."""
    in_order = sorted(cards, key=lambda card: (card.kind, card.id.encode()))
    ends = min(one, other, key=str.encode), max(one, other, key=str.encode)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        _store(connection, cards)
        for run in (ROWS, COLUMNS):
            assert list(load_scorecards(connection, run)) == in_order
            for kind in ("deal", "rep"):
                ours = {card.id: card.outcomes for card in cards if card.kind == kind}
                inside = {i: o for i, o in ours.items() if _between(i, *ends)}
                assert load_outcomes(connection, run, kind) == ours
                assert load_outcomes(connection, run, kind, ends) == inside
        for key in {*((card.kind, card.id) for card in cards), ("deal", one)}:
            same = {run: card for card in cards for run in (1, 2) if (card.kind, card.id) == key}
            assert load_scorecards_of(connection, [1, 2, 3], *key) == same


def _between(subject_id: str, first: str, last: str) -> bool:
    return first.encode() <= subject_id.encode() <= last.encode()


def _store(connection: sqlite3.Connection, cards: list[StoredScorecard]) -> None:
    """Store scorecards twice, as a run in rows and as one in columns."""
    insert = f"INSERT INTO run_scorecards VALUES ({', '.join('?' * 9)})"
    connection.executemany(insert, [(ROWS, *astuple(card)) for card in cards])
    blocks = [(COLUMNS, *astuple(block)) for block in blocks_of(*cards)]
    connection.executemany("INSERT INTO run_cards VALUES (?, ?, ?, ?, ?, ?)", blocks)
