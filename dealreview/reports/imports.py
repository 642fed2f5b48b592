"""What an import did, in a terminal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dealreview.model.outcome import Outcome
from dealreview.reports.layout import line, paragraph, spaced, table
from dealreview.reports.marks import OUTCOME_MARKS
from dealreview.reports.quantities import counted
from dealreview.reports.text import DATABASE, HEADING, problems_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from dealreview.ingest.summary import FileCounts, ImportSummary, Problem

REASONS_SHOWN, PROBLEMS_SHOWN, NAMES_SHOWN = 10, 5, 12
_COUNTS = ("new", "updated", "unchanged", "duplicates", "left_out", "rejected", "blank")


def import_text(summary: ImportSummary, width: int, database: str = DATABASE) -> Iterator[Text]:
    """Yield the lines that tell what an import into a database did."""
    sections = (_header, _files, _remarks, _reasons, partial(_problems, database=database))
    yield from spaced(section(summary, width) for section in sections)


def _header(summary: ImportSummary, width: int) -> Iterator[Text]:
    read, rows = summary.rows_read, summary.total("rows")
    # A row that feeds two tables gives two records; their fates add up to the records.
    records = "" if read == rows else f", {counted(rows, 'record')} made of them"
    text = f"{counted(read, 'row')} read{records}: {', '.join(_fates(summary))}."
    yield from paragraph(text, width, style="bold")
    if summary.stored:
        where = f"Import {summary.import_id}, mapping {summary.mapping}, source {summary.source}."
        yield from paragraph(where, width, style="dim")
    else:
        is_lost = summary.damaged_columns and not summary.rejected
        what = "most of a column could not be read" if is_lost else "rows were rejected"
        why = "a dry run" if summary.dry_run else f"{what} and --strict was given"
        yield from paragraph(f"Nothing was stored: {why}.", width, style="bold")


def _fates(summary: ImportSummary) -> Iterator[str]:
    """Yield what became of the records; together they are all of them."""
    yield f"{summary.total('stored'):,} stored"
    yield f"{summary.total('rejected'):,} rejected"
    for name in ("unchanged", "duplicates", "left_out", "blank"):
        if count := summary.total(name):
            by = " by the mapping" if name == "left_out" else ""
            yield f"{count:,} {_word(name, count)}{by}"


def _files(summary: ImportSummary, width: int) -> Iterator[Text]:
    shown = [counts for counts in summary.counts if counts.rows]
    if shown:
        yield line(("FILES", HEADING))
        rows = [(f"{c.rows:,}", _from_to(c), _fate(c)) for c in shown]
        yield from table(rows, width, indent=2, numbers=1)


def _from_to(counts: FileCounts) -> str:
    return f"{counts.file} → {counts.table}"


def _fate(counts: FileCounts) -> str:
    parts = [(name, getattr(counts, name)) for name in _COUNTS]
    return ", ".join(f"{count:,} {_word(name, count)}" for name, count in parts if count)


def _word(fate: str, count: int) -> str:
    """Return the word for a fate, that of a single row in the singular."""
    return "duplicate" if fate == "duplicates" and count == 1 else fate.replace("_", " ")


def _remarks(summary: ImportSummary, width: int) -> Iterator[Text]:
    lead = OUTCOME_MARKS[Outcome.WATCH].lead
    for text in _sentences(summary):
        yield from paragraph(text, width, hang=2, lead=lead)


def _sentences(summary: ImportSummary) -> Iterator[str]:
    for lost in summary.damaged_columns:
        yield f"MOST OF A COLUMN IS LOST: {lost.column} of {lost.file}: {lost.reason}."
    for name, reason in sorted(summary.not_marked.items()):
        yield f"Nothing of {name} was marked as gone: {reason}."
    if summary.unmapped_stages:
        yield (
            f"Stages without a milestone: {_some(summary.unmapped_stages)}. Checks that ask how far "
            "a deal is can't decide; say it under [stages] in the mapping."
        )
    if summary.unread:
        yield f"Files that the mapping does not read: {_some(summary.unread)}."
    if summary.unmatched:
        yield f"Parts of the mapping without a file: {_some(summary.unmatched)}."
    for what, found in (("gone", summary.gone), ("back", summary.returned)):
        if found:
            tables = [f"{count:,} of {name}" for name, count in sorted(found.items())]
            yield f"Records that are {what}: {_some(tables)}."
    for file, fields in sorted(summary.skipped_fields.items()):
        yield f"{file} has no column for: {_some(fields)}."
    for file, columns in sorted(summary.secret_columns.items()):
        yield f"Never stored, since they seem to hold secrets: {_some(columns)} of {file}."
    for file, columns in sorted(summary.ignored_columns.items()):
        yield f"Not read of {file}: {_some(columns)}."


def _some(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reasons(summary: ImportSummary, width: int) -> Iterator[Text]:
    if not summary.reasons:
        return
    yield line(("WHAT WAS WRONG", HEADING))
    found = summary.reasons.most_common()
    found.sort(key=lambda item: item[0][0] != "rejected")
    rows = [
        (f"{count:,}", kind[0], _reason(summary, kind)) for kind, count in found[:REASONS_SHOWN]
    ]
    yield from table(rows, width, indent=2, numbers=1)
    if len(found) > REASONS_SHOWN:
        more = counted(len(found) - REASONS_SHOWN, "more kind")
        yield line((f"and {more}: --format json", "dim"), indent=2)


def _reason(summary: ImportSummary, kind: tuple[str, str]) -> str:
    """Return what was wrong, as it was the first time."""
    example = summary.examples.get(kind)
    return kind[1] if example is None else _problem(example)


def _problems(summary: ImportSummary, width: int, database: str) -> Iterator[Text]:
    rejected = [problem for problem in summary.problems if problem.action == "rejected"]
    if not rejected:
        return
    yield line(("THE FIRST REJECTED ROWS", HEADING))
    lead = OUTCOME_MARKS[Outcome.ERROR].lead
    for problem in rejected[:PROBLEMS_SHOWN]:
        yield from paragraph(_problem(problem), width, hang=2, lead=lead)
    everything = problems_command(database) if summary.stored else "--format json"
    text = f"all of them: {everything}"
    yield from paragraph(text, width, indent=2, hang=2, style="dim")


def _problem(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    column = f" {problem.column}" if problem.column else ""
    value = f" = '{problem.value}'" if problem.value else ""
    return f"{place}{column}{value}: {problem.reason}"
