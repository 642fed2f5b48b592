"""What an import did: counts that add up, and what was wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import asdict, define, field, frozen

SHOWN_PROBLEMS = 200
SHOWN_VALUE = 200


@frozen
class Problem:
    """A value or row that could not be taken as it was.

    Attributes:
        file: The file.
        line: Its line, 1 is the first; None where the file as a whole is meant.
        column: The column in the file.
        value: The value as written, cut at 200 characters.
        reason: What is wrong with it.
        action: ``rejected``, ``emptied`` or ``noted``.
    """

    file: str
    line: int | None
    column: str
    value: str
    reason: str
    action: str


@define
class FileCounts:
    """What became of the rows of one file for one table.

    Attributes:
        file: The file.
        table: The table.
        block: The ``[[file]]`` block of the mapping.
        rows: Rows read.
        new: Rows that are new in the database.
        updated: Rows that changed something.
        unchanged: Rows that the database held already.
        duplicates: Rows that the import had already, from the same file or another system.
        left_out: Rows that the mapping does not mean.
        rejected: Rows that could not be taken; each line of a record that covers several counts.
        blank: Rows of delimiters only.
    """

    file: str
    table: str
    block: str
    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    left_out: int = 0
    rejected: int = 0
    blank: int = 0

    @property
    def stored(self) -> int:
        """Rows that the import wrote."""
        return self.new + self.updated

    def adds_up(self) -> bool:
        """Whether every row is accounted for."""
        known = self.stored + self.unchanged + self.duplicates + self.left_out + self.rejected
        return self.rows == known + self.blank


@frozen
class Feed:
    """Days for which an import says that a table is recorded."""

    table: str
    scope: str
    covers_from: str
    covers_to: str


@define
class ImportSummary:
    """What an import did.

    Attributes:
        source: The system.
        mapping: Name of the mapping.
        stored: Whether the database was written; not in a dry run, and not when ``strict`` rejects.
        dry_run: Whether nothing was meant to be stored.
        import_id: Number of the import, None when nothing was stored.
        read: Rows of each file by path and name, each counted once however many tables it feeds.
        counts: The rows, by file and table.
        problems: The first problems.
        problem_counts: All problems, by action.
        reasons: All problems, by action and reason without values.
        examples: The first problem of each action and reason.
        ignored_columns: Columns that the mapping does not read, by file.
        secret_columns: Columns that seem to hold passwords, by file; never stored.
        skipped_fields: Fields left out for want of their column, by file.
        unread: Files that no block of the mapping matches.
        unmatched: Blocks that no file matches.
        unmapped_stages: Stages that have no milestone yet.
        damaged_columns: Columns of which more than half of the values could not be read.
        not_marked: Tables with complete exports in which nothing was marked as gone, with the reason.
        gone: Records that a complete export no longer has, by table.
        returned: Records that were gone and are back, by table.
        changes: Changes of deals that were noticed between two imports.
        feeds: What the import says is recorded.
        revision_before: Data revision before.
        revision_after: Data revision after.
    """

    source: str
    mapping: str
    stored: bool = False
    dry_run: bool = False
    import_id: int | None = None
    read: dict[tuple[str, str], int] = field(factory=dict)
    counts: list[FileCounts] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    problem_counts: Counter[str] = field(factory=Counter)
    reasons: Counter[tuple[str, str]] = field(factory=Counter)
    examples: dict[tuple[str, str], Problem] = field(factory=dict)
    ignored_columns: dict[str, list[str]] = field(factory=dict)
    secret_columns: dict[str, list[str]] = field(factory=dict)
    skipped_fields: dict[str, list[str]] = field(factory=dict)
    unread: list[str] = field(factory=list)
    unmatched: list[str] = field(factory=list)
    unmapped_stages: list[str] = field(factory=list)
    damaged_columns: list[Problem] = field(factory=list)
    not_marked: dict[str, str] = field(factory=dict)
    gone: Counter[str] = field(factory=Counter)
    returned: Counter[str] = field(factory=Counter)
    changes: int = 0
    feeds: list[Feed] = field(factory=list)
    revision_before: int = 0
    revision_after: int = 0

    def total(self, name: str) -> int:
        """Return a count over all files and tables, e.g. ``rejected``."""
        return sum(int(getattr(counts, name)) for counts in self.counts)

    @property
    def rows_read(self) -> int:
        """Rows of all files, each once; a row that feeds two tables is two of ``rows``."""
        return sum(self.read.values())

    @property
    def rejected(self) -> int:
        """Rows that could not be taken, over all files and tables."""
        return self.total("rejected")

    @property
    def is_incomplete(self) -> bool:
        """Whether rows were rejected, or most of a column could not be read."""
        return self.rejected > 0 or bool(self.damaged_columns)

    def adds_up(self) -> bool:
        """Whether every row of every file is accounted for."""
        return all(counts.adds_up() for counts in self.counts)

    def _example(self, kind: tuple[str, str]) -> dict[str, Any] | None:
        return asdict(self.examples[kind]) if kind in self.examples else None

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values for JSON."""
        result = asdict(self)
        result["counts"] = [{**asdict(c), "stored": c.stored} for c in self.counts]
        del result["examples"], result["read"]
        result["reasons"] = [
            {"action": kind[0], "reason": kind[1], "count": count, "example": self._example(kind)}
            for kind, count in self.reasons.most_common()
        ]
        names = ("rows", "stored", "unchanged", "duplicates", "left_out", "rejected", "blank")
        totals = {name: self.total(name) for name in names}
        return {**result, "totals": {"rows_read": self.rows_read, **totals}}
