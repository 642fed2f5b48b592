"""Whom changes touch: the accounts and deals whose local facts may be others than at a revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.store.changes import revision as data_revision
from dealreview.store.schema import TABLES
from dealreview.store.slices import NAMED, Lookup
from dealreview.store.snapshot.changes import TooMuch, check_log, following, logged
from dealreview.store.snapshot.reading import keys_of_parts

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from dealreview.store.snapshot.changes import Key
    from dealreview.store.snapshot.manifest import Manifest

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
        connection: A read transaction, of the revision of the snapshot.
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
        if _were_replaced(connection, folder, manifest, since.revision):
            raise TooMuch("nobody has told whose a row was before")
        look, (accounts, deals) = Lookup(connection), _named_in_log(connection, since.revision)
        beside = led_to(look, keys)
        return _with_families(look, accounts | beside[0], deals | beside[1], since.parents)


def _touches_everybody(connection: sqlite3.Connection, since: int) -> bool:
    """Whether a row has changed that belongs to nobody: a person, a stage, a rate, a feed."""
    owned = [table.name for table in TABLES.values() if table.owner]
    marks = ", ".join("?" * len(owned))
    query = f"""
        SELECT EXISTS (SELECT 1 FROM change_log WHERE seq > ?
        AND table_name NOT IN ({marks}) AND account_id IS NULL AND deal_id IS NULL)
    """  # noqa: S608 - only marks
    return bool(connection.execute(query, (since, *owned)).fetchone()[0])


def _were_replaced(
    connection: sqlite3.Connection, folder: Path, manifest: Manifest, since: int
) -> bool:
    """Whether a row was put in the place of another one with its key, which no trigger has seen go."""
    query = """
        SELECT table_name, row_key FROM change_log WHERE seq > ? AND op = 'insert'
        EXCEPT SELECT table_name, row_key FROM change_log WHERE seq > ? AND op = 'delete'
    """
    inserted: dict[str, set[str]] = {}
    for name, key in connection.execute(query, (since, since)):
        inserted.setdefault(name, set()).add(key)
    in_parts = (
        not keys.isdisjoint(keys_of_parts(folder, manifest.tables[name]))
        for name, keys in inserted.items()
        if name in manifest.tables
    )
    return bool(inserted) and (
        any(in_parts) or _were_inserted_before(connection, inserted, manifest.base, since)
    )


def _were_inserted_before(
    connection: sqlite3.Connection, inserted: Mapping[str, set[str]], base: int, since: int
) -> bool:
    query = (
        "SELECT table_name, row_key FROM change_log WHERE seq > ? AND seq <= ? AND op = 'insert'"
    )
    lines = connection.execute(query, (base, since))
    return any(key in inserted.get(name, ()) for name, key in lines)


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
