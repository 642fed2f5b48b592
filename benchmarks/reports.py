"""Size, wall time and peak memory of ``dealreview review`` by form of report and number of deals.

    python -m benchmarks.reports --deals 300 --deals 8800 --runs 5

Each measurement is a process of its own that reads the database, judges it and writes one report to
a file; figures are medians. Runs are not stored, so that every one finds the same database.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from benchmarks.company import AS_OF, make_company

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMS = ("text", "json", "html")
KIB, MIB = 1024, 1024 * 1024


@frozen
class Measured:
    """One process.

    Attributes:
        seconds: Wall time.
        cpu: Processor time, which a busy machine changes little.
        peak: Most resident memory, in bytes.
        size: Bytes of the report.
    """

    seconds: float
    cpu: float
    peak: int
    size: int


def measure(command: Sequence[str], report: Path) -> Measured:
    """Run a command that writes a report."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else KIB
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu, usage.ru_maxrss * unit, report.stat().st_size)


def command_of(database: Path, form: str, report: Path, packs: Sequence[str]) -> list[str]:
    """Return the command that writes a report."""
    given = [part for pack in packs for part in ("-p", pack)]
    what = ["--db", str(database), "--as-of", AS_OF.isoformat(), "--no-save"]
    where = ["--format", form, "-o", str(report)]
    return [sys.executable, "-m", "dealreview", "review", *what, *where, *given]


def median(found: Sequence[Measured]) -> Measured:
    """Return the median of each figure."""
    return Measured(
        statistics.median(one.seconds for one in found),
        statistics.median(one.cpu for one in found),
        round(statistics.median(one.peak for one in found)),
        round(statistics.median(one.size for one in found)),
    )


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
            measure(command, report)  # the first one warms the file system's cache
            found = median([measure(command, report) for _ in range(arguments.runs)])
            size = (
                f"{found.size / MIB:.2f} MB" if found.size > MIB else f"{found.size / KIB:.0f} kB"
            )
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
