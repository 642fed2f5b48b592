"""Measure this project and its peers side by side, and write the tables of ``benchmarks/RESULTS.md``.

    python -m benchmarks.run --deals 10000 --deals 100000 --runs 5

Every sample is a process of its own. Each candidate runs once before anything counts, and what it found
is held against what SQL found: a difference ends the run and is told. Then the candidates take turns.
A slow one is measured once over a million deals, by its first process. Databases are kept in the folder
``--work`` for the next time; delete it when tables or the generator have changed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import asdict, define

from benchmarks import databases
from benchmarks.candidates import AGAIN, BESIDE, COVERING, WHOLE, Candidate
from benchmarks.machine import described
from benchmarks.measure import Failed, Measured, measure
from benchmarks.results import write_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MANY, FEW = 500_000, 100_000
"""Deals from which slow candidates are measured once, and up to which rules and one deal are measured."""

TIMES_HELP = 15


class Differs(Exception):  # noqa: N818 - what is told, not a kind of fault
    """A candidate that found something else."""


def say(text: str) -> None:
    """Tell somebody who waits."""
    print(text, file=sys.stderr, flush=True)


@define
class Run:
    """A run of the benchmarks.

    Attributes:
        work: Folder of the databases.
        runs: Samples of each candidate.
        seed: Seed of the company.
        only: Names of the candidates to take; all when it is empty.
        limit: Seconds after which a process is ended.
        notes: What is known of the run, for its report.
    """

    work: Path
    runs: int
    seed: int
    only: Sequence[str]
    limit: float
    notes: dict[str, Any]

    def wanted(self, candidates: Sequence[Candidate], deals: int) -> list[Candidate]:
        """Return the candidates to take for so many deals."""
        return [
            one
            for one in candidates
            if (not self.only or one.name in self.only) and (not one.most or deals <= one.most)
        ]

    def sample(self, candidate: Candidate, database: Path) -> dict[str, Any]:
        """Return the figures and laps of one process.

        Raises:
            Failed: It did not end well.
        """
        command = [sys.executable, "-m", "benchmarks.child", candidate.name, str(database)]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            try:
                found = measure(command, output, self.limit, errors)
            except Failed as error:
                raise Failed(f"{error}: {last_line(errors)}") from None
            output.seek(0)
            return asdict(found) | {"laps": json.load(output)}


def last_line(errors: IO[bytes]) -> str:
    """Return what a process said last on standard error, after showing all of it."""
    errors.seek(0)
    text = errors.read().decode(errors="replace").strip()
    say(text)
    return text.rpartition("\n")[2]


def compared(what: str, candidate: Candidate, database: Path, expected: Path) -> None:
    """Write what a candidate found as what is expected, or hold it against that.

    Raises:
        Differs: It found something else.
    """
    arguments = [what, candidate.name, str(database), str(expected)]
    try:
        measure([sys.executable, "-m", "benchmarks.compare", *arguments])
    except Failed as error:
        raise Differs(f"{candidate.title} found something else, as told above.") from error


def first_round(
    run: Run, candidates: Sequence[Candidate], place: Callable[[Candidate], Path], deals: int
) -> dict[str, dict[str, Any]]:
    """Run each candidate once, compare what they found, and return why some can't be measured.

    Raises:
        Differs: A candidate found something else than the first.
    """
    found: dict[str, dict[str, Any]] = {}
    expected = run.work / f"expected-{deals}.txt"
    expected.unlink(missing_ok=True)
    for one in candidates:
        found[one.name] = {"title": one.title, "missing": one.missing, "samples": []}
        if one.missing:
            continue
        databases.put_back(place(one), one)
        try:
            sample = run.sample(one, place(one))
        except Failed as error:
            found[one.name]["missing"] = str(error)
            continue
        say(f"{deals:,} deals: {one.name}: {sample['seconds']:.2f} s, not counted")
        compared("with" if expected.exists() else "write", one, place(one), expected)
        if one.slow and deals >= MANY:
            found[one.name]["samples"] = [sample]
    return found


def whole(run: Run, path: Path, deals: int) -> dict[str, Any]:
    """Measure whole reviews of the same work, in turns."""
    candidates = run.wanted(WHOLE, deals)
    covered = any(one.indexes == COVERING for one in candidates)
    places = {COVERING: databases.covered(path) if covered else path}

    def place(one: Candidate) -> Path:
        return places.get(one.indexes, path)

    found = first_round(run, candidates, place, deals)
    left = [one for one in candidates if not (found[one.name]["missing"] or _is_done(found, one))]
    for turn in range(run.runs):
        for one in rotated(left, turn):
            databases.put_back(place(one), one)
            add(run, found[one.name], one, place(one), f"{deals:,} deals")
    return found


def _is_done(found: dict[str, Any], one: Candidate) -> bool:
    return bool(found[one.name]["samples"])


def rotated(candidates: Sequence[Candidate], turn: int) -> list[Candidate]:
    """Return the candidates in another order each turn, so that none always follows the same one."""
    shift = turn % len(candidates) if candidates else 0
    return [*candidates[shift:], *candidates[:shift]]


def add(run: Run, found: dict[str, Any], one: Candidate, path: Path, where: str) -> None:
    """Add a sample to what was found; a process that fails is named instead."""
    try:
        sample = run.sample(one, path)
    except Failed as error:
        found["missing"] = str(error)
        return
    found["samples"].append(sample)
    say(f"{where}: {one.name}: {sample['seconds']:.2f} s, {sample['cpu']:.2f} s of processor")


def beside(run: Run, path: Path, deals: int) -> dict[str, Any]:
    """Measure the other work, in turns, after one process each that does not count."""
    candidates = run.wanted(BESIDE, deals)
    found: dict[str, Any] = {one.name: {"title": one.title, "missing": ""} for one in candidates}
    for turn in range(run.runs + 1):
        for one in rotated(candidates, turn):
            if turn and one.slow and deals >= MANY:
                continue
            if turn <= 1:
                found[one.name]["samples"] = []
            databases.put_back(path, one)
            add(run, found[one.name], one, path, f"{deals:,} deals")
    return found


def again(run: Run, path: Path, deals: int) -> dict[str, Any]:
    """Measure what is done after one account in a hundred has changed, other ones each time."""
    candidates = run.wanted(AGAIN, deals)
    found: dict[str, Any] = {
        one.name: {"title": one.title, "missing": "", "samples": []} for one in candidates
    }
    if len(candidates) < len(AGAIN):
        return found
    copy = databases.copied(path, path.with_name(f"{path.stem}-again.db"))
    expected = run.work / f"expected-{deals}-again.txt"
    try:
        # Each has its results of before: tables of scorecards, a run with its snapshot.
        databases.put_back(copy, WHOLE[2])
        for before in (WHOLE[0], WHOLE[2]):
            run.sample(before, copy)
        for turn in range(run.runs):
            databases.change(copy, turn)
            for one in rotated(candidates, turn):
                add(run, found[one.name], one, copy, f"{deals:,} deals, 1 % changed")
            compared("write", candidates[0], copy, expected)
            compared("with", candidates[1], copy, expected)
    except Failed as error:
        found[AGAIN[0].name]["missing"] = str(error)
    finally:
        databases.forget(copy)
    return found


def told(module: str, path: Path) -> dict[str, Any]:
    """Return what a module prints of a database; empty where it fails."""
    with tempfile.TemporaryFile() as output:
        try:
            measure([sys.executable, "-m", module, str(path)], output)
        except Failed as error:
            say(f"{module}: {error}")
            return {}
        output.seek(0)
        found: dict[str, Any] = json.load(output)
        return found


def start_up() -> dict[str, list[dict[str, float]]]:
    """Measure how long the help takes, and a bare interpreter beside it."""
    script = Path(sys.executable).with_name("dealreview")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "dealreview"]
    bare = [sys.executable, "-c", "import argparse, sqlite3"]
    found: dict[str, list[dict[str, float]]] = {"help": [], "bare": []}
    for turn in range(TIMES_HELP + 1):
        samples: dict[str, Measured] = {
            "help": measure([*command, "--help"]),
            "bare": measure(bare),
        }
        for name, sample in samples.items():
            if turn:
                found[name].append(asdict(sample))
    return found


def measured(run: Run, deals: int) -> dict[str, Any]:
    """Measure everything over so many deals."""
    say(f"{deals:,} deals: preparing the database")
    path = databases.prepared(run.work, deals, run.seed)
    found = {"whole": whole(run, path, deals), "beside": beside(run, path, deals)}
    found["database"] = {"bytes": path.stat().st_size, "snapshot": _size(path)}
    found["again"] = again(run, path, deals)
    if deals <= FEW and not run.only:
        databases.refresh(path)
        found["rules"] = told("benchmarks.rules", path)
        found["one"] = told("benchmarks.one", path)
    return found


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in databases.snapshot_of(path).glob("*"))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--deals", type=int, action="append", metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=_names())
    parser.add_argument("--limit", type=float, default=900, metavar="SECONDS", help="for a process")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "dealreview-bench"
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/RESULTS.md"))
    given = parser.parse_args()
    given.deals = sorted(set(given.deals or [10_000, 100_000]))
    return given


def _names() -> str:
    return ", ".join(one.name for one in (*WHOLE, *BESIDE, *AGAIN))


def main() -> None:
    """Measure, and write the report after each size."""
    given = arguments()
    given.work.mkdir(parents=True, exist_ok=True)
    notes = {"date": dt.date.today().isoformat(), "runs": given.runs, "load": os.getloadavg()[0]}
    run = Run(given.work, given.runs, given.seed, given.only, given.limit, notes)
    found: dict[str, Any] = {
        "notes": notes,
        "machine": described(),
        "start": start_up(),
        "sizes": {},
    }
    try:
        for deals in given.deals:
            found["sizes"][str(deals)] = measured(run, deals)
            write_results(found, given.output)
    except Differs as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
