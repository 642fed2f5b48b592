"""Size, wall time and peak memory of ``dealreview review`` by form of report and number of deals.

    python -m benchmarks.reports --deals 300 --deals 8800 --runs 5

Each measurement is a process of its own that reads the database, judges it and writes one report to
a file; figures are medians. Runs are not stored, so that every one finds the same database.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.company import AS_OF, make_company
from benchmarks.measure import KIB, MIB, measure, median

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMS = ("text", "json", "html")


def command_of(database: Path, form: str, report: Path, packs: Sequence[str]) -> list[str]:
    """Return the command that writes a report."""
    given = [part for pack in packs for part in ("-p", pack)]
    what = ["--db", str(database), "--as-of", AS_OF.isoformat(), "--no-save"]
    where = ["--format", form, "-o", str(report)]
    return [sys.executable, "-m", "dealreview", "review", *what, *where, *given]


def rows(folder: Path, arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the rows of a table in Markdown, one a form and number of deals."""
    yield "| deals | report | size | wall time | processor time | peak memory |"
    yield "| ---: | --- | ---: | ---: | ---: | ---: |"
    for deals in arguments.deals:
        database = folder / f"{deals}.db"
        make_company(database, deals, arguments.seed)
        for form in FORMS:
            report = folder / f"report.{form}"
            command = command_of(database, form, report, arguments.pack)
            measure(command)  # the first one warms the file system's cache
            found = median([measure(command) for _ in range(arguments.runs)])
            written = report.stat().st_size
            size = f"{written / MIB:.2f} MB" if written > MIB else f"{written / KIB:.0f} kB"
            times = f"{found.seconds:.2f} s | {found.cpu:.2f} s"
            yield f"| {deals:,} | {form} | {size} | {times} | {found.peak / MIB:,.0f} MB |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--deals", type=int, action="append", metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("-p", "--pack", action="append", default=[], metavar="MODULE")
    arguments = parser.parse_args()
    arguments.deals = arguments.deals or [300, 8800]
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder), arguments):
            print(row, flush=True)


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Leaves the lines of the description as they are."""


if __name__ == "__main__":
    main()
