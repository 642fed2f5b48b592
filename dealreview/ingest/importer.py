"""The import: all files of a source into the database, in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from dealreview.ingest.afterwards import finish_import
from dealreview.ingest.damage import ColumnWatch
from dealreview.ingest.fields import Finding, Scope
from dealreview.ingest.files import Opened, open_files
from dealreview.ingest.idwatch import IdWatch
from dealreview.ingest.lookups import build_index, position
from dealreview.ingest.mapping_file import all_rules, is_secret
from dealreview.ingest.presence import Presence, present
from dealreview.ingest.problems import ProblemLog
from dealreview.ingest.readers import Damaged
from dealreview.ingest.records import Plan, Record, make_plan
from dealreview.ingest.stages import MetStage, StageBook, kind_of
from dealreview.ingest.summary import FileCounts, ImportSummary, Problem
from dealreview.ingest.values import as_text
from dealreview.ingest.writer import Fate, Origin, Writer, declare_custom_fields
from dealreview.model.errors import ConfigurationError
from dealreview.store.changes import revision
from dealreview.store.database import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from dealreview.ingest.mapping import Mapping, Target
    from dealreview.ingest.readers import Row, Source

    Progress = Callable[[int, int | None, str], None]

PROGRESS_ROWS = 1000
MOST_DAYS_AHEAD = 366


class _Undo(Exception):  # noqa: N818 - leaves the transaction, never the module
    """Ends the transaction without storing anything."""


@define
class Job:
    """One import under way."""

    mapping: Mapping
    summary: ImportSummary
    opened: tuple[Opened, ...]
    connection: sqlite3.Connection
    log: ProblemLog
    writer: Writer
    stages: StageBook
    today: dt.date
    indexes: dict[Any, Any] = field(factory=dict)
    days: dict[tuple[str, str], tuple[str, str]] = field(factory=dict)
    unreadable: set[str] = field(factory=set)
    on_progress: Progress | None = None

    @property
    def export_day(self) -> dt.date:
        """The day that the files show."""
        return self.mapping.exported_on or self.today

    def deal_currency(self, deal: str) -> str | None:
        """Return the currency of a deal; empty for an unknown one, None where nothing is said."""
        sql = "SELECT currency FROM deals WHERE deal_id = ?"
        found = self.connection.execute(sql, (deal,)).fetchone()
        # With a currency for all, a deal goes without only if its own was no currency.
        nobody = "" if self.mapping.currency else None
        return (found[0] or nobody) if found else None


def run_import(
    database_path: str | Path,
    paths: Iterable[str | Path],
    mapping: Mapping,
    *,
    dry_run: bool = False,
    strict: bool = False,
    today: dt.date | None = None,
    now: dt.datetime | None = None,
    on_progress: Progress | None = None,
    ready: Callable[[Database], None] | None = None,
) -> ImportSummary:
    """Import files into a database, made if there is none; all of it or nothing.

    Args:
        database_path: The database.
        paths: Files, or folders whose files are meant.
        mapping: How the files become rows.
        dry_run: Do everything and store nothing.
        strict: Store nothing if any row is rejected or most of a column could not be read.
        today: The day of the import; the clock's if left out.
        now: The instant of the import; the clock's if left out.
        on_progress: Called with rows done, rows in all if known, and the file.
        ready: Called with the open database first, to make tables of packs that are fed.

    Raises:
        ConfigurationError: when the mapping does not fit the files.
        FileError: when a file can't be read.
        StoreError: when the database can't be written.
    """
    now = now or dt.datetime.now(dt.UTC)
    today = today or now.astimezone(mapping.zone).date()
    check_export_day(mapping, today)
    summary = ImportSummary(mapping.source, mapping.name, dry_run=dry_run)
    opened = open_files(mapping, [Path(path) for path in paths], summary)
    with database_for(Path(database_path), dry_run=dry_run) as database:
        if ready:
            ready(database)
        try:
            with database.write() as connection:
                job = start(connection, mapping, summary, opened, today, now)
                job.on_progress = on_progress
                do_import(job, now)
                undo_if(dry_run or (strict and summary.is_incomplete))
        except _Undo:
            summary.import_id, summary.revision_after = None, summary.revision_before
        else:
            summary.stored = True
    return summary


def check_export_day(mapping: Mapping, today: dt.date) -> None:
    """Raise for an export from so far ahead that its day must be a typing error."""
    day = mapping.exported_on
    if day and (day - today).days > MOST_DAYS_AHEAD:
        what = f"{mapping.name} has exported_on = {day}, over a year ahead."
        raise ConfigurationError(what, mend="Say the day that the files show.")


def undo_if(unwanted: bool) -> None:
    """Leave the transaction without storing anything, if that is what is wanted."""
    if unwanted:
        raise _Undo


@contextmanager
def database_for(path: Path, *, dry_run: bool) -> Iterator[Database]:
    """Give the database; for a dry run without one, an empty one that goes away."""
    if dry_run and not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            yield Database.open(Path(folder) / "dry-run.db", create=True)
    else:
        yield Database.open(path, create=True)


def start(
    connection: sqlite3.Connection,
    mapping: Mapping,
    summary: ImportSummary,
    opened: tuple[Opened, ...],
    today: dt.date,
    now: dt.datetime,
) -> Job:
    """Return the job, with its import begun in the database."""
    row = (instant(now), mapping.name, digest(mapping, opened))
    sql = "INSERT INTO imports (started_at, mapping, digest) VALUES (?, ?, ?)"
    summary.import_id = connection.execute(sql, row).lastrowid
    summary.revision_before = revision(connection)
    aliases = {
        (table, alias): canonical
        for table, alias, canonical in connection.execute(
            "SELECT table_name, alias_id, canonical_id FROM aliases"
        )
    }
    log = ProblemLog(connection, summary.import_id or 0, summary)
    writer = Writer(connection, mapping, aliases)
    return Job(mapping, summary, opened, connection, log, writer, StageBook(mapping), today)


def instant(moment: dt.datetime) -> str:
    """Return an instant as the database keeps it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(mapping: Mapping, opened: tuple[Opened, ...]) -> str:
    """Return a digest of the mapping and the bytes of every file."""
    total = hashlib.sha256(mapping.text.encode())
    for path in sorted({one.path for one in opened}):
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def do_import(job: Job, now: dt.datetime) -> None:
    """Import every file and write down what was done."""
    declare_custom_fields(job.connection, job.mapping)
    build_indexes(job)
    report_columns(job)
    listen_to_flags(job)
    for table in job.mapping.tables:
        for number, (one, target) in enumerate(targets(job)):
            if target.table.name == table:
                import_file(job, one, target, number)
        if table == "deal_changes":
            job.summary.unmapped_stages = job.stages.store(job.connection, job.log)
    finish_import(job)
    job.log.finish()
    if not job.summary.adds_up():
        raise AssertionError("the rows of an import do not add up")
    finish_record(job, now)


def targets(job: Job) -> Iterable[tuple[Opened, Target]]:
    """Yield every file with each table that it feeds."""
    for one in job.opened:
        for target in one.block.targets:
            yield one, target


def build_indexes(job: Job) -> None:
    """Read the files that values are looked up in."""
    for rule in all_rules(job.mapping):
        if rule.lookup and rule.lookup not in job.indexes:
            columns = (rule.lookup.key, rule.lookup.value)
            sources = tuple(
                one.source
                for one in job.opened
                if one.block.name == rule.lookup.file
                if one.source.has(columns) or not job.mapping.skip_missing
            )
            nulls = job.mapping.nulls
            job.indexes[rule.lookup] = build_index(rule.lookup, sources, nulls)


def listen_to_flags(job: Job) -> None:
    """Read what deals say of their stages before any is stored: deals of one stage can disagree."""
    for one, target in targets(job):
        if target.table.name == "deals" and one.source.columns:
            found = presence(job, one, target).target
            if found:
                job.stages.listen(Scope(job.mapping, found, one.source, job.indexes))


def report_columns(job: Job) -> None:
    """Name the columns that are not read, and those that seem to hold passwords."""
    looked_up = {
        (lookup.file, column)
        for rule in all_rules(job.mapping)
        if (lookup := rule.lookup)
        for column in (lookup.key, lookup.value)
    }
    used: dict[str, set[int | None]] = {}
    for one in job.opened:
        mine = {column for file, column in looked_up if file == one.block.name}
        for target in one.block.targets:
            mine |= target.used_columns()
        used.setdefault(one.source.name, set()).update(map(one.source.spot, mine))
    for source in {one.source.name: one.source for one in job.opened}.values():
        spots = used[source.name]
        ignored = [name for spot, name in enumerate(source.columns) if spot not in spots]
        if ignored:
            job.summary.ignored_columns[source.name] = ignored
        if secret := [name for name in ignored if is_secret(name)]:
            job.summary.secret_columns[source.name] = secret


# One file


def import_file(job: Job, one: Opened, target: Target, number: int) -> None:
    """Import the rows of one file into one table."""
    counts = FileCounts(one.source.name, target.table.name, one.block.name)
    job.summary.counts.append(counts)
    if not one.source.columns:
        job.log.add_once(Problem(one.source.name, None, "", "", "is empty", "noted"))
        return
    found = available(job, one, target)
    if found is None or (
        found.snapshots and not {"new_value", "changed_at"} <= found.fields.keys()
    ):
        return
    target = found
    scope = Scope(
        job.mapping,
        target,
        one.source,
        job.indexes,
        job.writer.aliases,
        job.export_day,
        cache(job.deal_currency),
    )
    plan, watch, damage = make_plan(scope), IdWatch(target, one.source), ColumnWatch(target)
    for item in noted(job, one, rows_of(one.source, target)):
        counts.rows += item.lines if isinstance(item, Damaged) else 1
        if isinstance(item, Damaged):
            refuse_damaged(job, one, target, counts, item)
        elif is_blank(item):
            counts.blank += 1
        elif not plan.accepts(item.cells):
            counts.left_out += 1
        elif item.doubt:
            counts.rejected += 1
            job.log.add_once(doubtful(one, item))
        else:
            watch.see(item)
            damage.see(take(job, plan, counts, item, number))
        if job.on_progress and counts.rows % PROGRESS_ROWS == 0:
            job.on_progress(counts.rows, one.source.total, one.source.name)
    for problem in watch.problems():
        job.log.add(problem)
    job.summary.damaged_columns += damage.problems(counts.file)
    if job.on_progress:
        job.on_progress(counts.rows, counts.rows, one.source.name)


def available(job: Job, one: Opened, target: Target) -> Target | None:
    """Return the target without the fields whose column the file lacks, if the mapping allows it."""
    found = presence(job, one, target)
    if found.skipped:
        job.summary.skipped_fields.setdefault(one.source.name, []).extend(found.skipped)
    return found.target


def presence(job: Job, one: Opened, target: Target) -> Presence:
    """Return what a target asks of a file that the file has, if the mapping allows less than all."""
    if not job.mapping.skip_missing:
        return Presence(target)
    ready = [lookup for lookup, index in job.indexes.items() if index.exact]
    return present(target, one.source, ready, main=target is one.block.targets[0])


def rows_of(source: Source, target: Target) -> Iterator[Row | Damaged]:
    """Yield the rows of a file, one for each entry of the list that the target splits."""
    if target.split is None:
        yield from source.read()
        return
    spot = position(source, target.split.column)
    for row in source.read():
        entries = (
            []
            if isinstance(row, Damaged)
            else as_text(row.cells[spot]).split(target.split.separator)
        )
        kept = list(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))
        if isinstance(row, Damaged) or not kept:
            yield row
        else:
            for entry in kept:
                cells = (*row.cells[:spot], entry, *row.cells[spot + 1 :])
                yield evolve(row, cells=cells)


def noted(job: Job, one: Opened, rows: Iterable[Row | Damaged]) -> Iterator[Row | Damaged]:
    """Yield rows, and note how many the file has: each once, however many records it gives."""
    count, line = 0, None
    for row in rows:
        if row.line != line:
            count += row.lines if isinstance(row, Damaged) else 1
        line = row.line
        yield row
    file, read = (str(one.path), one.source.name), job.summary.read
    read[file] = max(read.get(file, 0), count)


def is_blank(row: Row) -> bool:
    """Whether a row has delimiters and nothing else."""
    return not any(cell and (not isinstance(cell, str) or as_text(cell)) for cell in row.cells)


def doubtful(one: Opened, row: Row) -> Problem:
    """Return the problem of a row that seems to be no record."""
    texts = [as_text(cell) for cell in row.cells]
    shown = ", ".join(text for text in texts if text)
    return Problem(one.source.name, row.line, "", shown, row.doubt, "rejected")


def refuse_damaged(job: Job, one: Opened, target: Target, counts: FileCounts, row: Damaged) -> None:
    """Count and report a row that can't be read."""
    counts.rejected += row.lines
    job.unreadable.add(target.table.name)
    job.log.add_once(Problem(one.source.name, row.line, "", row.text, row.told, "rejected"))


def take(job: Job, plan: Plan, counts: FileCounts, row: Row, number: int) -> Record:
    """Store one row, report what was wrong with it, and return what it came to."""
    record = plan.record(row.cells)
    if plan.scope.target.optional and is_known_or_none(job, plan, record, number):
        counts.left_out += 1
        return record
    met = stages_met(job, plan, record, counts.file, row.line)
    fate = job.writer.write(plan.scope.target.table, record, Origin(number, counts.file, row.line))
    setattr(counts, fate.value, getattr(counts, fate.value) + 1)
    if fate is Fate.REJECTED:
        refuse(job, plan, record, counts, row)
    elif fate is not Fate.DUPLICATE:
        for stage in met:
            job.stages.meet(stage)
        remember_day(job, plan, record, counts.block)
        for finding in record.findings:
            job.log.add(as_problem(finding, counts.file, row.line))
    return record


def is_known_or_none(job: Job, plan: Plan, record: Record, number: int) -> bool:
    """Whether a row names no record, or one that another block has read in this import."""
    table = plan.scope.target.table
    key = tuple(record.values.get(name) for name in table.key)
    if any(part in (None, "") for part in key):
        return True
    origin = job.writer.seen.get(table.name, {}).get(key)
    return origin is not None and origin.target != number


def refuse(job: Job, plan: Plan, record: Record, counts: FileCounts, row: Row) -> None:
    """Report a row that was rejected."""
    table = plan.scope.target.table
    if any(record.values.get(name) is None for name in table.key):
        job.unreadable.add(table.name)
    column = record.refused_column
    rule = plan.scope.target.fields.get(column)
    name = " + ".join(rule.columns) if rule and rule.columns else column
    reason = f"{table.name}: {record.refusal}"
    text = as_written(plan.scope, record, row)
    job.log.add(Problem(counts.file, row.line, name, text, reason, "rejected"))


def as_written(scope: Scope, record: Record, row: Row) -> str:
    """Return what the file holds in the columns that are to blame; else what was made of them."""
    column = record.refused_column
    rule = scope.target.fields.get(column)
    spots = [scope.source.spot(name) for name in (rule.columns if rule else ())]
    cells = [as_text(row.cells[spot]) for spot in spots if spot is not None]
    if cells and rule:
        return rule.sep.join(cells)
    made = record.values.get(column)
    return "" if made is None else str(made)


def as_problem(finding: Finding, file: str, line: int) -> Problem:
    """Return a finding about a cell as a problem."""
    return Problem(file, line, finding.column, finding.value, finding.reason, finding.action)


def stages_met(job: Job, plan: Plan, record: Record, file: str, line: int) -> list[MetStage]:
    """Turn the stage names of a record into ids, and return the stages."""
    table, rules = plan.scope.target.table.name, plan.scope.target.fields
    if table not in ("deals", "deal_changes"):
        return []
    if table == "deals":
        return deal_stage(job, plan, record, file, line)
    names = ("old_value", "new_value") if record.values.get("field") == "stage_id" else ()
    met = []
    for name in names:
        if said := record.values.get(name):
            column = " + ".join(rules[name].columns) if name in rules else ""
            stage = as_met(job, record, str(said), column, file, line)
            record.values[name] = stage.stage_id
            met.append(stage)
    return met


def deal_stage(job: Job, plan: Plan, record: Record, file: str, line: int) -> list[MetStage]:
    """Put a deal into the stage that it names and that its flags allow."""
    rules = plan.scope.target.fields
    said, kind = str(record.values.get("stage_id") or ""), kind_of(record.extra)
    elsewhere = "stage_id" not in rules and job.writer.is_given("deals", "stage_id")
    if not said and (kind is None or elsewhere):
        return []
    rule = rules.get("stage_id") or rules.get("is_won") or rules.get("is_closed")
    column = " + ".join(rule.columns) if rule else ""
    own = as_met(job, record, said, column, file, line)
    deal = str(record.values.get("deal_id"))
    stage, reason = job.stages.place(job.connection, own, deal)
    record.values["stage_id"] = stage.stage_id
    if reason:
        record.findings.append(Finding(column, own.name, reason, "noted"))
    if record.extra.get("is_won") and record.extra.get("is_closed") == 0:
        reason = "is won and not closed by the flags of the deal; taken as won"
        record.findings.append(Finding(column, own.name, reason, "noted"))
    return [stage]


def as_met(job: Job, record: Record, said: str, column: str, file: str, line: int) -> MetStage:
    """Return the stage that a row names."""
    name = said.removeprefix(f"{job.mapping.source}:")
    pipeline = record.extra.get("pipeline") or ""
    stage_id = job.stages.stage_id(pipeline, name)
    return MetStage(stage_id, name, pipeline, kind_of(record.extra), file, line, column)


def remember_day(job: Job, plan: Plan, record: Record, block: str) -> None:
    """Keep the earliest and latest plausible day of a block, for its feed."""
    table = plan.scope.target.table
    day = str(record.values.get(table.dated_by) or "")[:10]
    if not "1970" <= day <= job.export_day.isoformat():
        return
    first, last = job.days.get((table.name, block), (day, day))
    job.days[table.name, block] = (min(first, day), max(last, day))


def finish_record(job: Job, now: dt.datetime) -> None:
    """Write down what the import did."""
    summary = job.summary
    summary.revision_after = revision(job.connection)
    row = (
        instant(now),
        summary.total("rows"),
        summary.total("stored"),
        summary.rejected,
        json.dumps(summary.to_dict()["counts"], ensure_ascii=False),
        summary.import_id,
    )
    job.connection.execute(
        "UPDATE imports SET finished_at = ?, rows_in = ?, rows_stored = ?, rows_rejected = ?, "
        "summary_json = ? WHERE import_id = ?",
        row,
    )
