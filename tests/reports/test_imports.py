"""What an import did, in a terminal."""

from collections import Counter
from typing import Any

from dealreview.ingest.summary import FileCounts, ImportSummary, Problem
from dealreview.reports.imports import import_text
from dealreview.reports.layout import text_of


def summary(**rest: Any) -> ImportSummary:
    """Return the summary of an import of one file."""
    counts = FileCounts("deals.csv", "deals", "deals", rows=10, new=8, unchanged=1, rejected=1)
    problem = Problem("deals.csv", 7, "Amount", "\x1b[31m12.x", "is no number", "rejected")
    return ImportSummary(
        "crm",
        "crm.toml",
        **{
            "stored": True,
            "import_id": 3,
            "counts": [counts],
            "read": {("deals.csv", "deals.csv"): 10},
            "problems": [problem],
            "reasons": Counter({("rejected", "is no number"): 1, ("noted", "odd"): 4}),
        }
        | rest,
    )


def test_every_row_is_accounted_for() -> None:
    """Rows read are stored, rejected or the rest, file by file."""
    text = text_of(import_text(summary(), 80))
    assert "10 rows read: 8 stored, 1 rejected, 1 unchanged" in text
    assert "10  deals.csv → deals  8 new, 1 unchanged, 1 rejected" in text
    assert "Import 3, mapping crm.toml, source crm." in text


def test_a_row_of_a_file_counts_once() -> None:
    """A file that feeds two tables is read once; the fates of its records add up to the records."""
    counts = [
        FileCounts("a.csv", "accounts", "a", rows=10, new=6, left_out=1, duplicates=3),
        FileCounts("a.csv", "contacts", "a", rows=10, unchanged=9, rejected=1),
    ]
    found = summary(counts=counts, read={("x/a.csv", "a.csv"): 10}, reasons=Counter(), problems=[])
    text = " ".join(text_of(import_text(found, 80)).split())
    fates = "6 stored, 1 rejected, 9 unchanged, 3 duplicates, 1 left out by the mapping"
    assert f"10 rows read, 20 records made of them: {fates}." in text


def test_a_rejected_row_has_its_place_and_is_not_obeyed() -> None:
    """File, line, column, value and reason are told; the value does nothing to the terminal."""
    text = text_of(import_text(summary(), 80))
    assert "! deals.csv:7 Amount = '\\x1b[31m12.x': is no number" in text


def test_rejections_come_before_notes() -> None:
    """Reasons are counted, those that cost a row first."""
    lines = text_of(import_text(summary(), 80)).splitlines()
    start = lines.index("WHAT WAS WRONG")
    assert [line.split() for line in lines[start + 1 : start + 3]] == [
        ["1", "rejected", "is", "no", "number"],
        ["4", "noted", "odd"],
    ]


def test_an_import_that_stored_nothing_says_why() -> None:
    """A dry run and a strict import with rejected rows are told apart."""
    dry = text_of(import_text(summary(stored=False, dry_run=True), 80))
    strict = text_of(import_text(summary(stored=False), 80))
    assert "Nothing was stored: a dry run." in dry
    assert "rows were rejected and --strict was given" in strict


def test_what_needs_a_person_is_told() -> None:
    """Stages without a milestone, unread files, secrets and records that are gone are named."""
    found = summary(
        unmapped_stages=["Demo"],
        unread=["notes.txt"],
        secret_columns={"users.csv": ["PasswordHash"]},
        gone=Counter({"deals": 2}),
    )
    text = " ".join(text_of(import_text(found, 80)).split())
    assert "Stages without a milestone: Demo." in text
    assert "does not read: notes.txt" in text
    assert "PasswordHash of users.csv" in text
    assert "Records that are gone: 2 of deals." in text
