"""The change log: what changed since when, for all data and account by account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

SHARED = ""
"""Where :func:`account_revisions` counts changes of rows that belong to no account."""


REVISION = "SELECT seq FROM sqlite_sequence WHERE name = 'change_log'"
"""The data revision; no row while nothing has changed."""


def revision(connection: sqlite3.Connection) -> int:
    """Return the data revision: the number of the last change; pruning does not lower it."""
    found = connection.execute(REVISION).fetchone()
    return found[0] if found else 0


def changed_since(connection: sqlite3.Connection, before: int) -> set[str]:
    """Return the tables with a row that was changed after a data revision."""
    query = "SELECT DISTINCT table_name FROM change_log WHERE seq > ?"
    return {name for (name,) in connection.execute(query, (before,))}


def account_revisions(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the last change of each account's rows; rows of no account count under :data:`SHARED`.

    A row counts for the account that it names and for that of its deal, if these differ for both.
    """
    return dict(connection.execute(_ACCOUNT_REVISIONS))


# Attendees and topics name only their activity, which is the first part of their key.
# A deal that is gone left its account in its own line.
_ACCOUNT_REVISIONS = """
WITH latest AS (
  SELECT table_name, account_id, deal_id,
    CASE WHEN table_name IN ('activity_attendees', 'activity_topics')
      THEN substr(row_key, 1, instr(row_key, char(31)) - 1) END AS activity_id,
    max(seq) AS seq
  FROM change_log GROUP BY 1, 2, 3, 4
), resolved AS (
  SELECT latest.seq, latest.table_name,
    coalesce(latest.account_id, activities.account_id) AS own,
    deals.account_id AS by_deal
  FROM latest
  LEFT JOIN activities ON activities.activity_id = latest.activity_id
  LEFT JOIN deals ON deals.deal_id = coalesce(latest.deal_id, activities.deal_id)
)
SELECT account_id, max(seq) FROM (
  SELECT own AS account_id, seq FROM resolved WHERE own IS NOT NULL
  UNION ALL SELECT by_deal, seq FROM resolved WHERE by_deal IS NOT NULL
  UNION ALL SELECT '', seq FROM resolved WHERE own IS NULL AND by_deal IS NULL
) GROUP BY account_id ORDER BY account_id
"""


def compact_change_log(connection: sqlite3.Connection) -> int:
    """Keep the newest line of each row, and of each account or deal it moved away from.

    Returns:
        The number of lines taken out.
    """
    return connection.execute(_COMPACT).rowcount


_COMPACT = """
DELETE FROM change_log WHERE seq NOT IN (
  SELECT max(seq) FROM change_log GROUP BY table_name, row_key, account_id, deal_id
)
"""
