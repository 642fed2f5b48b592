"""Whom changes touch: the accounts and deals whose local facts may be others than at a revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.store.changes import revision as data_revision
from dealreview.store.schema import TABLES
from dealreview.store.slices import NAMED, Lookup
from dealreview.store.snapshot.changes import TooMuch, check_log, check_whole, following, logged
from dealreview.store.snapshot.reading import owners_in_parts, places_in_parts

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from dealreview.model.table import Table
    from dealreview.store.snapshot.changes import Key
    from dealreview.store.snapshot.manifest import Kept, Manifest

MOST_KEYS = 5_000_000
"""Rows of a table up to which all keys are read for a few that the snapshot does not know as changed."""

Parents = Mapping[str, str]
"""The parent of each account that has one."""


@frozen(eq=False)
class Touched:
    """Accounts with all of their families, and their deals.

    Attributes:
        accounts: Ids, those that only deals name included.
        deals: Ids.
    """

    accounts: frozenset[str]
    deals: frozenset[str]


@frozen
class Since:
    """What was so at the revision since which changes are looked for.

    Attributes:
        revision: The revision.
        parents: The parents of accounts.
    """

    revision: int
    parents: Parents


def touched_since(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, since: Since
) -> Touched:
    """Return whom changes after a revision touch.

    Args:
        connection: A read transaction, of the revision of the snapshot or a later one.
        folder: Where the files of the snapshot are.
        manifest: The snapshot.
        since: The revision, and what was so.

    Raises:
        TooMuch: Changes that touch everybody, that can't be followed, or too many of them.
    """
    with following():
        check_log(connection, manifest, data_revision(connection), since.revision)
        keys = logged(connection, manifest, since.revision)
        if _touches_everybody(connection, since.revision):
            raise TooMuch("what everybody shares has changed")
        look = Lookup(connection)
        found = (
            _named_in_log(connection, since.revision),
            _without_notice(connection, folder, manifest, since.revision),
            led_to(look, keys),
        )
        accounts, deals = (set[str]().union(*some) for some in zip(*found, strict=True))
        return _with_families(look, accounts, deals, since.parents)


def _touches_everybody(connection: sqlite3.Connection, since: int) -> bool:
    """Whether a row has changed that belongs to nobody: a person, a stage, a rate, a feed."""
    owned = [table.name for table in TABLES.values() if table.owner]
    marks = ", ".join("?" * len(owned))
    query = f"""
        SELECT EXISTS (SELECT 1 FROM change_log WHERE seq > ?
        AND table_name NOT IN ({marks}) AND account_id IS NULL AND deal_id IS NULL)
    """  # noqa: S608 - only marks
    return bool(connection.execute(query, (since, *owned)).fetchone()[0])


def _without_notice(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, since: int
) -> tuple[set[str], set[str]]:
    """Return the accounts and deals whose rows went where another row took their key.

    No trigger has seen these go. Whose they were stands in the parts of the snapshot, or in the log
    where that has changed before the revision.

    Raises:
        TooMuch: A row that belonged to no account or deal may be among them, or the log has gaps.
    """
    found: dict[str, set[str]] = {"account_id": set(), "deal_id": set()}
    suspects = {n: keys for n, keys in _suspects(connection, since).items() if n in TABLES}
    if suspects:
        check_whole(connection, manifest.base, since)
    is_followed = data_revision(connection) == manifest.revision
    for name, keys in suspects.items():
        kept = manifest.tables.get(name)
        before = _owners_before(folder, TABLES[name], kept, keys, is_followed=is_followed)
        for column, ids in before.items():
            found[column] |= ids
    query = (
        "SELECT table_name, row_key, account_id, deal_id FROM change_log WHERE seq > ? AND seq <= ?"
    )
    for name, key, account, deal in connection.execute(query, (manifest.base, since)):
        if key in suspects.get(name, ()):
            found["account_id"].add(account)
            found["deal_id"].add(deal)
            if not TABLES[name].owner:
                raise TooMuch("nobody has told whose a row was before")
    return found["account_id"] - {None}, found["deal_id"] - {None}


def _owners_before(
    folder: Path, table: Table, kept: Kept | None, keys: set[str], *, is_followed: bool
) -> dict[str, set[str]]:
    """Return the accounts and deals that rows with some keys belonged to when the parts were written.

    Raises:
        TooMuch: A row that belonged to no account or deal may be among them.
    """
    columns = [one for one in ("account_id", "deal_id") if one in table.by_name]
    if table.owner and (kept is None or not columns):
        return {}
    if kept is None:
        raise TooMuch("nobody has told whose a row was before")
    if not is_followed and kept.rows > MOST_KEYS:
        raise TooMuch("it takes long to find out whose a row was before")
    places = places_in_parts(folder, kept, keys, is_followed=is_followed)
    if not table.owner and places.len():
        raise TooMuch("nobody has told whose a row was before")
    return owners_in_parts(folder, kept, columns, places)


def _suspects(connection: sqlite3.Connection, since: int) -> dict[str, set[str]]:
    """Return the keys, by table, that a row may have taken from another one."""
    found = _of_op(connection, since, "insert")
    for name, keys in _of_op(connection, since, "update").items():
        # Whoever gives a row another key leaves one behind; it is there again only if a row was
        # inserted with it.
        if name in TABLES and (name in found or _is_any_gone(connection, name, keys)):
            found.setdefault(name, set()).update(keys)
    return found


def _of_op(connection: sqlite3.Connection, since: int, op: str) -> dict[str, set[str]]:
    query = "SELECT DISTINCT table_name, row_key FROM change_log WHERE seq > ? AND op = ?"
    found: dict[str, set[str]] = {}
    for name, key in connection.execute(query, (since, op)):
        found.setdefault(name, set()).add(key)
    return found


def _is_any_gone(connection: sqlite3.Connection, name: str, keys: set[str]) -> bool:
    """Whether a row with one of some keys is not in its table any more."""
    names = TABLES[name].key
    firsts = {key.split("\x1f")[0] for key in keys}
    rows = Lookup(connection).rows(name, names, names[0], firsts)
    return not keys <= {"\x1f".join(key) for some in rows for key in some}


def _named_in_log(connection: sqlite3.Connection, since: int) -> tuple[set[str], set[str]]:
    """Return the accounts and deals that changed rows belonged to, before or after."""
    found = []
    for column in ("account_id", "deal_id"):
        query = f"SELECT DISTINCT {column} FROM change_log WHERE seq > ? AND {column} IS NOT NULL"  # noqa: S608 - our names
        found.append({one for (one,) in connection.execute(query, (since,))})
    return found[0], found[1]


def led_to(look: Lookup, keys: Mapping[str, set[Key]]) -> tuple[set[str], set[str]]:
    """Return the accounts and deals that see changed rows which do not name them.

    Those are whoever took part in the same activities and whoever's rows name a changed contact. What
    names a changed deal is seen as of its day, by an account of its own or of attendees too.
    """
    contacts, seen_as_of = _firsts(keys, "contacts"), _firsts(keys, "deals")
    met = _firsts(keys, "activities", "activity_attendees", "activity_topics")
    met |= look.ids("activity_attendees", "activity_id", "attendee_id", contacts)
    accounts = look.ids("activities", "account_id", "activity_id", met)
    deals = look.ids("activities", "deal_id", "activity_id", met)
    for name, column in NAMED.items():
        deals |= look.ids(name, "deal_id", column, contacts)
    for name in ("activities", "time_entries"):
        accounts |= look.ids(name, "account_id", "deal_id", seen_as_of)
    met |= look.ids("activities", "activity_id", "deal_id", seen_as_of)
    people = contacts | {attendee for _, attendee in keys.get("activity_attendees", ())}
    people |= look.ids("activity_attendees", "attendee_id", "activity_id", met)
    accounts |= look.ids("contacts", "account_id", "contact_id", people)
    return accounts, deals


def _firsts(keys: Mapping[str, set[Key]], *names: str) -> set[str]:
    """Return the first part of the keys of changed rows of some tables."""
    return {key[0] for name in names for key in keys.get(name, ())}


def _with_families(look: Lookup, accounts: set[str], deals: set[str], old: Parents) -> Touched:
    """Return accounts and those of deals with parents and children, and all deals of theirs."""
    accounts = accounts | look.ids("deals", "account_id", "deal_id", deals)
    relatives = _families(look, accounts | {old[one] for one in accounts if one in old})
    deals = deals | look.ids("deals", "deal_id", "account_id", relatives)
    return Touched(frozenset(relatives), frozenset(deals))


def _families(look: Lookup, accounts: set[str]) -> set[str]:
    """Return accounts with their parents and children, and those of these."""
    found, new = set(accounts), accounts
    while new:
        above = look.ids("accounts", "parent_account_id", "account_id", new)
        below = look.ids("accounts", "account_id", "parent_account_id", new)
        new = (above | below) - found
        found |= new
    return found
