"""What only the whole import can tell: references, totals, calls that came twice, what is gone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dealreview.ingest.mapping import BARE_KEYS, NAMED_REFERENCES
from dealreview.ingest.oddities import note_oddities
from dealreview.ingest.summary import Feed, FileCounts, Problem
from dealreview.ingest.writer import PARTS
from dealreview.model.money import format_money
from dealreview.store.feeds import last_covered, record_feed
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.ingest.importer import Job
    from dealreview.ingest.writer import DealChange, Key, Origin
    from dealreview.store.schema import Table

SAME_CALL_MINUTES = 5
TOTAL_TOLERANCE = 0.01


def finish_import(job: Job) -> None:
    """Look at what the files say together."""
    merge_same_calls(job)
    note_dangling(job)
    note_foreign_contacts(job)
    note_totals(job)
    note_shared_names(job)
    note_oddities(job)
    mark_gone(job)
    derive_changes(job)
    record_feeds(job)


def note(job: Job, origin: Origin, column: str, value: str, reason: str) -> None:
    """Note something about a row of this import."""
    job.log.add(Problem(origin.file, origin.line, column, value, reason, "noted"))


def source_column(job: Job, origin: Origin, name: str) -> str:
    """Return the column of the file that a field of a record came from."""
    targets = [target for one in job.opened for target in one.block.targets]
    rule = targets[origin.target].fields.get(name)
    return " + ".join(rule.columns) if rule and rule.columns else name


def touched(job: Job) -> Iterator[Table]:
    """Yield the tables that this import fed."""
    yield from (table for name, table in job.mapping.tables.items() if job.writer.seen.get(name))


# References


def note_dangling(job: Job) -> None:
    """Note ids that point at records which do not exist; the rows are kept."""
    for table in touched(job):
        for column in table.columns:
            if column.references and column.name not in table.parents:
                target, _, key = column.references.partition(".")
                note_missing(job, table, column.name, target, key, "1")
        for name, (naming, kinds) in references_by_name(table):
            for kind, target in kinds.items():
                note_missing(
                    job, table, name, target, TABLES[target].key[0], f"{naming} = '{kind}'"
                )


def references_by_name(table: Table) -> Iterator[tuple[str, Any]]:
    """Yield the columns of a table whose own target another column names."""
    for (owner, name), how in NAMED_REFERENCES.items():
        if owner == table.name:
            yield name, how


def note_missing(job: Job, table: Table, name: str, target: str, key: str, condition: str) -> None:
    """Note the records of this import whose reference points nowhere."""
    keys = ", ".join(f"t.{column}" for column in table.key)
    sql = (
        f"SELECT t.{name}, {keys} FROM {table.name} t WHERE t.{name} IS NOT NULL AND {condition} "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM {target} WHERE {target}.{key} = t.{name})"
    )
    for value, *found in job.connection.execute(sql):
        origin = job.writer.seen[table.name].get(tuple(found))
        if origin:
            column = source_column(job, origin, name)
            note(job, origin, column, value, f"points at {target}, where there is no such record")


FOREIGN_CONTACTS = """
SELECT t.deal_id, t.contact_id, c.account_id, d.account_id, {key} FROM {table} t
JOIN deals d ON d.deal_id = t.deal_id
JOIN contacts c ON c.contact_id = t.contact_id
LEFT JOIN accounts theirs ON theirs.account_id = c.account_id
LEFT JOIN accounts ours ON ours.account_id = d.account_id
WHERE c.account_id <> d.account_id
AND theirs.parent_account_id IS NOT d.account_id AND ours.parent_account_id IS NOT c.account_id
"""


def note_foreign_contacts(job: Job) -> None:
    """Note contacts of a deal who belong to another account."""
    for name in ("stakeholders", "stakeholder_roles"):
        seen = job.writer.seen.get(name, {})
        keys = ", ".join(f"t.{column}" for column in TABLES[name].key)
        sql = FOREIGN_CONTACTS.format(table=name, key=keys)
        for deal, contact, theirs, ours, *key in job.connection.execute(sql) if seen else ():
            if origin := seen.get(tuple(key)):
                column = source_column(job, origin, "contact_id")
                reason = f"belongs to account '{theirs}', deal '{deal}' to '{ours}'"
                note(job, origin, column, contact, reason)


# Totals and names


TOTALS = """
SELECT v.row_id, v.value, sum(l.invoice_minor), d.currency FROM custom_values v
JOIN deals d ON d.deal_id = v.row_id JOIN deal_lines l ON l.deal_id = d.deal_id
WHERE v.table_name = 'deals' AND v.name = 'source_total'
GROUP BY v.row_id HAVING count(*) = count(l.invoice_minor)
"""


def note_totals(job: Job) -> None:
    """Note deals whose own total is not that of their lines."""
    for deal, total, lines, currency in job.connection.execute(TOTALS):
        origin = job.writer.seen.get("deals", {}).get((deal,))
        if origin and abs(total - lines) > TOTAL_TOLERANCE * abs(lines):
            said, summed = (format_money(value, currency) for value in (total, lines))
            column = source_column(job, origin, "source_total")
            reason = f"is the source's total; the lines of deal '{deal}' come to {summed}"
            note(job, origin, column, said, reason)


def note_shared_names(job: Job) -> None:
    """Note names that several accounts have."""
    sql = (
        "SELECT name, min(account_id), count(*) FROM accounts WHERE name IS NOT NULL "
        "GROUP BY name HAVING count(*) > 1"
    )
    seen = job.writer.seen.get("accounts", {})
    for name, first, count in job.connection.execute(sql) if seen else ():
        if origin := seen.get((first,)):
            column = source_column(job, origin, "name")
            note(job, origin, column, name, f"is the name of {count} accounts")


# The same call from two systems


def merge_same_calls(job: Job) -> None:
    """Store a call once that two systems recorded: same person, contact, and minute within five."""
    if not has_other_activities(job):
        return
    for statement in LIST_CALLS:
        job.connection.execute(statement)
    for key in sorted(job.writer.fresh.get("activities", ())):
        twin = same_call(job, str(key[0]))
        if twin:
            merge_call(job, str(key[0]), twin)
    job.connection.execute("DROP TABLE temp.calls")


def has_other_activities(job: Job) -> bool:
    """Whether activities come from more than one place."""
    seen = job.writer.seen.get("activities", {})
    if len({origin.target for origin in seen.values()}) > 1:
        return True
    prefix = f"{job.mapping.source}:"
    sql = "SELECT 1 FROM activities WHERE substr(activity_id, 1, ?) <> ? LIMIT 1"
    return job.connection.execute(sql, (len(prefix), prefix)).fetchone() is not None


LIST_CALLS = (
    (
        "CREATE TEMP TABLE calls AS SELECT activity_id, person_id, kind, unixepoch(at) AS second "
        "FROM activities WHERE kind IN ('call', 'meeting') AND person_id IS NOT NULL AND at IS NOT NULL"
    ),
    "CREATE INDEX temp.calls_by_person ON calls (person_id, second)",
)
"""A list of its own, so that a busy person's calls are not compared with each other one by one."""

TWINS = """
SELECT other.activity_id FROM activities mine JOIN temp.calls other
  ON other.person_id = mine.person_id
  AND other.second BETWEEN unixepoch(mine.at) - 60 * :near AND unixepoch(mine.at) + 60 * :near
WHERE mine.activity_id = :mine AND other.activity_id <> :mine AND other.kind = mine.kind
AND EXISTS (
  SELECT 1 FROM activity_attendees a JOIN activity_attendees b ON a.attendee_id = b.attendee_id
  WHERE a.activity_id = mine.activity_id AND b.activity_id = other.activity_id
  AND a.side = 'buyer' AND b.side = 'buyer')
ORDER BY other.activity_id
"""


def same_call(job: Job, activity: str) -> str:
    """Return an activity from another place that is the same call; empty when there is none."""
    if is_midnight(job, activity):
        return ""
    wanted = {"near": SAME_CALL_MINUTES, "mine": activity}
    for (other,) in job.connection.execute(TWINS, wanted):
        if comes_from_elsewhere(job, activity, other):
            return str(other)
    return ""


def is_midnight(job: Job, activity: str) -> bool:
    """Whether only the day of an activity is known: its time is midnight."""
    sql = "SELECT at FROM activities WHERE activity_id = ?"
    (at,) = job.connection.execute(sql, (activity,)).fetchone()
    if at is None:
        return True
    local = dt.datetime.fromisoformat(at).astimezone(job.mapping.zone)
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def comes_from_elsewhere(job: Job, activity: str, other: str) -> bool:
    """Whether two activities come from different systems or files: one list keeps its redials."""
    seen = job.writer.seen["activities"]
    if (other,) in seen:
        return seen[other,].target < seen[activity,].target
    return not other.startswith(f"{job.mapping.source}:")


def merge_call(job: Job, activity: str, twin: str) -> None:
    """Drop an activity, keep its people and topics with its twin, and remember its id."""
    for table in PARTS:
        sql = f"UPDATE OR IGNORE {table} SET activity_id = ? WHERE activity_id = ?"  # noqa: S608
        job.connection.execute(sql, (twin, activity))
        for key in [key for key in job.writer.fresh.get(table, ()) if key[0] == activity]:
            recount(job, job.writer.seen[table][key], table)
            del job.writer.seen[table][key]
    origin = job.writer.seen["activities"].pop((activity,))
    recount(job, origin, "activities")
    job.connection.execute("DELETE FROM activities WHERE activity_id = ?", (activity,))
    job.connection.execute("INSERT INTO aliases VALUES ('activities', ?, ?)", (activity, twin))
    column = source_column(job, origin, "activity_id")
    note(job, origin, column, activity, f"is the same call as '{twin}'; stored once")


def recount(job: Job, origin: Origin, table: str) -> None:
    """Count a row that was new as a duplicate."""
    counts = counts_of(job, origin, table)
    counts.new -= 1
    counts.duplicates += 1


def counts_of(job: Job, origin: Origin, table: str) -> FileCounts:
    """Return the counts that a row is in."""
    pairs = [(one, target) for one in job.opened for target in one.block.targets]
    one, _target = pairs[origin.target]
    return next(
        counts
        for counts in job.summary.counts
        if (counts.file, counts.table, counts.block) == (origin.file, table, one.block.name)
    )


# What is gone, what changed, what is recorded


def mark_gone(job: Job) -> None:
    """Mark records of this source that its complete exports no longer have."""
    day = job.export_day.isoformat()
    tell_unmarked(job)
    for table in touched(job):
        missing = missing_keys(job, table) if is_complete(job, table) else []
        if missing and table.name in job.unreadable:
            reason = f"{table.name}: nothing was marked as gone, because rows could not be read"
            job.log.add(Problem(job.mapping.name, None, "", "", reason, "noted"))
            continue
        for key in missing:
            job.writer.set_columns(table, key, {"gone_on": day})
            job.summary.gone[table.name] += 1
    job.summary.returned.update(job.writer.returned)


def tell_unmarked(job: Job) -> None:
    """Keep why nothing was marked in tables whose exports are said to be complete."""
    for table in job.mapping.tables.values():
        blocks = complete_blocks(job, table)
        if table.name in BARE_KEYS or not blocks:
            continue
        if absent := sorted(blocks & set(job.summary.unmatched)):
            job.summary.not_marked[table.name] = f"there is no file for {', '.join(absent)}"
        elif table.name in job.unreadable:
            job.summary.not_marked[table.name] = "rows could not be read"
        elif not job.writer.seen.get(table.name):
            job.summary.not_marked[table.name] = "there are no rows"


def complete_blocks(job: Job, table: Table) -> set[str]:
    """Return the blocks that together are a complete export of a table."""
    return {
        block.name
        for block in job.mapping.blocks
        for target in block.targets
        if target.table is table and target.complete
    }


def is_complete(job: Job, table: Table) -> bool:
    """Whether all files that make up a complete export of a table are here."""
    blocks = complete_blocks(job, table)
    return bool(blocks) and table.name not in BARE_KEYS and not blocks & set(job.summary.unmatched)


def missing_keys(job: Job, table: Table) -> list[Key]:
    """Return the keys of this source's records that the import did not meet."""
    prefix = f"{job.mapping.source}:"
    keys = ", ".join(table.key)
    sql = f"SELECT {keys} FROM {table.name} WHERE gone_on IS NULL AND substr({table.key[0]}, 1, ?) = ?"  # noqa: S608
    met = job.writer.seen[table.name].keys() | job.writer.refused.get(table.name, set())
    derived = f"{prefix}import/"
    return [
        tuple(key)
        for key in job.connection.execute(sql, (len(prefix), prefix)).fetchall()
        if tuple(key) not in met and not str(key[0]).startswith(derived)
    ]


def derive_changes(job: Job) -> None:
    """Write the changes of deals that the import noticed and the source's own history does not tell."""
    for change in job.writer.changes:
        if latest_change(job, change) != stored_text(change.new):
            write_change(job, change)
            job.summary.changes += 1


def stored_text(value: Any) -> str | None:
    """Return a value of a deal as ``deal_changes`` holds it."""
    return None if value is None else str(value)


def latest_change(job: Job, change: DealChange) -> str | None:
    """Return the value that the last recorded change of a column led to."""
    sql = (
        "SELECT new_value FROM deal_changes WHERE deal_id = ? AND field = ? "
        "ORDER BY changed_at DESC LIMIT 1"
    )
    found = job.connection.execute(sql, (change.deal_id, change.field)).fetchone()
    return None if found is None else found[0]


SET_CHANGE = """
INSERT INTO deal_changes (change_id, deal_id, field, old_value, new_value, changed_at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (change_id) DO UPDATE SET new_value = excluded.new_value
"""


def write_change(job: Job, change: DealChange) -> None:
    """Write a change, dated by the export that shows it."""
    source = job.mapping.source
    day = job.export_day
    external = change.deal_id.removeprefix(f"{source}:")
    moment = dt.datetime.combine(day, dt.time(), job.mapping.zone).astimezone(dt.UTC)
    row = (
        f"{source}:import/{external}/{change.field}/{day}",
        change.deal_id,
        change.field,
        stored_text(change.old),
        stored_text(change.new),
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    job.connection.execute(SET_CHANGE, row)


def record_feeds(job: Job) -> None:
    """Write for which days the tables are recorded."""
    for table, block, complete in fed(job):
        span = stated_span(job, table, block) or found_span(job, table, block, complete=complete)
        if span is None:
            continue
        scope = f"{job.mapping.source}/{block}"
        if table.name == "deals" and complete:
            record_differences(job, scope, span[1])
        write_feed(job, table.name, scope, *span)


def fed(job: Job) -> Iterable[tuple[Table, str, bool]]:
    """Return each table and block of this import once, and whether it is a complete export."""
    found: dict[tuple[str, str], bool] = {}
    for one in job.opened:
        for target in one.block.targets:
            found[target.table.name, one.block.name] = target.complete
    return [
        (job.mapping.tables[table], block, complete) for (table, block), complete in found.items()
    ]


def stated_span(job: Job, table: Table, block: str) -> tuple[dt.date, dt.date] | None:
    """Return the days that the mapping states; what it leaves open is the file's own."""
    if table.name not in job.mapping.feeds:
        return None
    first, last = job.mapping.feeds[table.name]
    rows = days_of_rows(job, table, block)
    if rows:
        note_feed_elsewhere(job, table, first, last, rows)
    found = rows or (job.export_day, job.export_day)
    first = first or found[0]
    return first, max(first, last or found[1])


def note_feed_elsewhere(
    job: Job,
    table: Table,
    first: dt.date | None,
    last: dt.date | None,
    found: tuple[dt.date, dt.date],
) -> None:
    """Note stated days of a feed among which there is no day of the file."""
    if (last and last < found[0]) or (first and first > found[1]):
        said = f"feeds.{table.name} is from {first or 'the start'} to {last or 'the end'}"
        reason = f"{said}; the days of the file are {found[0]} to {found[1]}"
        job.log.add(Problem(job.mapping.name, None, "", "", reason, "noted"))


def found_span(
    job: Job, table: Table, block: str, *, complete: bool
) -> tuple[dt.date, dt.date] | None:
    """Return the earliest and latest day of a file; a complete export goes up to its own day."""
    days = days_of_rows(job, table, block)
    return days and (days[0], job.export_day if complete else days[1])


def days_of_rows(job: Job, table: Table, block: str) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day that rows cover; none of a month lies after the export."""
    days = job.days.get((table.name, block))
    if days is None:
        return None
    first, last = (dt.date.fromisoformat(day) for day in days)
    return first, max(last, min(last_covered(table.name, last), job.export_day))


def record_differences(job: Job, scope: str, last: dt.date) -> None:
    """Say that changes of deals are recorded between two complete exports."""
    sql = "SELECT max(covers_to) FROM feeds WHERE table_name = 'deals' AND scope = ?"
    (before,) = job.connection.execute(sql, (scope,)).fetchone()
    if before and before < last.isoformat():
        write_feed(job, "deal_changes", scope, dt.date.fromisoformat(before), last)


def write_feed(job: Job, table: str, scope: str, first: dt.date, last: dt.date) -> None:
    """Write a feed and report it."""
    record_feed(job.connection, table, scope, first, last)
    job.summary.feeds.append(Feed(table, scope, first.isoformat(), last.isoformat()))
