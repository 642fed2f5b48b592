"""``dealreview review --format html``."""

from pathlib import Path

import pytest

from tests.cli.running import DAY, OURS, run
from tests.reports.html.pages import Reader
from tests.reports.shop import deal, shop

Capture = pytest.CaptureFixture[str]


def test_html_is_written_to_a_file(capsys: Capture, tmp_path: Path) -> None:
    """The file appears whole, nothing is printed, and the exit code is that of every form."""
    shop(tmp_path, deal(1, "bad", payment_terms_days=90))
    target = tmp_path / "review.html"
    where = ("--db", tmp_path / "shop.db", *DAY, *OURS, "--format", "html", "-o", target)
    found = run(capsys, "review", *where, "--fail-on", "risk")
    assert (found.code, found.out) == (1, "")
    text = Reader(target.read_text("utf-8")).text
    assert "The gate failed (--fail-on risk)" in text
    assert "run 1" in text


def test_html_without_a_file_is_wrong_use(capsys: Capture, tmp_path: Path) -> None:
    """A page does not go to a terminal; the message says what to write."""
    shop(tmp_path)
    found = run(capsys, "review", "--db", tmp_path / "shop.db", "--format", "html")
    assert found.code == 2
    assert "--format html -o review.html" in found.err


def test_detail_bounds_the_cards(capsys: Capture, tmp_path: Path) -> None:
    """--detail 2 writes two cards."""
    shop(tmp_path)
    target = tmp_path / "review.html"
    where = ("--db", tmp_path / "shop.db", *DAY, *OURS, "--format", "html", "-o", target)
    assert run(capsys, "review", *where, "--detail", "2").code == 0
    assert target.read_text("utf-8").count('<article class="card"') == 2
