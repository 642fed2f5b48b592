"""The list of what an import could not take as it was."""

from __future__ import annotations

import re
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
ANY_VALUE = re.compile(r"'[^']*'|\d[\d,.:-]*")


@define
class ProblemLog:
    """Writes problems as they come; the same note about the same value is written once, counted.

    Attributes:
        connection: The write transaction.
        import_id: Number of the import.
        summary: Gets the counts and the first problems.
        notes: Notes not yet written, with how often each came.
        damaged: Lines that were reported already, for a file that feeds several tables.
    """

    connection: sqlite3.Connection
    import_id: int
    summary: ImportSummary
    notes: dict[tuple[str, str, str, str], tuple[Problem, int]] = field(factory=dict)
    damaged: set[tuple[str, int | None]] = field(factory=set)

    def add(self, problem: Problem) -> None:
        """Take a problem in."""
        problem = evolve(problem, value=problem.value[:SHOWN_VALUE])
        if problem.action != "noted":
            self._write(problem)
            return
        key = (problem.file, problem.column, problem.value, problem.reason)
        first, count = self.notes.get(key, (problem, 0))
        self.notes[key] = (first, count + 1)

    def add_once(self, problem: Problem) -> None:
        """Take a problem in unless its line was reported already."""
        if (problem.file, problem.line) not in self.damaged:
            self.damaged.add((problem.file, problem.line))
            self.add(problem)

    def finish(self) -> None:
        """Write the notes."""
        for problem, count in self.notes.values():
            rows = f" ({count:,} rows)" if count > 1 else ""
            self._write(evolve(problem, reason=problem.reason + rows))
        self.notes.clear()

    def _write(self, problem: Problem) -> None:
        self.summary.problem_counts[problem.action] += 1
        self.summary.reasons[problem.action, ANY_VALUE.sub("…", problem.reason)] += 1
        if len(self.summary.problems) < SHOWN_PROBLEMS:
            self.summary.problems.append(problem)
        p = problem
        row = (self.import_id, p.file, p.line, p.column, p.value, p.reason, p.action)
        self.connection.execute(INSERT, row)
