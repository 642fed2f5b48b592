"""What a candidate found, a line a deal, so that all can be held against the first.

python -m benchmarks.compare write sql big.db expected.txt
python -m benchmarks.compare with warm big.db expected.txt
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.candidates import ALL
from benchmarks.work import FINDINGS, SCORECARDS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.candidates import Candidate

    Card = tuple[str, tuple[int, ...], float | None, dict[str, int]]

SHOWN = 10
"""Differences that are told."""


def peer_cards(database: Path) -> Iterator[Card]:
    """Yield id, statuses, score and findings of each deal from the tables of a peer, by id."""
    cards = f"SELECT deal_id, {', '.join(STATUSES)}, score FROM {SCORECARDS} ORDER BY deal_id"  # noqa: S608
    told = f"SELECT deal_id, check_id, status FROM {FINDINGS} ORDER BY deal_id"  # noqa: S608 - our names
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(told)
        row: tuple[Any, ...] | None = next(found, None)
        for deal_id, *statuses, score in connection.execute(cards):
            findings: dict[str, int] = {}
            while row is not None and row[0] == deal_id:
                findings[row[1]] = row[2]
                row = next(found, None)
            yield deal_id, tuple(statuses), score, findings
    if row is not None:
        raise SystemExit(f"a finding of {row[0]}, which has no scorecard")


def lines(candidate: Candidate, database: Path) -> Iterator[str]:
    """Yield what a candidate found, a line a deal."""
    if candidate.own:
        from benchmarks.ours import lines as cards_of
    else:
        cards_of = peer_cards
    for deal_id, statuses, score, findings in cards_of(database):
        told = ",".join(f"{check}={findings[check]}" for check in sorted(findings)) or "-"
        shown = "-" if score is None else f"{score:.6f}"
        yield f"{deal_id} {''.join(map(str, statuses))} {shown} {told}"


def differences(expected: Iterator[str], found: Iterator[str]) -> Iterator[str]:
    """Yield what differs, deal by deal."""
    for one, other in zip_longest(expected, found, fillvalue="(no more deals)"):
        if one != other:
            yield f"expected {one}\n   found {other}"


def main() -> None:
    """Write what a candidate found, or hold it against what was written."""
    what, name, database, expected = sys.argv[1:]
    found = lines(ALL[name], Path(database))
    if what == "write":
        with Path(expected).open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in found)
        return
    with Path(expected).open(encoding="utf-8") as stream:
        wrong = list(islice(differences(map(str.rstrip, stream), found), SHOWN))
    if wrong:
        raise SystemExit(f"{name} found something else:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
