"""Scorecards are stored as they are given, whatever an earlier run has of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from attrs import astuple, evolve
from hypothesis import given
from hypothesis import strategies as st

from dealreview.store.runs import StoredScorecard
from dealreview.store.scorecards import _copied, insert_scorecards
from tests.store.rows import blocks_of

IDS = st.text(st.sampled_from("ab:,\x00ä'"), min_size=1, max_size=3)
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
TABLE = """
CREATE TABLE run_scorecards (run, kind, id, outcomes, e2, wd2, wa2, band, account_revision,
PRIMARY KEY (run, kind, id)) WITHOUT ROWID
"""


def stored(connection: sqlite3.Connection, run: int) -> list[tuple[object, ...]]:
    """Return the scorecards of a run."""
    query = "SELECT * FROM run_scorecards WHERE run = ? ORDER BY kind, id"
    return [row[1:] for row in connection.execute(query, (run,))]


@given(CARDS, CARDS, st.data())
def test_they_are_stored_as_given(
    first: list[StoredScorecard], others: list[StoredScorecard], data: st.DataObject
) -> None:
    """Some are as they were, some differ, some are gone or new, with any character in their ids."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(TABLE)
        insert_scorecards(connection, 1, None, blocks_of(*first))
        same = data.draw(st.lists(st.sampled_from(first), unique=True)) if first else []
        second = list({(card.kind, card.id): card for card in [*others, *same]}.values())
        insert_scorecards(connection, 2, 1, blocks_of(*second))
        for run, cards in ((1, first), (2, second)):
            assert stored(connection, run) == sorted(map(astuple, cards), key=lambda row: row[:2])


def test_what_is_as_it_was_is_not_sent() -> None:
    """Of three scorecards one differs: only that one is handed over."""
    cards = [StoredScorecard("deal", name, b"\x01", 1) for name in "abc"]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(TABLE)
        insert_scorecards(connection, 1, None, blocks_of(*cards))
        [block] = blocks_of(*cards[:2], evolve(cards[2], e2=2))
        assert _copied(connection, 2, 1, block)["id"].to_list() == ["c"]
