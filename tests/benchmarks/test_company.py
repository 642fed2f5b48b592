"""The generated company that is measured."""

from pathlib import Path

from benchmarks.company import AS_OF, make_company
from dealreview.engine.config import Config
from dealreview.engine.review import Review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind, Outcome
from dealreview.store.database import Database


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
