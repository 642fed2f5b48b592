"""When a check is not asked any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dealreview.engine import breaker as module
from dealreview.engine.breaker import ENDINGS, FAILURES_IN_A_ROW, Breaker
from dealreview.engine.config import Config
from dealreview.engine.isolation import EndedError, Raised
from dealreview.model.outcome import Kind, Outcome
from dealreview.testing import review_tables
from tests.support.hostile import AS_OF
from tests.support.packs import write

if TYPE_CHECKING:
    from pathlib import Path

FAILED, ENDED = Raised(ValueError("no")), Raised(EndedError("gone"))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([FAILED] * (FAILURES_IN_A_ROW - 1), ""),
        ([FAILED] * FAILURES_IN_A_ROW, "failed on 100 subjects in a row"),
        ([*[FAILED] * (FAILURES_IN_A_ROW - 1), 1, FAILED], ""),
        ([ENDED, 1] * (ENDINGS - 1), ""),
        ([1, ENDED] * ENDINGS, "its process ended 3 times"),
    ],
)
def test_what_opens_it(answers: list[object], said: str) -> None:
    """A hundred failures in a row, or three ended processes; an answer between starts anew."""
    watched = Breaker(60)
    for answer in answers:
        assert not watched.is_open()
        if isinstance(answer, Raised):
            watched.failed(answer)
    assert watched.is_open() == bool(said)
    assert said in watched.reason


def test_time_that_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is slow is not asked any more once its time is over."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    watched = Breaker(5)
    assert not watched.is_open()
    now[0] = 5.1
    assert watched.is_open()
    assert watched.reason == "the first 1 took longer than 5 s"


def test_the_rest_are_errors_and_counted(tmp_path: Path) -> None:
    """Subjects that were not asked about are errors; the run names how many and why."""
    code = """
    @check("acme/never", severity="minor", ask=["What now?"], reads=["milestone"])
    def never(deal):
        \"\"\"It never works.\"\"\"
        raise ValueError("no luck")
    """
    folder = write(tmp_path / "packs", acme=code.replace("\n    ", "\n"))
    deals = [{"deal_id": f"d{n:03}", "stage_id": "s"} for n in range(FAILURES_IN_A_ROW + 20)]
    rows = {"stages": [{"stage_id": "s", "kind": "open", "milestone": 4}], "deals": deals}
    config = Config(plugins=(folder,), autoload=False)
    review = review_tables(rows, AS_OF, config=config, select=["acme"])
    [result] = review.kinds[Kind.DEAL].results
    assert (result.codes == Outcome.ERROR.code).all()
    [problem] = review.errors
    told = (
        "raised ValueError: no luck, on deal:d000 and 99 others. It was not asked about 20 others"
    )
    assert told in str(problem)
