"""The list of what an import could not take as it was."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from dealreview.ingest.summary import SHOWN_PROBLEMS, SHOWN_VALUE, Problem

if TYPE_CHECKING:
    import sqlite3

    from dealreview.ingest.summary import ImportSummary

INSERT = """
INSERT INTO import_problems (import_id, file, line, column_name, value, reason, action)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
ANY_VALUE = re.compile(r"(?<![^\s(])'[^']*'|\d[\d,.:-]*")


MOST_ROWS = 1000
"""Problems of one kind that are kept for a file; the rest is counted. Our judgement."""


@define
class Note:
    """The same note about the same value, from its first row; a row that says it twice counts once."""

    first: Problem
    rows: int = 1
    last_line: int | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.last_line = self.first.line


@define
class ProblemLog:
    """Writes problems as they come; the same note about the same value is written once, counted.

    Attributes:
        connection: The write transaction.
        import_id: Number of the import.
        summary: Gets the counts and the first problems.
        notes: Notes not yet written.
        damaged: Lines that were reported already, for a file that feeds several tables.
        written: Problems by file, action and reason without values; only the first of each are kept.
    """

    connection: sqlite3.Connection
    import_id: int
    summary: ImportSummary
    notes: dict[tuple[str, str, str, str], Note] = field(factory=dict)
    damaged: set[tuple[str, int | None]] = field(factory=set)
    written: Counter[tuple[str, str, str]] = field(factory=Counter)

    def add(self, problem: Problem) -> None:
        """Take a problem in."""
        if len(problem.value) > SHOWN_VALUE:
            problem = evolve(problem, value=problem.value[:SHOWN_VALUE])
        if problem.action != "noted":
            self._write(problem)
            return
        key = (problem.file, problem.column, problem.value, problem.reason)
        note = self.notes.setdefault(key, Note(problem))
        if note.last_line != problem.line:
            note.rows, note.last_line = note.rows + 1, problem.line

    def add_once(self, problem: Problem) -> None:
        """Take a problem in unless its line was reported already."""
        if (problem.file, problem.line) not in self.damaged:
            self.damaged.add((problem.file, problem.line))
            self.add(problem)

    def finish(self) -> None:
        """Write the notes."""
        for note in self.notes.values():
            rows = f" ({note.rows:,} rows)" if note.rows > 1 else ""
            self._write(evolve(note.first, reason=note.first.reason + rows))
        self.notes.clear()
        for (file, action, reason), count in self.written.items():
            if count > MOST_ROWS:
                more = f"{reason}: and {count - MOST_ROWS:,} more rows"
                self.connection.execute(INSERT, (self.import_id, file, None, "", "", more, action))

    def _write(self, problem: Problem) -> None:
        self.summary.problem_counts[problem.action] += 1
        kind = problem.action, ANY_VALUE.sub("…", problem.reason)
        self.summary.reasons[kind] += 1
        self.summary.examples.setdefault(kind, problem)
        if len(self.summary.problems) < SHOWN_PROBLEMS:
            self.summary.problems.append(problem)
        p = problem
        self.written[p.file, *kind] += 1
        if self.written[p.file, *kind] > MOST_ROWS:
            return
        row = (self.import_id, p.file, p.line, p.column, p.value, p.reason, p.action)
        self.connection.execute(INSERT, row)
