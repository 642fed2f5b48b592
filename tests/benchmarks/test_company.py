"""The generated company that is measured."""

from pathlib import Path

from benchmarks.company import AS_OF, make_company
from benchmarks.generate import generate
from dealreview.engine.config import Config
from dealreview.engine.review import Review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind, Outcome
from dealreview.store.database import Database
from dealreview.store.schema import TABLES


def generated(path: Path, seed: int) -> Review:
    """Return the review of a small generated company."""
    make_company(path, 40, seed)
    return review_database(Database.open(path), Request(AS_OF, Config(autoload=False)))


def test_it_is_worth_measuring(tmp_path: Path) -> None:
    """Open and closed deals are judged, with findings on deals and on accounts."""
    review = generated(tmp_path / "a.db", 1)
    assert review.kinds[Kind.DEAL].base.height == 40
    assert 0 < int(review.open_deals.sum()) < 40
    assert review.outcome_counts[Outcome.RISK] > 0
    assert not review.errors


def test_the_same_seed_gives_the_same_company(tmp_path: Path) -> None:
    """Another seed gives another one."""
    first, same, other = (
        generated(tmp_path / f"{name}.db", seed).kinds[Kind.DEAL].base
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.equals(same)
    assert not first.equals(other)


def cells(path: Path) -> list[tuple[object, ...]]:
    """Return every row of every table of a database, by table."""
    with Database.open(path).read() as connection:
        return [
            (name, *row)
            for name in TABLES
            for row in connection.execute(f"SELECT * FROM {name}").fetchall()
        ]


def test_a_company_made_by_sqlite_has_the_rows_of_a_large_one(tmp_path: Path) -> None:
    """Numbers of rows are in proportion to deals, references meet, and the schema is whole again."""
    generate(tmp_path / "a.db", 500)
    with Database.open(tmp_path / "a.db").read() as connection:
        count = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in (
                "deals",
                "accounts",
                "contacts",
                "deal_lines",
                "stakeholders",
                "activities",
            )
        }
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        triggers = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'")
        assert triggers.fetchone()[0] > 100
        lost = (
            "SELECT count(*) FROM deals WHERE account_id NOT IN (SELECT account_id FROM accounts)"
        )
        assert connection.execute(lost).fetchone()[0] == 0
    assert list(count.values()) == [500, 100, 500, 1500, 2000, 5000]


def test_the_same_seed_makes_the_same_rows(tmp_path: Path) -> None:
    """Another seed makes others."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / f"{name}.db", 20, seed)
    first, same, other = (cells(tmp_path / f"{name}.db") for name in "abc")
    assert first == same
    assert first != other


def test_a_large_company_is_worth_measuring(tmp_path: Path) -> None:
    """There are findings of every kind, and no check fails."""
    generate(tmp_path / "a.db", 200)
    request = Request(AS_OF, Config(autoload=False))
    review = review_database(Database.open(tmp_path / "a.db"), request)
    assert not review.errors
    assert all(
        review.outcome_counts[one] for one in (Outcome.STRENGTH, Outcome.WATCH, Outcome.RISK)
    )
