"""The reference work as this project does it, through what its commands use themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import benchmarks.as_program  # noqa: F401 - before the rest is imported
from benchmarks.company import AS_OF
from dealreview.engine.config import Config
from dealreview.engine.remembered import at_once, beside
from dealreview.engine.run import Request, registry_for, review_database
from dealreview.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.child import Laps
    from dealreview.engine.remembered import Later
    from dealreview.engine.review import Review

PACK, SELECTED = "benchmarks.reference", "reference/*"


def request(**given: Any) -> Request:
    """Return the request for the reference work."""
    wanted = {"select": [SELECTED], "modules": [PACK], "snapshot": "auto"} | given
    return Request(AS_OF, Config(), **wanted)


def requiring_all() -> Config:
    """Return a configuration under which every check is reviewed, whether its tables have rows or not."""
    names = tuple(check.id for check in registry_for(Config()).checks)
    return Config(required_checks=names)


def _stored(database: Path, laps: Laps, asked: Request) -> Review:
    from dealreview.engine.records import save_review

    opened = Database.open(database)
    # As the command does.
    with beside(_refuse) as afterwards:
        done = _reviewed(opened, laps, asked, afterwards)
        save_review(opened, done)
        laps("write")
    laps("remembering")
    return done


def _reviewed(
    database: Database, laps: Laps, asked: Request, afterwards: Later = at_once
) -> Review:
    """Return a review; its laps are the steps that a progress bar shows."""
    steps = ["open"]

    def tell(sentence: str) -> None:
        laps(steps[-1])
        steps.append(sentence.partition(":")[0].lower())

    done = review_database(database, asked, tell=tell, afterwards=afterwards)
    laps(steps[-1])
    return done


def _refuse(sentence: str) -> None:
    """Refuse a review that could not keep what it found: less would be measured."""
    raise RuntimeError(sentence)


def _check(done: Review) -> None:
    """Refuse a review in which something was left out: it would be measured as fast."""
    if done.header.problems or done.not_reviewed:
        raise RuntimeError(f"incomplete: {done.header.problems} {done.not_reviewed}")


def _stored_whole(database: Path, laps: Laps, asked: Request) -> None:
    _check(_stored(database, laps, asked))


def review(database: Path, laps: Laps) -> None:
    """Review and store a run; whether there is a snapshot is up to who calls."""
    _stored_whole(database, laps, request())


def without_snapshot(database: Path, laps: Laps) -> None:
    """Review from the rows of the database alone, and store a run."""
    _stored_whole(database, laps, request(snapshot="off"))


def by_processes(database: Path, laps: Laps) -> None:
    """Review with local facts on processes of their own, and store a run."""
    _stored_whole(database, laps, request(executor="processes"))


def by_dask(database: Path, laps: Laps) -> None:
    """Review with local facts on Dask's workers, and store a run."""
    _stored_whole(database, laps, request(executor="dask"))


def checks_with_rows(database: Path, laps: Laps) -> None:
    """Review as a plain ``review`` does, which leaves checks without rows out, and store a run."""
    _stored(database, laps, Request(AS_OF, Config(), snapshot="auto"))


def every_check(database: Path, laps: Laps) -> None:
    """Review all built-in checks, and store a run."""
    _stored_whole(database, laps, Request(AS_OF, requiring_all(), snapshot="auto"))


def one_function(database: Path, laps: Laps) -> None:
    """Review the check that is a function, without storing a run."""
    asked = request(select=["bare/*"], modules=["benchmarks.bare"])
    # As the command does.
    with beside(_refuse) as afterwards:
        _check(_reviewed(Database.open(database), laps, asked, afterwards))


def lines(database: Path) -> Iterator[tuple[str, tuple[int, ...], float | None, dict[str, int]]]:
    """Yield id, statuses, score and findings of each deal of the newest run, by id.

    A run keeps a byte for each outcome; a finding is one of those.
    """
    from benchmarks.work import CHECKS, FOUND
    from dealreview.store.runs import list_runs
    from dealreview.store.scorecards import load_scorecards

    with Database.open(database).read() as connection:
        newest = list_runs(connection)[0]
        places = [newest.checks.index(f"reference/{check}") for check in CHECKS]
        for card in load_scorecards(connection, newest.number or 0):
            if card.kind != "deal":
                continue
            statuses = tuple(card.outcomes[place] for place in places)
            told = {c: code for c, code in zip(CHECKS, statuses, strict=True) if code in FOUND}
            yield card.id, statuses, 100.0 * (card.e2 or 0) / card.wd2 if card.wd2 else None, told
